/** The command line as a whole. */
import { Command, CommanderError, Option } from "commander";
import { reportError, type Shell, VERSION } from "./commands/command.js";
import { completeCommand, completionCommand } from "./commands/completion.js";
import { doctorCommand } from "./commands/doctor.js";
import { sandboxCommand } from "./commands/sandbox.js";
import { submitCommand } from "./commands/submit.js";
import { downloadCommand, listCommand, statusCommand, waitCommand } from "./commands/tasks.js";
import { resumeCommand, upscaleCommand } from "./commands/upscale.js";
import { webhookCommand } from "./commands/webhook.js";
import { applyDefaults } from "./config.js";
import { EXIT, UsageError } from "./exit.js";
import { operationIn } from "./operation.js";
import { choiceOf } from "./options.js";
import { plain } from "./terminal.js";

const AFTER = `
The key comes from MAGNIFIC_API_KEY, or from a file that only you may read (--key-file, MAGNIFIC_API_KEY_FILE,
~/.config/magnific/key); never from an argument, which every user of the machine could see.
Defaults of other options come from MAGNIFIC_<OPTION>, else from ~/.config/magnific/config.json: {"sharpen": 60}.
A proxy is read from HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY.

Exit codes:
  0  success
  1  some failed
  2  invalid call; nothing was sent
  3  refused by the provider: key, credits, plan
  4  sends with an unknown outcome, which a human must look at
  5  the limit of --max-paid is reached; a higher one resumes
  130  interrupted by Ctrl-C; the same command resumes

Example:
  magnific upscale photos/ --out big/ --concurrency 8`;

const OPERATION = ["--operation <path>", "use another operation than the default, by the path of its POST"] as const;

/** The commands that can be about another operation; `resume` knows that of its batch. */
const OPERATING = ["upscale", "submit", "status", "wait", "list", "download"];

export function programOf(shell: Shell): Command {
  const program = new Command("magnific")
    .description("Upscales images with the Magnific API's Precision Upscaler, and never pays for one twice.")
    .version(VERSION, "-V, --version", "print the version")
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
    completionCommand,
  ])
    program.addCommand(make(shell));
  program.addCommand(completeCommand(shell, program), { hidden: true });
  program.hook("preAction", async (_, action) => {
    await applyDefaults(shell, action);
    shell.json = action.opts().json === true;
  });
  const debug = new Option("--debug", "show the stack of errors");
  const children = program.commands as Command[];
  for (const command of children)
    if (OPERATING.includes(command.name())) command.addOption(choiceOf(...OPERATION, Object.keys(shell.operations)));
  for (const command of [program, ...children, ...children.flatMap(({ commands }) => commands as Command[])]) {
    command.exitOverride().helpOption("-h, --help", "show help").addOption(debug);
    command.showHelpAfterError("Use --help to see how to call it.").configureOutput({
      writeOut: (text) => shell.terminal.out(text.trimEnd()),
      writeErr: (text) => shell.terminal.say(text.trimEnd().split("\n").map(plain).join("\n")),
      outputError: (text, write) => write(`magnific: ${text.replace(/^error: /, "")}`),
    });
  }
  return program;
}

/** One call: parses `argv` as the process has it, runs, and turns an error into a sentence and an exit code. */
export async function call(shell: Shell, argv: readonly string[]): Promise<void> {
  // A call that cannot be parsed has no options yet.
  shell.json = argv.includes("--json");
  try {
    if (argv[2] !== "__complete" && argv.some((argument) => /^--(?:api-)?key(?:=|$)/.test(argument)))
      throw new UsageError(
        "A key on the command line can be read by every user of this machine. Set MAGNIFIC_API_KEY, or use --key-file.",
      );
    shell.operation = await operationIn(shell.operations, argv);
    await programOf(shell).parseAsync(argv);
  } catch (error) {
    if (error instanceof CommanderError) {
      // Help and version end this way too.
      shell.exit(error.exitCode === 0 ? EXIT.ok : EXIT.usage);
      if (error.exitCode !== 0 && shell.json)
        shell.terminal.json({ event: "error", message: error.message.replace(/^error: /, "") });
    } else {
      shell.exit(reportError(shell, error));
    }
  }
}
