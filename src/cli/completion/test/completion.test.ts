import { expect, it } from "vitest";
import { Argument, Command, Option } from "../../commander.js";
import { bashCompletion } from "../bash.js";
import { fishCompletion } from "../fish.js";
import { nodesOf, treeOf } from "../tree.js";
import { zshCompletion } from "../zsh.js";

function program(): Command {
  const upscale = new Command("up-scale")
    .summary("it's: [big]")
    .argument("<in>")
    .option("-o, --out <folder>", "where [results]: go, it's \\ here")
    .option("--level [n]", "how much")
    .addOption(new Option("-m, --mode <mode>", "how").choices(["a", "b"]))
    .addOption(new Option("--secret", "not shown").hideHelp())
    .helpOption(false);
  const listen = new Command("listen").description("listens").helpOption(false);
  const webhook = new Command("webhook").summary("hooks").addCommand(listen).helpOption(false);
  const shell = new Command("shell")
    .summary("one of")
    .addArgument(new Argument("<shell>").choices(["x", "y"]))
    .helpOption(false);
  return new Command("magnific")
    .option("--debug", "show more")
    .helpOption(false)
    .addCommand(upscale)
    .addCommand(webhook)
    .addCommand(shell);
}

const flag = { short: undefined, takesValue: false, values: [] };

it("a tree has the commands, their options and their values", () => {
  const tree = treeOf(program());
  const [upscale, webhook, shell] = tree.children;
  expect(tree).toMatchObject({ path: [], values: [] });
  expect(tree.options).toEqual([{ ...flag, long: "--debug", description: "show more" }]);
  expect(tree.children).toHaveLength(3);
  expect(upscale).toEqual({
    path: ["up-scale"],
    summary: "it's: [big]",
    children: [],
    values: [],
    options: [
      { ...flag, short: "-o", long: "--out", description: "where [results]: go, it's \\ here", takesValue: true },
      { ...flag, long: "--level", description: "how much", takesValue: true },
      { short: "-m", long: "--mode", description: "how", takesValue: true, values: ["a", "b"] },
    ],
  });
  expect(webhook?.children).toMatchObject([{ path: ["webhook", "listen"], summary: "listens", options: [] }]);
  expect(shell?.values).toEqual(["x", "y"]);
  expect(nodesOf(tree).map(({ path }) => path.join(" "))).toEqual([
    "",
    "up-scale",
    "webhook",
    "webhook listen",
    "shell",
  ]);
});

it("a script for bash knows what follows which words", () => {
  const script = bashCompletion(treeOf(program()));
  expect(script).toContain('case "$next" in "up-scale"|"webhook"|"webhook listen"|"shell") command="$next" ;; esac\n');
  expect(script).toContain(`  case "\${command:+$command }$previous" in
    "up-scale --mode"|"up-scale -m") COMPREPLY=($(compgen -W "a b" -- "$word")); return ;;
    "up-scale --out"|"up-scale -o"|"up-scale --level") compopt -o default 2>/dev/null; return ;;
  esac
  case "$command" in
    "") words="up-scale webhook shell"; flags="--debug" ;;
    "up-scale") words=""; flags="-o --out --level -m --mode" ;;
    "webhook") words="listen"; flags="" ;;
    "webhook listen") words=""; flags="" ;;
    "shell") words="x y"; flags="" ;;
  esac
`);
  expect(script.endsWith("}\ncomplete -F _magnific magnific\n")).toBe(true);
});

it("a script for fish has a line for each word, value and option", () => {
  expect(fishCompletion(treeOf(program()))).toBe(`# fish completion of magnific; made by \`magnific completion fish\`
complete -c magnific -f -n 'not __fish_seen_subcommand_from up-scale webhook shell' -a up-scale -d 'it\\'s: [big]'
complete -c magnific -f -n 'not __fish_seen_subcommand_from up-scale webhook shell' -a webhook -d 'hooks'
complete -c magnific -f -n 'not __fish_seen_subcommand_from up-scale webhook shell' -a shell -d 'one of'
complete -c magnific -n 'not __fish_seen_subcommand_from up-scale webhook shell' -l debug -d 'show more'
complete -c magnific -n '__fish_seen_subcommand_from up-scale' -s o -l out -r -d 'where [results]: go, it\\'s \\\\ here'
complete -c magnific -n '__fish_seen_subcommand_from up-scale' -l level -r -d 'how much'
complete -c magnific -n '__fish_seen_subcommand_from up-scale' -s m -l mode -x -a 'a b' -d 'how'
complete -c magnific -f -n '__fish_seen_subcommand_from webhook; and not __fish_seen_subcommand_from listen' -a listen -d 'listens'
complete -c magnific -f -n '__fish_seen_subcommand_from shell' -a x
complete -c magnific -f -n '__fish_seen_subcommand_from shell' -a y
`);
});

it("a script for zsh has a function for each command", () => {
  expect(zshCompletion(treeOf(program()))).toBe(`#compdef magnific
# zsh completion of magnific; made by \`magnific completion zsh\`
_magnific_up_scale() {
  _arguments -s \\
    '-o[where \\[results\\]\\: go, it'\\''s \\ here]:value:_files' \\
    '--out[where \\[results\\]\\: go, it'\\''s \\ here]:value:_files' \\
    '--level[how much]:value:_files' \\
    '-m[how]:value:(a b)' \\
    '--mode[how]:value:(a b)' \\
    '*:file:_files'
}
_magnific_webhook_listen() {
  _arguments -s \\

    '*:file:_files'
}
_magnific_webhook() {
  local state line
  local -a commands=(
    'listen:listens'
  )
  _arguments -C \\

    '1:command:->command' '*::argument:->argument'
  case $state in
    command) _describe command commands ;;
    argument)
      case $line[1] in
        listen) _magnific_webhook_listen ;;
      esac ;;
  esac
}
_magnific_shell() {
  _arguments -s \\

    '1:value:(x y)'
}
_magnific() {
  local state line
  local -a commands=(
    'up-scale:it'\\''s\\: [big]'
    'webhook:hooks'
    'shell:one of'
  )
  _arguments -C \\
    '--debug[show more]' \\
    '1:command:->command' '*::argument:->argument'
  case $state in
    command) _describe command commands ;;
    argument)
      case $line[1] in
        up-scale) _magnific_up_scale ;;
        webhook) _magnific_webhook ;;
        shell) _magnific_shell ;;
      esac ;;
  esac
}
if [ "$funcstack[1]" = "_magnific" ]; then _magnific "$@"; else compdef _magnific magnific; fi
`);
});
