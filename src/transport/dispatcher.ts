/** What a dispatcher of undici offers and wants, as far as this package uses it: no types of undici are needed to read this. */

/** An `Agent`, `Pool`, `ProxyAgent`, `EnvHttpProxyAgent` or `MockAgent` of undici 6, 7 or 8, or anything that does the same. */
export interface UndiciDispatcher {
  /** Begins a request; the handler is told what becomes of it. */

  dispatch(options: object, handler: object): boolean;
}

/** How undici is told what to send. */
export interface DispatchOptions {
  readonly origin: string;
  readonly path: string;
  readonly method: string;
  readonly headers: readonly string[];
  readonly body: string | Uint8Array | AsyncIterable<Uint8Array> | null;
  /** For undici's interceptors. */
  readonly maxRedirections: number;
  readonly retryOptions: {
    readonly maxRetries: number;
    readonly methods: readonly string[];
    readonly statusCodes: readonly number[];
  };
  /** 0: none. */
  readonly headersTimeout: number;
  readonly bodyTimeout: number;
}

/** Names and values in turn: bytes over HTTP/1.1. */
export type RawHeaders = readonly (string | Uint8Array)[];

/** From undici 7 on, what a handler steers a request with. */
export interface DispatchController {
  readonly rawHeaders?: unknown;
  abort(reason: unknown): void;
  pause(): void;
  resume(): void;
}

/** How one answer is taken in, whichever version tells of it. */
export interface Receiver {
  /** The request is about to go out over a connection that stands. */
  start(abort: (reason: unknown) => void): void;
  head(status: number, headers: RawHeaders, statusText: string | undefined, resume: () => void): void;
  /** @returns Whether more can be taken now. */
  data(chunk: Uint8Array): boolean;
  end(): void;
  fail(error: unknown): void;
}

/**
 * A handler for undici 6 (`onConnect` and the like) and from 7 on (`onRequestStart` and the like). Each version calls one
 * of the two families.
 */
export class Handler {
  readonly #to: Receiver;

  constructor(to: Receiver) {
    this.#to = to;
  }

  onConnect(abort: (reason: unknown) => void): void {
    this.#to.start(abort);
  }

  onHeaders(status: number, headers: RawHeaders, resume: () => void, statusText?: string): boolean {
    if (status >= 200) this.#to.head(status, headers, statusText, resume);
    return true;
  }

  onData(chunk: Uint8Array): boolean {
    return this.#to.data(chunk);
  }

  onComplete(): void {
    this.#to.end();
  }

  onError(error: unknown): void {
    this.#to.fail(error);
  }

  onRequestStart(controller: DispatchController): void {
    this.#to.start((reason) => controller.abort(reason));
  }

  onResponseStart(controller: DispatchController, status: number, headers: object, statusText?: string): void {
    if (status < 200) return;
    const { rawHeaders } = controller;
    const raw = Array.isArray(rawHeaders) ? (rawHeaders as RawHeaders) : flat(headers);
    this.#to.head(status, raw, statusText, () => controller.resume());
  }

  onResponseData(controller: DispatchController, chunk: Uint8Array): void {
    if (!this.#to.data(chunk)) controller.pause();
  }

  onResponseEnd(): void {
    this.#to.end();
  }

  onResponseError(_: unknown, error: unknown): void {
    this.#to.fail(error);
  }
}

/** Over HTTP/2, and from mocks, there are parsed headers only. */
function flat(headers: object): string[] {
  return Object.entries(headers).flatMap(([name, value]: [string, unknown]) =>
    (Array.isArray(value) ? value : [value]).flatMap((one) => [name, String(one)]),
  );
}
