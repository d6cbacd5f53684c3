/** `magnific completion`: the shell completes commands and options. */

import { Argument, Command } from "../commander.js";
import { bashCompletion } from "../completion/bash.js";
import { fishCompletion } from "../completion/fish.js";
import { treeOf } from "../completion/tree.js";
import { zshCompletion } from "../completion/zsh.js";
import { example, type Shell } from "./command.js";

const SHELLS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;

export function completionCommand({ terminal }: Shell, program: Command): Command {
  const command = new Command("completion")
    .summary("print a completion script for your shell")
    .description("Prints a script that has bash, zsh or fish complete commands, options and their values.")
    .addArgument(new Argument("<shell>", "which shell").choices(Object.keys(SHELLS)));
  example(
    command,
    "magnific completion bash > ~/.local/share/bash-completion/completions/magnific",
    "magnific completion zsh > ~/.zfunc/_magnific",
    "magnific completion fish > ~/.config/fish/completions/magnific.fish",
  );
  return command.action((shell: keyof typeof SHELLS) => {
    terminal.out(SHELLS[shell](treeOf(program)).trimEnd());
  });
}
