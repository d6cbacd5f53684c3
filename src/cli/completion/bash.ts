import { type Flag, type Node, nodesOf } from "./tree.js";

/** A script for bash; needs nothing of the package bash-completion. */
export function bashCompletion(root: Node): string {
  const nodes = nodesOf(root);
  const cases = nodes.map((node) => {
    const words = [...node.children.map(({ path }) => path.at(-1)), ...node.values];
    const flags = node.options.flatMap(({ short, long }) => (short === undefined ? [long] : [short, long]));
    return `    "${node.path.join(" ")}") words="${words.join(" ")}"; flags="${flags.join(" ")}" ;;`;
  });
  const names = (node: Node, { short, long }: Flag): string[] =>
    [long, ...(short === undefined ? [] : [short])].map((name) => `"${[...node.path, name].join(" ")}"`);
  const valued = nodes.flatMap((node) =>
    node.options.filter((flag) => flag.takesValue).map((flag) => ({ node, flag })),
  );
  const free = valued.filter(({ flag }) => flag.values.length === 0).flatMap(({ node, flag }) => names(node, flag));
  const chosen = valued
    .filter(({ flag }) => flag.values.length > 0)
    .map(({ node, flag }) => {
      const reply = `COMPREPLY=($(compgen -W "${flag.values.join(" ")}" -- "$word"))`;
      return `    ${names(node, flag).join("|")}) ${reply}; return ;;`;
    });
  const paths = nodes.filter(({ path }) => path.length > 0).map(({ path }) => `"${path.join(" ")}"`);
  return `# bash completion of magnific; made by \`magnific completion bash\`
_magnific() {
  local word="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" command="" next words="" flags="" at
  COMPREPLY=()
  for ((at = 1; at < COMP_CWORD; at++)); do
    next="\${command:+$command }\${COMP_WORDS[at]}"
    case "$next" in ${paths.join("|")}) command="$next" ;; esac
  done
  case "\${command:+$command }$previous" in
${chosen.join("\n")}
    ${free.join("|")}) compopt -o default 2>/dev/null; return ;;
  esac
  case "$command" in
${cases.join("\n")}
  esac
  if [[ "$word" == -* ]]; then COMPREPLY=($(compgen -W "$flags" -- "$word"))
  elif [ -n "$words" ]; then COMPREPLY=($(compgen -W "$words" -- "$word"))
  else compopt -o default 2>/dev/null
  fi
}
complete -F _magnific magnific
`;
}
