/** One call of the command: parses, runs, and turns an error into a sentence and an exit code. */
import { CommanderError } from "commander";
import { reportError, type Shell } from "./commands/command.js";
import { EXIT, UsageError } from "./exit.js";
import { programOf } from "./program.js";

/** @param argv As the process has it: the runtime, the command, and its arguments. */
export async function call(shell: Shell, argv: readonly string[]): Promise<void> {
  const json = argv.includes("--json");
  try {
    if (argv[2] !== "__complete" && argv.some((argument) => /^--(?:api-)?key(?:=|$)/.test(argument)))
      throw new UsageError(
        "A key on the command line can be read by every user of this machine. Set MAGNIFIC_API_KEY, or use --key-file.",
      );
    await programOf(shell).parseAsync(argv);
  } catch (error) {
    if (error instanceof CommanderError) {
      // Help and version end this way too.
      shell.exit(error.exitCode === 0 ? EXIT.ok : EXIT.usage);
      if (error.exitCode !== 0 && json)
        shell.terminal.json({ event: "error", message: error.message.replace(/^error: /, "") });
    } else {
      shell.exit(reportError(shell, undefined, error, json));
    }
  }
}
