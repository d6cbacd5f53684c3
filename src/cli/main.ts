#!/usr/bin/env node
/** `magnific`: parses, runs, and turns what went wrong into a sentence and an exit code. */
import { setFlagsFromString } from "node:v8";
import { CommanderError } from "./commander.js";
import { type Shell, tellError } from "./commands/command.js";
import { EXIT, UsageError } from "./exit.js";
import { programOf } from "./program.js";
import { terminalOf } from "./terminal.js";

// A batch runs for hours and waits most of the time: it collects its garbage soon instead of taking ever more memory.
setFlagsFromString("--optimize-for-size");
setFlagsFromString("--heap-growing-percent=20");

const shell: Shell = {
  terminal: terminalOf(process),
  debug: process.argv.includes("--debug"),
  exit: (code) => {
    process.exitCode = code;
  },
};

try {
  if (process.argv.some((argument) => /^--(?:api-)?key(?:=|$)/.test(argument)))
    throw new UsageError(
      "A key on the command line can be read by every user of this machine. Set MAGNIFIC_API_KEY, or give --key-file.",
    );
  await programOf(shell).parseAsync(process.argv);
} catch (error) {
  if (error instanceof CommanderError) {
    // Help and version end this way too.
    process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (error.exitCode !== 0 && error.code !== "commander.help" && process.argv.includes("--json"))
      shell.terminal.json({ event: "error", message: error.message.replace(/^error: /, "") });
    if (/unknown option '--(?:api-)?key\b/.test(error.message))
      shell.terminal.say(
        "A key on the command line could be read by every user of this machine: set MAGNIFIC_API_KEY instead.",
      );
  } else {
    process.exitCode = tellError(shell, undefined, error, process.argv.includes("--json"));
  }
}
// What was to be told did not get through.
process.on("exit", () => {
  if (shell.terminal.broken !== undefined && !process.exitCode) process.exitCode = EXIT.failed;
});
