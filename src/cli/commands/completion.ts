/** `magnific completion`: short scripts for a shell, which ask the command itself at each Tab. */
import { Argument, Command, type Option } from "commander";
import { type Shell, subcommand } from "./command.js";

/** Each asks for the words that can follow, one a line with its description; where there are none, files are completed. */
const SCRIPTS = {
  bash: `_magnific() {
  local IFS=$'\\n'
  COMPREPLY=($("\${COMP_WORDS[0]}" __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | cut -f1))
  [ \${#COMPREPLY[@]} -gt 0 ] || compopt -o default 2>/dev/null
}
complete -F _magnific magnific`,
  zsh: `#compdef magnific
_magnific() {
  local line
  local -a found
  for line in \${(f)"$("\${words[1]}" __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)"}; do
    found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  if (( $#found )); then _describe magnific found; else _files; fi
}
if [ "$funcstack[1]" = "_magnific" ]; then _magnific "$@"; else compdef _magnific magnific; fi`,
  fish: `function __magnific_words
  set -l before (commandline -opc)
  set -l current (commandline -ct)
  $before[1] __complete -- $before[2..-1] "$current" 2>/dev/null
end
complete -c magnific -f -n 'set -g __magnific_found (__magnific_words); test (count $__magnific_found) -gt 0' -a '$__magnific_found'`,
} as const;

export function completionCommand({ terminal }: Shell): Command {
  return subcommand(
    "completion",
    "print a completion script for your shell",
    "Prints a script with which bash, zsh or fish complete commands, options and their values.",
    "magnific completion bash > ~/.local/share/bash-completion/completions/magnific",
    "magnific completion zsh > ~/.zfunc/_magnific",
    "magnific completion fish > ~/.config/fish/completions/magnific.fish",
  )
    .addArgument(new Argument("<shell>", "which shell").choices(Object.keys(SCRIPTS)))
    .action((shell: keyof typeof SCRIPTS) => terminal.out(SCRIPTS[shell]));
}

/** What these scripts call. */
export function completeCommand({ terminal }: Shell, program: Command): Command {
  return new Command("__complete").argument("[words...]").action((words: string[]) => {
    for (const line of complete(program, words)) terminal.out(line);
  });
}

/** @param words What follows the command's name up to the cursor; the last is being typed. */
function complete(program: Command, words: readonly string[]): string[] {
  let command = program;
  for (const word of words.slice(0, -1))
    command = (command.commands as Command[]).find((child) => child.name() === word) ?? command;
  const [previous = "", current = ""] = [words.at(-2), words.at(-1)];
  const help = command.createHelp();
  const options = help.visibleOptions(command);
  const valued = options.find((option) => (option.required || option.optional) && namesOf(option).includes(previous));
  const found =
    valued !== undefined
      ? (valued.argChoices ?? []).map((choice) => [choice, ""])
      : current.startsWith("-")
        ? options.flatMap((option) => namesOf(option).map((name) => [name, option.description]))
        : [
            ...help.visibleCommands(command).map((child) => [child.name(), help.subcommandDescription(child)]),
            ...(command.registeredArguments[0]?.argChoices ?? []).map((choice) => [choice, ""]),
          ];
  return found.filter(([word = ""]) => word.startsWith(current) && word !== "help").map((line) => line.join("\t"));
}

function namesOf({ long, short }: Option): string[] {
  return [long, short].filter((name) => name !== undefined);
}
