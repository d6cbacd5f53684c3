/** The commands and their options as the completion scripts need them. */
import type { Command } from "../commander.js";

export interface Node {
  /** The words that lead to it, e.g. `["webhook", "listen"]`; none for the command itself. */
  readonly path: readonly string[];
  readonly summary: string;
  readonly options: readonly Flag[];
  readonly children: readonly Node[];
  /** Values of its argument, where there is a choice; otherwise files are completed. */
  readonly values: readonly string[];
}

export interface Flag {
  readonly short: string | undefined;
  readonly long: string;
  readonly description: string;
  readonly takesValue: boolean;
  readonly values: readonly string[];
}

export function treeOf(command: Command, path: readonly string[] = []): Node {
  const help = command.createHelp();
  return {
    path,
    summary: help.subcommandDescription(command),
    options: help.visibleOptions(command).map((option) => ({
      short: option.short,
      long: option.long ?? "",
      description: option.description,
      takesValue: option.required || option.optional,
      values: option.argChoices ?? [],
    })),
    children: help
      .visibleCommands(command)
      .filter((child) => child.name() !== "help")
      .map((child) => treeOf(child, [...path, child.name()])),
    values: command.registeredArguments[0]?.argChoices ?? [],
  };
}

/** The node and all below it. */
export function nodesOf(node: Node): Node[] {
  return [node, ...node.children.flatMap(nodesOf)];
}
