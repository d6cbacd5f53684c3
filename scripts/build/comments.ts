/** Source text without its comments. Pure. */
import ts from "typescript";

/** The same code in the same lines, so that a line's number still says where it stands in the repository. */
export function withoutComments(name: string, text: string): string {
  const file = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);
  const ranges = new Map<number, number>();
  const visit = (node: ts.Node): void => {
    const children = node.getChildren(file);
    // What stands before and behind a token is looked for at tokens alone: inside a template there is none.
    if (children.length === 0) {
      for (const { pos, end } of [
        ...(ts.getLeadingCommentRanges(text, node.getFullStart()) ?? []),
        ...(ts.getTrailingCommentRanges(text, node.getEnd()) ?? []),
      ])
        if (!(pos < node.getEnd() && end > node.getStart(file))) ranges.set(pos, end);
    }
    for (const child of children) if (!ts.isJSDoc(child)) visit(child);
  };
  visit(file);
  let result = "";
  let from = 0;
  for (const [pos, end] of [...ranges].sort(([a], [b]) => a - b)) {
    result += text.slice(from, pos) + text.slice(pos, end).replace(/[^\n]+/g, "");
    from = end;
  }
  return (result + text.slice(from)).replace(/[ \t]+$/gm, "");
}
