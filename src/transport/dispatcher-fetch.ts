/**
 * `fetch` over a dispatcher of undici that the caller brings: its pools, proxies, certificates and mocks, at the least CPU
 * that a call takes in Node. What differs from the platform's `fetch` is what differs in `nodeFetch()`.
 */
import type { Readable } from "node:stream";
import { decoded } from "./decoded.js";
import { type DispatchOptions, Handler, type RawHeaders, type Receiver, type UndiciDispatcher } from "./dispatcher.js";
import { announcedLength, hasNoBody, headersOf, REDIRECTS } from "./head.js";
import { Flowing, Gathering, type Incoming } from "./incoming.js";
import { type LightFetch, lightFetch, type Reject, type Resolve } from "./light-fetch.js";
import type { LightRequest } from "./light-request.js";
import { type AnswerHead, type BodyHooks, isSmallBody, LightResponse, rawField } from "./light-response.js";
import { Outgoing } from "./outgoing.js";
import { requestBody } from "./request-body.js";
import { asTransportError, TransportError } from "./transport-error.js";

/**
 * Makes a `fetch` over a dispatcher of undici 6, 7 or 8: an `Agent`, a `ProxyAgent`, an `EnvHttpProxyAgent`, a `MockAgent`.
 * It sets no deadline of its own and is not closed here: the dispatcher is yours. As in `nodeFetch()`, no redirect is
 * followed and every failure is a `TransportError`, whose `connected` tells whether anything can have been sent.
 *
 * undici's interceptors for redirects and repetitions are told to do neither. Bring no `RetryAgent`, which cannot be told,
 * and nothing of your own that sends again: a second POST is a second bill.
 *
 * @throws {TypeError} It has no `dispatch`.
 *
 * @example
 * import { Agent } from "undici";
 *
 * const magnific = new Magnific({ fetch: dispatcherFetch(new Agent({ connections: 32 })) });
 */
export function dispatcherFetch(dispatcher: UndiciDispatcher): LightFetch {
  if (typeof (dispatcher as UndiciDispatcher | undefined)?.dispatch !== "function")
    throw new TypeError("dispatcherFetch() takes a dispatcher of undici, for instance new Agent(); this is none.");
  const target = lastKept(targetOf);
  return lightFetch((request, resolve, reject) => {
    const { origin, path } = target(request.url);
    const exchange = new Exchange(request, resolve, reject);
    try {
      dispatcher.dispatch(exchange.options(origin, path), new Handler(exchange));
    } catch (error) {
      exchange.fail(error);
      throw error;
    }
  });
}

/** @throws {TypeError} No http or https URL. */
function targetOf(text: string): { readonly origin: string; readonly path: string } {
  const url = new URL(text);
  if (url.protocol !== "https:" && url.protocol !== "http:")
    throw new TypeError(`${url.protocol} URLs are not fetched.`);
  return { origin: url.origin, path: `${url.pathname}${url.search}` };
}

/** Submits go to one URL: it is taken apart once. */
function lastKept<T>(make: (key: string) => T): (key: string) => T {
  let last: { readonly key: string; readonly made: T } | undefined;
  return (key) => {
    if (last?.key !== key) last = { key, made: make(key) };
    return last.made;
  };
}

/** One request and its answer. */
class Exchange implements Receiver, BodyHooks {
  readonly #request: LightRequest;
  readonly #resolve: Resolve;
  readonly #reject: Reject;
  #outgoing: Outgoing | undefined;
  #incoming: Incoming | undefined;
  /** Ends the request; known once a connection stands. */
  #abort: ((reason: unknown) => void) | undefined;
  #answered = false;
  #over = false;
  /** By the caller. */
  #aborted: { readonly reason: unknown } | undefined;
  #onAbort: (() => void) | undefined;

