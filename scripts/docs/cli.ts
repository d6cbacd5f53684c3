/** The page of the command: the help of each command, as it prints it. */
import type { Command } from "commander";
import type { Shell } from "../../src/cli/commands/command.js";
import { DEFAULT_OPERATION, OPERATIONS } from "../../src/cli/operation.js";
import { programOf } from "../../src/cli/program.js";
import { terminalOf } from "../../src/cli/terminal.js";

export function cliPage(): string {
  let printed = "";
  const shell: Shell = {
    debug: false,
    json: false,
    operations: OPERATIONS,
    operation: DEFAULT_OPERATION,
    exit: () => undefined,
    terminal: {
      ...terminalOf(process),
      out: (line) => {
        printed += `${line}\n`;
      },
      paint: (_, text) => text,
    },
  };
  const help = (command: Command): string => {
    printed = "";
    command.configureOutput({ getOutHelpWidth: () => 80 });
    command.outputHelp();
    return `\`\`\`text\n${printed.trimEnd()}\n\`\`\``;
  };
  const program = programOf(shell);
  const sections = program.commands.flatMap((command) => [
    `## \`magnific ${command.name()}\``,
    help(command),
    ...command.commands.flatMap((child) => [`### \`magnific ${command.name()} ${child.name()}\``, help(child)]),
  ]);
  return [
    "# The command",
    "`npm install --global magnific-client`, or `npx --package magnific-client magnific` without installing it. [How batches work](../guides/batches.md).",
    help(program),
    ...sections,
    "",
  ].join("\n\n");
}
