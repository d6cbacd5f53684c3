/** What the actions of all commands share. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Command } from "commander";
import { MagnificError } from "../../errors/magnific-error.js";
import { EXIT, errorFacts, exitCodeOf, remedyOf, sentenceOf } from "../exit.js";
import type { Operation, Operations } from "../operation.js";
import { plain, type Terminal } from "../terminal.js";

const require = createRequire(import.meta.url);
export const VERSION: string = require("magnific-client/package.json").version;

/** What installs a package next to this one. The folder of global packages is not below a package. */
export function installLine(name: string, folder: string = dirname(require.resolve("magnific-client/package.json"))) {
  const isGlobal = /node_modules$/.test(dirname(folder)) && !existsSync(join(folder, "../../package.json"));
  return `npm i ${isGlobal ? "-g " : ""}${name}`;
}

export interface Shell {
  readonly terminal: Terminal;
  readonly debug: boolean;
  /** What --operation can name, and what the call is about. */
  readonly operations: Operations;
  operation: Operation;
  /** Whether results are objects, as --json asks for. */
  json: boolean;
  /** Writes a line above what is drawn, while something is. */
  above?: ((line: string) => void) | undefined;
  /** Ends the process with this code, once it has nothing left to do. */
  exit(code: number): void;
}

/** A subcommand whose help ends with examples. @param summary Its line in the list of subcommands. */
export function subcommand(name: string, summary: string, description: string, ...examples: string[]): Command {
  const heading = examples.length > 1 ? "Examples" : "Example";
  return new Command(name)
    .summary(summary)
    .description(description)
    .addHelpText("after", [`\n${heading}:`, ...examples].join("\n  "));
}

/** A part of the command's result: the object with --json, else the lines. */
export function tell({ terminal, json }: Shell, facts: object, ...lines: readonly string[]): void {
  if (json) terminal.json(facts);
  else for (const line of lines) terminal.out(line);
}

/** Reports an error, of one thing among others where `about` names it. @returns Its exit code. */
export function reportError({ terminal, debug, json }: Shell, error: unknown, about?: string): number {
  const docs = error instanceof MagnificError ? { docs: error.docs } : {};
  if (json) terminal.json({ event: "error", ...(about === undefined ? {} : { about }), ...errorFacts(error), ...docs });
  const remedy = remedyOf(error);
  terminal.say(
    `${terminal.paint("red", "magnific:")} ${about === undefined ? "" : `${plain(about)}: `}${plain(sentenceOf(error))}`,
  );
  if (remedy !== undefined) terminal.say(`  ${plain(remedy)}`);
  if (debug) terminal.say(stackOf(error));
  return exitCodeOf(error);
}

export function stackOf(error: unknown): string {
  const stacks: string[] = [];
  for (let one = error; one instanceof Error; one = one.cause) stacks.push(one.stack ?? one.message);
  return stacks.join("\ncaused by ");
}

/** The most telling one of several exit codes. */
export function worst(codes: readonly number[]): number {
  const order: readonly number[] = [EXIT.usage, EXIT.unknown, EXIT.interrupted, EXIT.refused, EXIT.limit, EXIT.failed];
  return order.find((code) => codes.includes(code)) ?? EXIT.ok;
}