  constructor(request: LightRequest, resolve: Resolve, reject: Reject) {
    this.#request = request;
    this.#resolve = resolve;
    this.#reject = reject;
    const { given: signal } = request;
    if (signal === undefined) return;
    const onAbort = (): void => {
      this.#aborted = { reason: signal.reason };
      this.#giveUp(signal.reason);
    };
    signal.addEventListener("abort", onAbort);
    // Not written right into the field: see the Exchange of nodeFetch.
    this.#onAbort = onAbort;
  }

  options(origin: string, path: string): DispatchOptions {
    const request = this.#request;
    const body = requestBody(request.body);
    const length = announcedLength(request, body);
    const headers = headersOf(request, body);
    if (length !== undefined && body.kind !== "whole") headers.push("content-length", String(length));
    this.#outgoing = new Outgoing(body, length);
    return { origin, path, method: request.method, headers, body: this.#outgoing.body, ...ONCE, ...NO_DEADLINES };
  }

  start(abort: (reason: unknown) => void): void {
    this.#abort = abort;
    // It was given up while it waited for a connection: not a byte goes out.
    if (this.#aborted !== undefined) abort(this.#aborted.reason);
  }

  head(status: number, raw: RawHeaders, statusText: string | undefined, resume: () => void): void {
    this.#answered = true;
    const { redirect, url, method } = this.#request;
    if (redirect !== "manual" && REDIRECTS.has(status)) {
      const error = new TransportError("ERR_REDIRECT", true, `An unexpected redirect (${status}); none is followed.`);
      this.#reject(error);
      this.#giveUp(error);
      return;
    }
    this.#outgoing?.answered();
    const head: AnswerHead = { statusCode: status, statusMessage: statusText, rawHeaders: raw.map(textOf) };
    this.#resolve(new LightResponse(url, head, this.#bodyOf(head, method, resume), this) as unknown as Response);
  }

  #bodyOf(head: AnswerHead, method: string, resume: () => void): Readable | Promise<Uint8Array> | undefined {
    if (hasNoBody(method, head.statusCode ?? 0)) return undefined;
    const encoding = rawField(head, "content-encoding");
    if (encoding === null && isSmallBody(head)) {
      const gathering = new Gathering();
      this.#incoming = gathering;
      return gathering.whole;
    }
    const incoming = new Flowing(resume);
    this.#incoming = incoming;
    return decoded(incoming.stream, encoding);
  }

  data(chunk: Uint8Array): boolean {
    return this.#incoming?.push(chunk) ?? true;
  }

  end(): void {
    this.#settle(undefined);
    this.#incoming?.end();
  }

  fail(error: unknown): void {
    this.#settle(error);
    const told =
      this.#aborted === undefined ? asTransportError(error, this.#abort !== undefined) : this.#aborted.reason;
    if (this.#answered) this.#incoming?.fail(told);
    else this.#reject(told);
  }

  settled(complete: boolean): void {
    if (!complete && !this.#over) this.#giveUp(new Error("The answer is not wanted any more."));
  }

  reason(): unknown {
    return this.#aborted?.reason;
  }

  #giveUp(reason: unknown): void {
    this.#settle(reason);
    if (this.#answered) this.#incoming?.fail(reason);
    // While it waits for a connection undici cannot be told; the caller need not wait for that.
    else this.#reject(reason);
    this.#abort?.(reason);
  }

  #settle(reason: unknown): void {
    this.#over = true;
    this.#outgoing?.over(reason);
    if (this.#onAbort === undefined) return;
    this.#request.given?.removeEventListener("abort", this.#onAbort);
    this.#onAbort = undefined;
  }
}

/** What an interceptor would make of it otherwise: the key sent to another host, or a second bill. */
const ONCE = { maxRedirections: 0, retryOptions: { maxRetries: 0, methods: [], statusCodes: [] } } as const;

/** Whoever calls has deadlines of their own, which may be longer than undici's. */
const NO_DEADLINES = { headersTimeout: 0, bodyTimeout: 0 } as const;

const textOf = (field: string | Uint8Array): string =>
  typeof field === "string" ? field : Buffer.from(field.buffer, field.byteOffset, field.byteLength).toString("latin1");
