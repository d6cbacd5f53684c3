/** The page of the command: what each command's own help says. */
import type { Command } from "commander";
import type { Shell } from "../../src/cli/commands/command.js";
import { programOf } from "../../src/cli/program.js";
import { terminalOf } from "../../src/cli/terminal.js";
import { generatedFrom } from "./markdown.js";

export function cliPage(): string {
  let said = "";
  const shell: Shell = {
    debug: false,
    exit: () => undefined,
    terminal: {
      ...terminalOf(process),
      out: (line) => {
        said += `${line}\n`;
      },
      paint: (_, text) => text,
    },
  };
  const program: Command = programOf(shell);
  const helpOf = (command: Command): string => {
    said = "";
    command.configureOutput({ getOutHelpWidth: () => 80 });
    command.outputHelp();
    return said.trimEnd();
  };
  const sections = program.commands.map((command) => [
    `## \`magnific ${command.name()}\``,
    fence(helpOf(command)),
    ...command.commands.map((child) => `### \`magnific ${command.name()} ${child.name()}\`\n\n${fence(helpOf(child))}`),
  ]);
  return [
    "# The command",
    generatedFrom("the command's own help"),
    "`npm install --global magnific-client`, or `npx --package magnific-client magnific` without installing it. [How batches work](../guides/batches.md).",
    fence(helpOf(program)),
    ...sections.flat(),
    "",
  ].join("\n\n");
}

const fence = (text: string): string => `\`\`\`text\n${text}\n\`\`\``;
