/** Options that several commands share, and the client that they make. */
import { Magnific } from "../client.js";
import { nodeFetch } from "../transport/node-fetch.js";
import { type Command, InvalidArgumentError, Option } from "./commander.js";
import { requireKey } from "./key.js";

/** Options of every command that talks to the provider. */
export interface ClientFlags {
  readonly keyFile?: string;
  readonly baseUrl?: string;
  readonly rate?: number | false;
  readonly retry?: number;
  readonly poll?: number;
}

export interface SliderFlags {
  readonly sharpen?: number;
  readonly smartGrain?: number;
  readonly ultraDetail?: number;
  readonly filterNsfw?: boolean;
}

export function withClientFlags(command: Command): Command {
  return command
    .option("--key-file <file>", "read the API key from this file, which only you may read (default: MAGNIFIC_API_KEY)")
    .option("--base-url <url>", "where the API is (default: MAGNIFIC_BASE_URL, else the provider)")
    .option("--rate <requests>", 'most requests a minute, or "none" (default: 50)', rateOf)
    .option("--retry <times>", "how often a request that provably did nothing is repeated (default: 2)", whole(0));
}

/** Options of every command that waits for tasks. */
export function withWaitFlags(command: Command): Command {
  return withClientFlags(
    command
      .option(
        "--wait-timeout <seconds>",
        "give up waiting for a task after this; it can be taken up again (default: 1800)",
        atLeast(0),
      )
      .option(
        "--poll <seconds>",
        "look at tasks this often (default: after 2 s, then ever slower up to 10 s)",
        atLeast(0.01),
      ),
  );
}

/** The provider's parameters, by the names of its document. */
export function withSliders(command: Command): Command {
  return command
    .option("--sharpen <0-100>", "sharpness (default: the provider's)", whole(0, 100))
    .option("--smart-grain <0-100>", "grain (default: the provider's)", whole(0, 100))
    .option("--ultra-detail <0-100>", "new detail (default: the provider's)", whole(0, 100))
    .option("--filter-nsfw", "have the provider filter the result")
    .option("--no-filter-nsfw", "have the provider not filter the result");
}

export function slidersOf(flags: SliderFlags): Record<string, number | boolean> {
  const fields = {
    sharpen: flags.sharpen,
    smart_grain: flags.smartGrain,
    ultra_detail: flags.ultraDetail,
    filter_nsfw: flags.filterNsfw,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Record<
    string,
    number | boolean
  >;
}

export function jsonFlag(): Option {
  return new Option("--json", "one JSON object a line on stdout");
}

/** A client, and what closes its connections. */
export interface OpenClient extends Disposable {
  readonly client: Magnific;
}

export async function openClient(
  flags: ClientFlags,
  { keyless = false }: { readonly keyless?: boolean } = {},
): Promise<OpenClient> {
  // What sends nothing needs no key.
  const { key } = keyless ? { key: "none" } : await requireKey(process.env, flags.keyFile);
  const fetch = nodeFetch();
  const poll = flags.poll === undefined ? undefined : flags.poll * 1000;
  const client = new Magnific({
    apiKey: key,
    baseUrl: flags.baseUrl,
    rate: flags.rate,
    retry: flags.retry,
    poll: poll === undefined ? undefined : { first: poll, factor: 1, max: poll },
    fetch,
  });
  return { client, [Symbol.dispose]: () => fetch.close() };
}

export function whole(least: number, most: number = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
    throw new InvalidArgumentError(`It must be a whole number ${range}.`);
  };
}

export function atLeast(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && value >= least && Number.isFinite(value)) return value;
    throw new InvalidArgumentError(`It must be a number of at least ${least}.`);
  };
}

function rateOf(text: string): number | false {
  return text === "none" ? false : whole(1)(text);
}
