/**
 * `fetch` over a dispatcher of undici that the caller brings: its pools, proxies, certificates and mocks, at the least CPU
 * that a call takes in Node. What differs from the platform's `fetch` is what differs in `nodeFetch()`.
 */
import { Readable } from "node:stream";
import { TAKE, type TextBody } from "../image/text-body.js";
import { decoded } from "./decoded.js";
import { type DispatchOptions, Handler, type RawHeaders, type Receiver, type UndiciDispatcher } from "./dispatcher.js";
import { announcedLength, hasNoBody, headersOf, REDIRECTS } from "./head.js";
import { type LightFetch, lightFetch, type Reject, type Resolve } from "./light-fetch.js";
import type { LightRequest } from "./light-request.js";
import { type AnswerHead, type BodyHooks, isSmallBody, LightResponse, rawField } from "./light-response.js";
import { type Puller, type RequestBody, requestBody } from "./request-body.js";
import { checkLength, PIECE, piecesOf } from "./send-body.js";
import { asTransportError, TransportError } from "./transport-error.js";

/**
 * Makes a `fetch` over a dispatcher of undici 6, 7 or 8: an `Agent`, a `ProxyAgent`, an `EnvHttpProxyAgent`, a `MockAgent`.
 * It sets no deadline of its own and is not closed here: the dispatcher is yours. As in `nodeFetch()`, no redirect is
 * followed and every failure is a `TransportError`, whose `connected` tells whether anything can have been sent.
 *
 * @throws {TypeError} It has no `dispatch`.
 *
 * Bring none that sends again by itself (`RetryAgent`, `interceptors.retry()`): a second POST is a second bill.
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
    dispatcher.dispatch(exchange.options(origin, path), new Handler(exchange));
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
  #source: Puller | undefined;
  /** Ends the request; known once a connection stands. */
  #abort: ((reason: unknown) => void) | undefined;
  #answered = false;
  /** By the caller. */
  #aborted: { readonly reason: unknown } | undefined;
  #over = false;
  readonly #whenOver: Gate = gate();
  #onAbort: (() => void) | undefined;
  #incoming: Incoming | undefined;

  constructor(request: LightRequest, resolve: Resolve, reject: Reject) {
    this.#request = request;
    this.#resolve = resolve;
    this.#reject = reject;
    const { given: signal } = request;
    if (signal === undefined) return;
    this.#onAbort = () => {
      this.#aborted = { reason: signal.reason };
      this.#giveUp(signal.reason);
    };
    signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  options(origin: string, path: string): DispatchOptions {
    const request = this.#request;
    const body = requestBody(request.body);
    const length = announcedLength(request, body);
    const headers = headersOf(request, body);
    if (length !== undefined && body.kind !== "whole") headers.push("content-length", String(length));
    // Whoever calls has deadlines of their own, which may be longer than undici's.
    return { origin, path, method: request.method, headers, body: this.#sent(body, length), ...NO_DEADLINES };
  }

  /** What undici is to send. Nothing is taken from a source before a connection stands. */
  #sent(body: RequestBody, length: number | undefined): DispatchOptions["body"] {
    if (body.kind === "none") return null;
    if (body.kind === "whole" && body.bytes.length <= PIECE) return body.bytes;
    if (body.kind === "text") return this.#textOf(body.text, length);
    const source =
      body.kind === "streamed"
        ? body.source
        : piecesOf(typeof body.bytes === "string" ? Buffer.from(body.bytes, "utf8") : body.bytes);
    this.#source = source;
    return this.#piecesOf(source, length);
  }

  async *#textOf(text: TextBody, length: number | undefined): AsyncGenerator<Uint8Array> {
    let bytes: Uint8Array;
    try {
      bytes = Buffer.from(text[TAKE](), "utf8");
      if (length !== undefined) checkLength(length, bytes.byteLength);
    } catch (error) {
      throw this.#bodyError(error);
    }
    yield bytes;
  }

  async *#piecesOf(source: Puller, length: number | undefined): AsyncGenerator<Uint8Array> {
    let sent = 0;
    try {
      for (;;) {
        const chunk = await source.pull();
        // To end here would pass a part off as the whole: undici ends the connection once the answer is in.
        if (this.#answered) await this.#whenOver.opened;
        if (this.#over) return;
        if (chunk === undefined) break;
        sent += chunk.byteLength;
        if (length !== undefined && sent > length) checkLength(length, "more");
        if (chunk.byteLength > 0) yield chunk;
      }
      if (length !== undefined) checkLength(length, sent);
      this.#source = undefined;
    } catch (error) {
      throw this.#bodyError(error);
    } finally {
      this.#free(new Error("The rest of the request is not wanted."));
    }
  }

  #bodyError(error: unknown): TransportError {
    if (error instanceof TransportError) return error;
    return new TransportError("ERR_REQUEST_BODY", true, "The request's body failed.", error);
  }

  #free(reason: unknown): void {
    this.#source?.cancel(reason);
    this.#source = undefined;
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
    // The answer is there: what is left of the body is of no use any more.
    this.#free(new Error("The server answered before it had read the request."));
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
    this.#settle();
    this.#incoming?.end();
  }

  fail(error: unknown): void {
    this.#free(error);
    this.#settle();
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
    this.#free(reason);
    this.#settle();
    if (this.#answered) this.#incoming?.fail(reason);
    // While it waits for a connection undici cannot be told; the caller need not wait for that.
    else this.#reject(reason);
    this.#abort?.(reason);
  }

  #settle(): void {
    this.#over = true;
    this.#whenOver.open();
    if (this.#onAbort !== undefined) this.#request.given?.removeEventListener("abort", this.#onAbort);
    this.#onAbort = undefined;
  }
}

interface Gate {
  readonly opened: Promise<void>;
  readonly open: () => void;
}

function gate(): Gate {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

const NO_DEADLINES = { headersTimeout: 0, bodyTimeout: 0 } as const;

const textOf = (field: string | Uint8Array): string =>
  typeof field === "string" ? field : Buffer.from(field.buffer, field.byteOffset, field.byteLength).toString("latin1");

/** Where an answer's bytes go. */
interface Incoming {
  /** @returns Whether more can be taken now. */
  push(chunk: Uint8Array): boolean;
  end(): void;
  fail(error: unknown): void;
}

/** Taken by a reader, at the reader's pace. */
class Flowing implements Incoming {
  readonly stream: Readable;

  constructor(resume: () => void) {
    this.stream = new Readable({ read: resume });
  }

  push(chunk: Uint8Array): boolean {
    return this.stream.push(chunk);
  }

  end(): void {
    this.stream.push(null);
  }

  fail(error: unknown): void {
    this.stream.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}

/** An answer whose body is small is taken in before anyone asks for it, so that the connection is free at once. */
class Gathering implements Incoming {
  readonly whole: Promise<Uint8Array>;
  #resolve: (bytes: Uint8Array) => void = () => {};
  #reject: (error: unknown) => void = () => {};
  #first: Uint8Array | undefined;
  #more: Uint8Array[] | undefined;

  constructor() {
    this.whole = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  push(chunk: Uint8Array): boolean {
    if (this.#first === undefined) this.#first = chunk;
    else this.#more = [...(this.#more ?? [this.#first]), chunk];
    return true;
  }

  end(): void {
    this.#resolve(this.#more === undefined ? (this.#first ?? new Uint8Array()) : Buffer.concat(this.#more));
  }

  fail(error: unknown): void {
    this.#reject(error);
  }
}
