/** The options that tests say they hold. */
import ts from "typescript";

/** `// @tests WaitOptions, CallOptions` in a test file says whose options its titles speak of. */
const MARKER = /^\s*(?:\/\/|\*|\/\*\*?)\s*@tests\s+([\w,/. ]+)/gm;

/**
 * The options that a test file holds, as `Interface.option`. A test names its options before a colon in its title:
 * `it("maxBytes: bounds a result", …)`, `it("minDelay and maxDelay: …", …)`. A marker above a test may also name the very
 * option: `// @tests WaitOptions.signal`.
 */
export function testedOptions(file: string, text: string): string[] {
  const owners = [...text.matchAll(MARKER)].flatMap((match) => (match[1] ?? "").split(",").map((one) => one.trim()));
  if (owners.length === 0) return [];
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    const title = ts.isCallExpression(node) ? titleOf(node) : undefined;
    const head = title?.includes(":") ? (title.split(":")[0] ?? "") : "";
    // What a value is given to (`format false: …`) is still the option's name.
    for (const part of head.split(/,| and /)) names.add(part.trim().split(/[\s"]/)[0] ?? "");
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, false, ts.ScriptKind.TS));
  names.delete("");
  return owners.flatMap((owner) => (owner.includes(".") ? [owner] : [...names].map((name) => `${owner}.${name}`)));
}

function titleOf({ expression, arguments: [title] }: ts.CallExpression): string | undefined {
  const called = ts.isPropertyAccessExpression(expression) ? expression.expression : expression;
  const test = ts.isIdentifier(called) && ["it", "test"].includes(called.text);
  return test && title !== undefined && ts.isStringLiteralLike(title) ? title.text : undefined;
}
