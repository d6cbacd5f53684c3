/** What the actions of all commands share. */
import type { Command } from "commander";
import { EXIT, errorFacts, exitCodeOf, remedyOf, sentenceOf } from "../exit.js";
import { plain, type Terminal } from "../terminal.js";

export interface Shell {
  readonly terminal: Terminal;
  /** Whether errors are shown with their stacks. */
  readonly debug: boolean;
  /** Ends the process with this code, once it has nothing left to do. */
  exit(code: number): void;
}

/** Adds an example to a command's help. */
export function example(command: Command, ...lines: readonly string[]): Command {
  return command.addHelpText(
    "after",
    `\nExample${lines.length > 1 ? "s" : ""}:\n${lines.map((line) => `  ${line}`).join("\n")}`,
  );
}

/** Reports an error, of one thing among others where `about` names it. @returns Its exit code. */
export function reportError(
  { terminal, debug }: Shell,
  about: string | undefined,
  error: unknown,
  json = false,
): number {
  if (json) terminal.json({ event: "error", ...(about === undefined ? {} : { about }), ...errorFacts(error) });
  const remedy = remedyOf(error);
  terminal.say(
    `${terminal.paint("red", "magnific:")} ${about === undefined ? "" : `${plain(about)}: `}${plain(sentenceOf(error))}`,
  );
  if (remedy !== undefined) terminal.say(`  ${plain(remedy)}`);
  if (debug) terminal.say(stackOf(error));
  return exitCodeOf(error);
}

/** The stack of an error and of its causes. */
export function stackOf(error: unknown): string {
  const stacks: string[] = [];
  for (let one = error; one instanceof Error; one = one.cause) stacks.push(one.stack ?? one.message);
  return stacks.join("\ncaused by ");
}

/** The most telling one of several exit codes. */
export function worst(codes: readonly number[]): number {
  const order: readonly number[] = [EXIT.usage, EXIT.unknown, EXIT.interrupted, EXIT.refused, EXIT.failed];
  return order.find((code) => codes.includes(code)) ?? EXIT.ok;
}
