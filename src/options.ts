/** The options of a client: what they mean, their defaults, and their check. */
import { KEY_HEADER, SERVER } from "./contract/default.js";
import { ConfigurationError } from "./errors/request-errors.js";
import { headerName, headersOf } from "./http/default-headers.js";
import type { Hooks, Logger } from "./http/hooks.js";
import type { LogLevel } from "./http/log.js";
import type { RetryOptions, RetryPolicy } from "./http/retry-policy.js";
import type { ImageOptions, ImageSettings } from "./image/checks.js";
import type { TaskStore } from "./store/task-store.js";
import { isSecure } from "./util/address.js";
import * as option from "./util/check-options.js";
import { environment, isBrowser } from "./util/runtime.js";
import { systemTime, type Time } from "./util/time.js";
import type { WebhookOptions } from "./webhook/verify.js";

/** The API key, or where it comes from. A function is asked before every attempt, so a rotated key counts at once. */
export type ApiKey = string | (() => string | Promise<string>);

/** How a wait polls. */
export interface PollOptions {
  /** Milliseconds before the first poll. Default 2,000. */
  readonly first?: number | undefined;
  /** Each further delay is the last one times this. Default 1.5. */
  readonly factor?: number | undefined;
  /** Longest delay in milliseconds. Default 10,000. */
  readonly max?: number | undefined;
  /** Share by which a delay is varied up and down, from 0 to 1. Default 0.2. */
  readonly jitter?: number | undefined;
  /** Milliseconds until a wait gives up. Default 1,800,000 (30 minutes). */
  readonly timeout?: number | undefined;
}

type PollSettings = { readonly [Name in keyof PollOptions]-?: number };

/** Where results may come from and how large they may be. */
export interface ResultOptions {
  /** Hosts whose URLs are fetched, in addition to the base URL's own; a name allows its subdomains too. `https` only, loopback excepted. Default: `magnific.com` and `freepik.com`. */
  readonly hosts?: readonly string[] | undefined;
  /** Largest result in bytes. Default: 1,073,741,824 (1 GiB). */
  readonly maxBytes?: number | undefined;
}

export interface ResultSettings {
  readonly hosts: readonly string[];
  /** The base URL's origin, always allowed. */
  readonly origin: string;
  readonly maxBytes: number;
}

export interface MagnificOptions extends Hooks {
  /** Default: the environment's `MAGNIFIC_API_KEY`. Goes to `baseUrl` only, and into no log and no error. */
  readonly apiKey?: ApiKey | undefined;
  /** Where the API is. Default: the environment's `MAGNIFIC_BASE_URL`, else the server of the provider's document. `https` only, loopback excepted. */
  readonly baseUrl?: string | undefined;
  /** Whether `baseUrl` may be plain `http` to any host but the provider's, such as a sandbox that other containers use: everyone on the way can read key and images. Default `false`. */
  readonly allowInsecureBaseUrl?: boolean | undefined;
  /** Name of the header that carries the key; none that the client or HTTP itself writes. Default: the one of the provider's document. */
  readonly keyHeader?: string | undefined;
  /**
   * Headers of every request to the API, in addition to those of the client; a `User-Agent` here replaces the client's own, which
   * names its version and the runtime. Neither the key's header, nor one that the client or HTTP itself writes. Default: none.
   */
  readonly defaultHeaders?: Readonly<Record<string, string | undefined>> | undefined;
  /** Sends the requests; in Node `dispatcherFetch()` costs less. Default: `globalThis.fetch`, looked up at each call. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Milliseconds for one attempt, from its start to the last byte of the response. Default 60,000. */
  readonly timeout?: number | undefined;
  /** How failed attempts are retried; a number is the `limit`. Default 2. */
  readonly retry?: number | RetryOptions | undefined;
  /** How a wait polls. */
  readonly poll?: PollOptions | undefined;
  /** The most requests a minute that the client sends, all calls and waits together. `false`: only the provider's limit. Default 50. */
  readonly rate?: number | false | undefined;
  /** Where results may come from and how large they may be. */
  readonly results?: ResultOptions | undefined;
  /** Limits and checks of images before they are sent. */
  readonly image?: ImageOptions | undefined;
  /** Whether plain `http` is allowed for `webhook_url` to any host. Default `false`: loopback only. */
  readonly insecureWebhookUrl?: boolean | undefined;
  /** Remembers what was submitted, so that the same request is not paid for twice. Default: none. */
  readonly store?: TaskStore | undefined;
  /**
   * The most submits that may be paid for; one more fails with a `SubmitLimitError`, unsent. Counted in the `store`, across all
   * processes with this option that share it, and in the journal of a batch. Without a store it is counted in this client
   * alone, and ends with it. A submit that provably made no task is taken back; one whose outcome is unknown, or whose
   * process was killed, stays counted. Default: no limit.
   */
  readonly maxSubmits?: number | undefined;
  /** How `webhooks` checks deliveries: secret, its encoding, the window of time. */
  readonly webhooks?: WebhookOptions | undefined;
  /** Lets the client be made in a browser, where anyone who opens the page can read the key and spend your credits. The API sends no CORS headers: requests need a proxy of yours. Default `false`. */
  readonly dangerouslyAllowBrowser?: boolean | undefined;
  /** Gets a line of text for each request, retry, wait and poll, without the key and without image data. Default: `console.warn`, which Node writes to standard error. */
  readonly logger?: Logger | undefined;
  /**
   * Which lines the `logger` gets. `warn`: retries, and what breaks the contract; `info`: also submits, and waits for the rate
   * limit; `debug`: all. Default: the environment's `MAGNIFIC_LOG`, else `info` with a `logger` and `off` without one.
   */
  readonly logLevel?: LogLevel | undefined;
  /** The clock. Default: the real one. */
  readonly time?: Time | undefined;
}

