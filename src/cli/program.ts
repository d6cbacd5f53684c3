/** The command line as a whole. */
import { Command } from "./commander.js";
import type { Shell } from "./commands/command.js";
import { completionCommand } from "./commands/completion.js";
import { doctorCommand } from "./commands/doctor.js";
import { downloadCommand } from "./commands/download.js";
import { sandboxCommand } from "./commands/sandbox.js";
import { submitCommand } from "./commands/submit.js";
import { listCommand, statusCommand, waitCommand } from "./commands/tasks.js";
import { resumeCommand, upscaleCommand } from "./commands/upscale.js";
import { webhookCommand } from "./commands/webhook.js";
import { packageVersion } from "./version.js";

const AFTER = `
The key comes from MAGNIFIC_API_KEY, or from a file that only you may read (--key-file, MAGNIFIC_API_KEY_FILE,
~/.config/magnific/key); never from an argument, which every user of the machine could see.

Exit codes:
  0  all went well
  1  some failed
  2  called in a way that cannot work; nothing was sent
  3  refused by the provider: key, credits, plan
  4  sends of unknown outcome, which need a human
  130  interrupted by Ctrl-C; the same command goes on

Example:
  magnific upscale photos/ --out big/ --concurrency 8`;

export function programOf(shell: Shell): Command {
  const program = new Command("magnific")
    .description("Upscales images with the Magnific API's Precision Upscaler, and pays for none twice.")
    .version(packageVersion(), "-V, --version", "print the version")
    .helpOption("-h, --help", "show help")
    .option("--debug", "show the stack of errors")
    .showHelpAfterError("Run it with --help to see how it is used.")
    .addHelpText("after", AFTER);
  for (const make of [
    upscaleCommand,
    resumeCommand,
    submitCommand,
    statusCommand,
    waitCommand,
    listCommand,
    downloadCommand,
    webhookCommand,
    sandboxCommand,
    doctorCommand,
  ])
    program.addCommand(make(shell));
  program.addCommand(completionCommand(shell, program));
  everyCommand(program, (command) => {
    command.exitOverride();
    if (command !== program) command.helpOption("-h, --help", "show help").addOption(debugOption(program));
    command.showHelpAfterError("Run it with --help to see how it is used.");
    command.configureOutput({
      writeOut: (text) => shell.terminal.out(text.trimEnd()),
      writeErr: (text) => shell.terminal.say(text.trimEnd()),
      outputError: (text, write) => write(`magnific: ${text.replace(/^error: /, "")}`),
    });
  });
  return program;
}

function debugOption(program: Command): (typeof program.options)[number] {
  const option = program.options.find(({ long }) => long === "--debug");
  if (option === undefined) throw new Error("There is no --debug.");
  return option;
}

function everyCommand(command: Command, work: (command: Command) => void): void {
  work(command);
  for (const child of command.commands) everyCommand(child as Command, work);
}
