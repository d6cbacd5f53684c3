/** Options that several commands share, and the client that they make. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { Magnific } from "../client.js";
import type { WaitEvent } from "../http/hooks.js";
import type { TaskStore } from "../store/task-store.js";
import type { Shell } from "./commands/command.js";
import { requireKey } from "./key.js";
import { proxyFetch } from "./proxy.js";
import { durationText, plain } from "./terminal.js";

/** Options of every command that talks to the provider. */
export interface ClientFlags {
  readonly keyFile?: string;
  readonly baseUrl?: string;
  readonly rate?: number | false;
  readonly retry?: number;
  readonly verbose?: boolean;
  /** Only of batches. */
  readonly quiet?: boolean;
  /** Only of commands that send. */
  readonly maxPaid?: number;
  readonly allowTruncated?: boolean;
  /** Milliseconds, as is `waitTimeout`; both only of commands that wait. */
  readonly poll?: number;
  readonly waitTimeout?: number;
}

export function withClientFlags(command: Command): Command {
  return command
    .option("--key-file <file>", "read the API key from this file, which only you may read (default: MAGNIFIC_API_KEY)")
    .option("--base-url <url>", "where the API is (default: MAGNIFIC_BASE_URL, else the provider)")
    .option("--rate <requests>", 'most requests a minute, or "none" (default: 50)', (text) =>
      text === "none" ? false : whole(1)(text),
    )
    .option("--retry <times>", "how often a request that provably did nothing is retried (default: 2)", whole(0))
    .option("--verbose", "show each request, without secrets")
    .addOption(jsonFlag());
}

export function withWaitFlags(command: Command): Command {
  const timeout = "stop waiting for a task after this; the next run resumes it (default: 1800)";
  const poll = "check tasks this often (default: after 2 s, then more slowly up to 10 s)";
  command.option("--wait-timeout <seconds>", timeout, seconds(0)).option("--poll <seconds>", poll, seconds(0.01));
  return withClientFlags(command);
}

/** @param where Submits are counted. */
export function withSendFlags(command: Command, where: string): Command {
  const most = `never make more paid calls than this in all, counted in ${where} across runs; those with an unknown outcome count (default: no limit)`;
  const truncated = "send images also where they seem to be cut off or damaged";
  return command.option("--max-paid <calls>", most, whole(0)).option("--allow-truncated", truncated);
}

export function defined<T extends object>(members: T): { [Name in keyof T]?: Exclude<T[Name], undefined> } {
  const present = Object.entries(members).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present) as { [Name in keyof T]?: Exclude<T[Name], undefined> };
}

export function choiceOf(flags: string, description: string, choices: readonly string[]): Option {
  return new Option(flags, description).choices(choices);
}

export function jsonFlag(): Option {
  return new Option("--json", "one JSON object a line on stdout");
}

/** @param keyless A command that sends nothing needs no key. */
export async function openMagnific(shell: Shell, flags: ClientFlags, keyless = false, store?: TaskStore) {
  const { key: apiKey } = keyless ? { key: "none" } : await requireKey(process.env, flags.keyFile);
  const { baseUrl, rate, retry, poll, maxPaid: maxSubmits } = flags;
  const fetch = await proxyFetch(process.env, baseUrl);
  const pauses = poll === undefined ? undefined : { first: poll, factor: 1, max: poll };
  const image = flags.allowTruncated === true ? { complete: false } : undefined;
  const say = (line: string): void => (shell.above ?? shell.terminal.say)(plain(line));
  let until = 0;
  const onWait = ({ reason, after }: WaitEvent): void => {
    const now = performance.now();
    if (flags.quiet === true || reason !== "rate_limit" || after < 1000 || now < until) return;
    until = now + after;
    say(`Waiting ${durationText(after)} for the rate limit (--rate, or the provider's).`);
  };
  const log =
    flags.verbose === true ? { logger: { debug: say, info: say, warn: say }, logLevel: "debug" as const } : {};
  return new Magnific({ apiKey, baseUrl, rate, retry, poll: pauses, fetch, maxSubmits, store, image, onWait, ...log });
}

/** The client of the operation that the call is about. */
export async function openClient(...how: Parameters<typeof openMagnific>) {
  const { contract } = how[0].operation;
  return (await openMagnific(...how)).operation(contract.submit.path, contract);
}

/** Beyond it a number is not sent as it was typed. */
const EXACT = Number.MAX_SAFE_INTEGER;

/** @param form What the text must look like. */
export function numberIn(form: RegExp, what: string, minimum: number = -EXACT, maximum: number = EXACT) {
  const least = minimum > -EXACT ? ` of at least ${minimum}` : "";
  const most = maximum < EXACT ? ` of at most ${maximum}` : "";
  const range = least !== "" && most !== "" ? ` from ${minimum} to ${maximum}` : least + most;
  return (text: string): number => {
    const value = Number(text);
    if (form.test(text) && value >= minimum && value <= maximum) return value;
    throw new InvalidArgumentError(`It must be a ${what}${range}.`);
  };
}

export function whole(minimum: number, maximum?: number): (text: string) => number {
  return numberIn(/^\d+$/, "whole number", minimum, maximum);
}

/** Seconds, as milliseconds. */
export function seconds(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && value >= least && Number.isFinite(value)) return value * 1000;
    throw new InvalidArgumentError(`It must be a number of at least ${least}.`);
  };
}