type Needed = "apiKey" | "baseUrl" | "keyHeader" | "timeout" | "rate" | "insecureWebhookUrl" | "time";
type Present<Name extends keyof MagnificOptions> = { readonly [N in Name]-?: NonNullable<MagnificOptions[N]> };

/** The options, checked, with the defaults filled in. */
export interface Settings extends Present<Needed>, Pick<MagnificOptions, "store" | "maxSubmits" | "webhooks"> {
  readonly origin: string;
  readonly fetch: () => typeof globalThis.fetch;
  /** Of every request; a request's own win. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly retry: RetryPolicy;
  readonly poll: PollSettings;
  readonly results: ResultSettings;
  readonly image: ImageSettings;
  readonly hooks: Hooks;
}

export const A_STORE: option.Kind = option.having("a TaskStore", ["begin", "finish", "forget"]);
/** Each a name or an address, with a port or without: a URL would never match, and a result that is paid for be refused. */
const HOSTS: option.Kind = {
  is: "a list of host names",
  fits: (value) =>
    Array.isArray(value) && value.every((host) => typeof host === "string" && /^[^\s/?#@\\]+$/.test(host)),
};
const PROVIDER = ["magnific.com", "freepik.com"];
const RESULTS: option.Declared<Omit<ResultSettings, "origin">> = {
  hosts: [PROVIDER, HOSTS],
  maxBytes: [1024 ** 3, option.countOf(1)],
};
const RETRY: option.Declared<RetryPolicy> = {
  limit: [2, option.countOf(0)],
  minDelay: [500, option.atLeast(0)],
  maxDelay: [8_000, option.atLeast(0)],
  maxRetryAfter: [60_000, option.atLeast(0)],
  total: [300_000, option.atLeast(0)],
};
const POLL: option.Declared<PollSettings> = {
  first: [2_000, option.atLeast(0)],
  factor: [1.5, option.atLeast(1)],
  max: [10_000, option.atLeast(0)],
  // More would make delays negative: polls without a pause.
  jitter: [0.2, option.atLeast(0, 1)],
  timeout: [1_800_000, option.atLeast(0)],
};
const IMAGE: option.Declared<ImageSettings> = {
  maxBytes: [512 * 1024 * 1024, option.orFalse(option.countOf(1))],
  maxPixels: [16_383 ** 2, option.orFalse(option.countOf(1))],
  format: [true, option.A_BOOLEAN],
  complete: [true, option.A_BOOLEAN],
  base64: [true, option.A_BOOLEAN],
};
const CLIENT_KINDS: option.Kinds = {
  // Key, address and header have checks of their own.
  apiKey: option.ANYTHING,
  baseUrl: option.A_STRING,
  allowInsecureBaseUrl: option.A_BOOLEAN,
  keyHeader: option.ANYTHING,
  defaultHeaders: option.AN_OBJECT,
  fetch: { is: "a function (a dispatcher of undici goes through dispatcherFetch())", fits: option.A_FUNCTION.fits },
  timeout: option.atLeast(1),
  retry: { is: "a number, or an object", fits: (value) => typeof value === "number" || option.AN_OBJECT.fits(value) },
  poll: option.AN_OBJECT,
  rate: option.orFalse(option.countOf(1)),
  results: option.AN_OBJECT,
  image: option.AN_OBJECT,
  insecureWebhookUrl: option.A_BOOLEAN,
  store: A_STORE,
  maxSubmits: option.countOf(0),
  webhooks: option.AN_OBJECT,
  dangerouslyAllowBrowser: option.A_BOOLEAN,
  time: option.having("a Time", ["now", "monotonic", "after", "random"]),
  onRequest: option.A_FUNCTION,
  onResponse: option.A_FUNCTION,
  onRetry: option.A_FUNCTION,
  onWait: option.A_FUNCTION,
  onContractViolation: option.A_FUNCTION,
  logger: option.having("a logger", ["debug", "info", "warn"]),
  // Checked where it is read, with that of the environment.
  logLevel: option.ANYTHING,
};
/** @throws {ConfigurationError} for anything that cannot work, before it is tried. */
export function settingsOf(options: MagnificOptions): Settings {
  option.checkOptions(options, CLIENT_KINDS);
  if (isBrowser() && options.dangerouslyAllowBrowser !== true)
    throw new ConfigurationError(
      "In a browser, anyone could read the API key and spend its credits: use a server, or set `dangerouslyAllowBrowser: true`.",
    );
  const base = baseUrlOf(options.baseUrl ?? environment("MAGNIFIC_BASE_URL") ?? SERVER, options.allowInsecureBaseUrl);
  const { results, image, poll, fetch, retry } = options;
  checkCounting(options.maxSubmits ?? undefined, options.store ?? undefined);
  const apiKey = options.apiKey ?? environment("MAGNIFIC_API_KEY");
  if (apiKey === undefined) throw new ConfigurationError("There is no API key: set MAGNIFIC_API_KEY or `apiKey`.");
  const key = typeof apiKey === "function" ? apiKey : checkedKey(apiKey);
  const keyHeader = headerName("keyHeader", options.keyHeader ?? KEY_HEADER);
  return {
    apiKey: key,
    baseUrl: base.href.replace(/\/+$/, ""),
    origin: base.origin,
    keyHeader,
    headers: headersOf(options.defaultHeaders ?? {}, [keyHeader, KEY_HEADER], key),
    fetch: () => fetch ?? globalThis.fetch,
    timeout: options.timeout ?? 60_000,
    retry: option.readOptions("retry", typeof retry === "number" ? { limit: retry } : retry, RETRY),
    poll: option.readOptions("poll", poll, POLL),
    rate: options.rate ?? 50,
    results: { ...option.readOptions("results", results, RESULTS), origin: base.origin },
    image: option.readOptions("image", image, IMAGE),
    insecureWebhookUrl: options.insecureWebhookUrl ?? false,
    store: options.store ?? undefined,
    maxSubmits: options.maxSubmits ?? undefined,
    webhooks: options.webhooks ?? undefined,
    hooks: options,
    time: options.time ?? systemTime,
  };
}

/** @throws {ConfigurationError} when the store cannot count, although there is a limit. */
export function checkCounting(maxSubmits: number | undefined, store: TaskStore | false | undefined): void {
  if (maxSubmits === undefined || !store || typeof store.reserve === "function") return;
  throw new ConfigurationError("`maxSubmits` needs a store with `reserve`.");
}

/** What must not be seen in any error, as far as it is known: a key that a function gives is known to its attempt only. */
export function secretsOf({ apiKey }: Pick<Settings, "apiKey">): string[] {
  return typeof apiKey === "string" ? [apiKey] : [];
}

/** The key as a header can carry it. Never says what it is. @throws {ConfigurationError} */
export function checkedKey(key: unknown): string {
  if (typeof key !== "string") throw new ConfigurationError(`The API key must be a string, not ${option.typeOf(key)}.`);
  if (key.trim() === "") throw new ConfigurationError("The API key is empty.");
  if (key !== key.trim()) throw new ConfigurationError("The API key begins or ends with white space.");
  if (!/^[\x20-\x7e\xa0-\xff]+$/.test(key))
    throw new ConfigurationError("The API key holds characters that no header can carry.");
  return key;
}

function baseUrlOf(value: string, allowInsecure: boolean | undefined): URL {
  if (!URL.canParse(value)) throw new ConfigurationError("`baseUrl` is not a valid URL.");
  const url = new URL(value);
  const { protocol, host } = url;
  if (/[?#]|\/\/[^/]*@/.test(url.href))
    throw new ConfigurationError("`baseUrl` holds a user name, password, query or fragment.");
  const isProvider = [...PROVIDER, new URL(SERVER).host].some((name) => host.includes(name));
  if (!isSecure(url) && (protocol !== "http:" || !allowInsecure || isProvider))
    throw new ConfigurationError(
      `\`baseUrl\` must be https (http for loopback or \`allowInsecureBaseUrl\`), not ${protocol}//${host}.`,
    );
  return url;
}
