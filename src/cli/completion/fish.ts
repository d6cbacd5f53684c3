import { type Node, nodesOf } from "./tree.js";

/** A script for fish. */
export function fishCompletion(root: Node): string {
  const lines = nodesOf(root).flatMap((node) => {
    const when = quoted(conditionOf(node));
    const words = node.children.map(
      ({ path, summary }) => `complete -c magnific -f -n ${when} -a ${path.at(-1)} -d ${quoted(summary)}`,
    );
    const values = node.values.map((value) => `complete -c magnific -f -n ${when} -a ${value}`);
    const flags = node.options.map(({ short, long, description, takesValue, values: choices }) => {
      const names = `${short === undefined ? "" : ` -s ${short.slice(1)}`} -l ${long.slice(2)}`;
      const value = !takesValue ? "" : choices.length > 0 ? ` -x -a ${quoted(choices.join(" "))}` : " -r";
      return `complete -c magnific -n ${when}${names}${value} -d ${quoted(description)}`;
    });
    return [...words, ...values, ...flags];
  });
  return `# fish completion of magnific; made by \`magnific completion fish\`\n${lines.join("\n")}\n`;
}

/** At the end of the words that lead to the node, and not further. */
function conditionOf({ path, children }: Node): string {
  const seen = path.map((word) => `__fish_seen_subcommand_from ${word}`);
  const further = children.map(({ path: below }) => below.at(-1));
  const none = further.length > 0 ? [`not __fish_seen_subcommand_from ${further.join(" ")}`] : [];
  return [...seen, ...none].join("; and ");
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
