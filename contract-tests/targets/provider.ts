/** Any provider as a target: one request at a time, nothing that could cost beyond the budget, ids taken from its own responses. */
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { setTimeout as delay } from "node:timers/promises";
import { isObject, type Json } from "../../openapi/document/types.js";
import type { Case } from "../cases/case.js";
import { isJson, targetOf } from "../cases/wire.js";
import { valueIn } from "../checks/value.js";
import { Budget } from "./budget.js";
import { type Exchange, exchange, LIMITS, type Limits, type Message } from "./exchange.js";
import { keyAs, messageOf } from "./message.js";
import type { Played, Target } from "./target.js";

export interface ProviderOptions {
  readonly name?: string;
  readonly url: string;
  readonly key: string;
  /** The environment variable that printed commands take the key from. Default: `API_KEY`. */
  readonly keyVariable?: string;
  /** How many requests may start something that costs. Default: 0. */
  readonly allowPaid?: number;
  readonly limits?: Partial<Limits>;
  /** The document holds all that the provider offers, so that a method or path it does not declare must be refused. Default: true. */
  readonly wholeDocument?: boolean;
  /** Values for the path that an earlier run got, percent-encoded, by case. */
  readonly known?: ReadonlyMap<string, Readonly<Record<string, string>>>;
  /** Longest wait for a rate limit to pass, in milliseconds. Default: 5000. */
  readonly patience?: number;
}

const METHOD_ORDER = ["POST", "PUT", "PATCH", "GET", "HEAD", "OPTIONS", "DELETE"];
/** Exchanges in a row without a response, after which the provider is left alone. */
const SILENCES = 5;
const RETRIES = 3;
/** Refused by whoever reads it: for its label, as JSON, and for all that it lacks. */
const HOLLOW = { type: "text/x-contract", body: "hollow" };
const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;

export class ProviderTarget implements Target {
  readonly ground = "provider";
  readonly name: string;
  readonly url: string;
  readonly budget: Budget;
  readonly #options: ProviderOptions;
  readonly #limits: Limits;
  /** Keeps connections: for what may be retried. */
  readonly #keeping: HttpAgent;
  readonly #fresh: HttpAgent;
  /** Path before a parameter and the parameter's bare name → a value that the provider gave. */
  readonly #known = new Map<string, string>();
  #silences = 0;
  /** The provider closes connections that it did not say it would close. */
  #closes = false;

  constructor(options: ProviderOptions) {
    this.#options = options;
    this.name = options.name ?? "provider";
    this.url = options.url;
    this.budget = new Budget(options.allowPaid ?? 0);
    this.#limits = { ...LIMITS, ...options.limits };
    const Agent = new URL(options.url).protocol === "https:" ? HttpsAgent : HttpAgent;
    this.#keeping = new Agent({ keepAlive: true });
    this.#fresh = new Agent({ keepAlive: false });
  }

