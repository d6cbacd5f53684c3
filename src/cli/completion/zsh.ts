import type { Flag, Node } from "./tree.js";

/** A script for zsh, for a folder of \`$fpath\` or to be sourced. */
export function zshCompletion(root: Node): string {
  return `#compdef magnific
# zsh completion of magnific; made by \`magnific completion zsh\`
${functionsOf(root).join("\n")}
if [ "$funcstack[1]" = "_magnific" ]; then _magnific "$@"; else compdef _magnific magnific; fi
`;
}

function functionsOf(node: Node): string[] {
  const name = ["_magnific", ...node.path].join("_").replaceAll("-", "_");
  const flags = node.options.flatMap(specsOf).map((spec) => `    ${quoted(spec)} \\`);
  if (node.children.length === 0) {
    const rest = node.values.length > 0 ? `1:value:(${node.values.join(" ")})` : "*:file:_files";
    return [`${name}() {\n  _arguments -s \\\n${flags.join("\n")}\n    ${quoted(rest)}\n}`];
  }
  const commands = node.children.map(
    ({ path, summary }) => `    ${quoted(`${path.at(-1)}:${summary.replaceAll(":", "\\:")}`)}`,
  );
  const cases = node.children.map(
    ({ path }) => `        ${path.at(-1)}) ${name}_${(path.at(-1) ?? "").replaceAll("-", "_")} ;;`,
  );
  return [
    ...node.children.flatMap(functionsOf),
    `${name}() {
  local state line
  local -a commands=(
${commands.join("\n")}
  )
  _arguments -C \\
${flags.join("\n")}
    '1:command:->command' '*::argument:->argument'
  case $state in
    command) _describe command commands ;;
    argument)
      case $line[1] in
${cases.join("\n")}
      esac ;;
  esac
}`,
  ];
}

function specsOf({ short, long, description, takesValue, values }: Flag): string[] {
  const text = description.replace(/[[\]]/g, "\\$&").replaceAll(":", "\\:");
  const value = !takesValue ? "" : values.length > 0 ? `:value:(${values.join(" ")})` : ":value:_files";
  return [short, long].filter((name) => name !== undefined).map((name) => `${name}[${text}]${value}`);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
