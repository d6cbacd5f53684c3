/** What a command's action is given, and what it gives back. */
import type { Command } from "../commander.js";
import { EXIT, errorFacts, exitCodeOf, remedyOf, sentenceOf } from "../exit.js";
import { plain, type Terminal } from "../terminal.js";

export interface Shell {
  readonly terminal: Terminal;
  /** Whether errors are told with their stacks. */
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

/** Says an error of one thing and gives its exit code; the command goes on with the next thing. */
export function tellError({ terminal, debug }: Shell, about: string | undefined, error: unknown, json = false): number {
  if (json) terminal.json({ event: "error", ...(about === undefined ? {} : { about }), ...errorFacts(error) });
  const remedy = remedyOf(error);
  terminal.say(
    `${terminal.paint("red", "magnific:")} ${about === undefined ? "" : `${plain(about)}: `}${plain(sentenceOf(error))}`,
  );
  if (remedy !== undefined) terminal.say(`  ${plain(remedy)}`);
  if (debug) terminal.say(stackOf(error));
  return exitCodeOf(error);
}

/** Where an error comes from, and what caused it. */
export function stackOf(error: unknown): string {
  const stacks: string[] = [];
  for (let one = error; one instanceof Error; one = one.cause) stacks.push(one.stack ?? one.message);
  return stacks.join("\ncaused by ");
}

/** The one that says most of several exit codes. */
export function worst(codes: readonly number[]): number {
  const order: readonly number[] = [EXIT.usage, EXIT.unknown, EXIT.interrupted, EXIT.refused, EXIT.failed];
  return order.find((code) => codes.includes(code)) ?? EXIT.ok;
}

/**
 * Aborts on Ctrl-C and on a request to end; one more ends the process.
 *
 * @param first Called for the first in its place.
 */
export function untilInterrupted(first?: () => void): AbortSignal {
  const controller = new AbortController();
  const signals = ["SIGINT", "SIGTERM"] as const;
  let gentle = first;
  const onSignal = (): void => {
    if (gentle !== undefined) {
      gentle();
      gentle = undefined;
      return;
    }
    for (const signal of signals) process.off(signal, onSignal);
    controller.abort();
  };
  for (const signal of signals) process.on(signal, onSignal);
  return controller.signal;
}