  get notes(): readonly string[] {
    const { spent, allowed } = this.budget;
    const closes =
      "The provider closes connections after a response without announcing it (Connection: close): each request had one of its own from then on.";
    return [
      `${spent} of ${allowed} allowed requests may have started something that costs.`,
      ...(this.#closes ? [closes] : []),
    ];
  }

  async urlFor(): Promise<string> {
    return this.url;
  }

  /** Refusals before successes, so that they are tried before the budget is spent; makers before readers, deleters last. */
  arranged(cases: readonly Case[]): readonly Case[] {
    const rank = ({ request, expect, mayStart }: Case): number => {
      const success = expect.is === "success" || expect.is === "response";
      const below = Object.keys(request.pathValues).length;
      return METHOD_ORDER.indexOf(request.method) * 100 + below * 10 + (success && mayStart ? 1 : 0);
    };
    return cases.toSorted((a, b) => rank(a) - rank(b));
  }

  async play(one: Case): Promise<Played> {
    if (one.mockOnly !== undefined) return { skipped: one.mockOnly };
    if (one.kind === "routing" && this.#options.wholeDocument === false)
      return { skipped: "the document does not hold all that the provider offers" };
    if (this.#silences >= SILENCES)
      return { skipped: `the provider stopped responding: ${SILENCES} exchanges in a row failed` };
    // In a URL or another header a key may be logged on its way.
    if (one.rule === "misplaced" && !LOOPBACK.test(new URL(this.url).hostname))
      return { skipped: "would send the key outside its place, which is done on loopback only" };
    const { key, keyVariable = "API_KEY" } = this.#options;
    // A key of digits has no other case.
    if (one.request.credentials.some((own) => own.key && ["", key].includes(keyAs(own.key, key))))
      return { skipped: "there is no such variant of this key" };
    const reserved = one.mayStart && this.budget.reserve();
    const instead = one.mayStart && !reserved && canBeHollow(one) ? HOLLOW : undefined;
    if (one.mayStart && !reserved && !instead)
      return {
        skipped: `not sent: could start something that costs, were it accepted, and the budget of ${this.budget.allowed} (--allow-paid) is spent`,
      };
    const { known, guessed } = this.#pathValues(one);
    const sent = { base: this.url, known, shellKey: `$${keyVariable}`, instead };
    const result = await this.#send(messageOf(one.request, key, sent), !one.mayStart);
    if (reserved) this.budget.settle(mayHaveStarted(result));
    this.#silences = "failure" in result ? this.#silences + 1 : 0;
    this.#learn(one, result);
    if (instead && !("failure" in result) && isRefusal(result.status) && ![401, 403].includes(result.status))
      return {
        skipped: `sent with a body that nobody can accept, as the budget of ${this.budget.allowed} (--allow-paid) is spent, and refused for it`,
      };
    return { exchange: result, guessed, sent };
  }

  /** Waits out a rate limit that says how long it lasts. What may cost something is sent once, on a connection of its own. */
  async #send(message: Message, harmless: boolean): Promise<Exchange> {
    for (let attempt = 0; ; attempt++) {
      const agent = harmless && !this.#closes ? this.#keeping : this.#fresh;
      const result = await exchange(message, this.#limits, agent);
      if ("failure" in result && result.stale) {
        this.#closes = true;
        continue;
      }
      if ("failure" in result || result.status !== 429 || attempt >= RETRIES) return result;
      const wait = Number(result.headers["retry-after"] ?? Number.NaN) * 1000;
      if (!(wait <= (this.#options.patience ?? 5_000))) return result;
      await delay(wait);
    }
  }

  /** Values that the provider gave, for the path parameters whose value the case does not care about. */
  #pathValues(one: Case): { readonly known: Readonly<Record<string, string>>; readonly guessed: boolean } {
    const names = Object.keys(one.request.pathValues);
    if (one.place?.[0] === "path" || one.kind === "routing") return { known: {}, guessed: names.length > 0 };
    const known: Record<string, string> = { ...this.#options.known?.get(one.id) };
    for (const name of names) {
      const value = this.#known.get(keyOf(one.request.template, name));
      if (value !== undefined) known[name] = encodeURIComponent(value);
    }
    // What was deleted a moment ago is gone.
    return { known, guessed: names.some((name) => known[name] === undefined) || one.request.method === "DELETE" };
  }

  /** Ids in a success: `thing_id` in a response at `/things` is a value for `{thing-id}` in `/things/{thing-id}`. */
  #learn(one: Case, result: Exchange): void {
    if ("failure" in result || result.status < 200 || result.status >= 300 || one.kind === "routing") return;
    const base = targetOf({ ...one.request, query: "" });
    for (const [name, value] of scalars(valueIn(result) ?? null)) {
      const key = `${base}/ ${bare(name)}`;
      if (!this.#known.has(key)) this.#known.set(key, value);
    }
  }

  async close(): Promise<void> {
    this.#keeping.destroy();
    this.#fresh.destroy();
  }
}

function keyOf(template: string, name: string): string {
  return `${template.slice(0, template.indexOf(`{${name}}`))} ${bare(name)}`;
}

export function bare(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, "");
}

export function* scalars(value: Json): Generator<[string, string]> {
  if (Array.isArray(value)) for (const item of value) yield* scalars(item);
  if (!isObject(value)) return;
  for (const [name, inner] of Object.entries(value)) {
    if (typeof inner === "string" || typeof inner === "number") yield [name, String(inner)];
    else yield* scalars(inner);
  }
}

/** A refusal started nothing, nor did a connection that never was; of everything else nobody knows. */
function mayHaveStarted(result: Exchange): boolean {
  return "failure" in result ? result.failure !== "refused" : !isRefusal(result.status);
}

function isRefusal(status: number): boolean {
  return status >= 400 && status < 500;
}

/** Without a key nobody can be billed, and a provider that looks at keys first refuses it for that. */
function canBeHollow({ expect, request }: Case): boolean {
  const keyless = expect.is === "unauthorized" && request.credentials.every(({ form }) => form === "empty");
  return keyless && isJson(request.headers["content-type"] ?? "");
}
