/** `magnific completion`: the shell completes commands and options. */
import { Argument, Command } from "commander";
import { complete, SCRIPTS } from "../completion.js";
import { example, type Shell } from "./command.js";

export function completionCommand({ terminal }: Shell): Command {
  const command = new Command("completion")
    .summary("print a completion script for your shell")
    .description("Prints a script with which bash, zsh or fish complete commands, options and their values.")
    .addArgument(new Argument("<shell>", "which shell").choices(Object.keys(SCRIPTS)));
  example(
    command,
    "magnific completion bash > ~/.local/share/bash-completion/completions/magnific",
    "magnific completion zsh > ~/.zfunc/_magnific",
    "magnific completion fish > ~/.config/fish/completions/magnific.fish",
  );
  return command.action((shell: keyof typeof SCRIPTS) => terminal.out(SCRIPTS[shell]));
}

/** What these scripts call. */
export function completeCommand({ terminal }: Shell, program: Command): Command {
  return new Command("__complete").argument("[words...]").action((words: string[]) => {
    for (const line of complete(program, words)) terminal.out(line);
  });
}
