/** A `Request` that costs next to nothing: what the transport and a middleware read of one, and no more. */

const NEVER: AbortSignal = new AbortController().signal;

/**
 * Differs from the platform's `Request` in this: the URL and the method are taken as they are, a body that is a stream
 * cannot be cloned, and fields of browsers (`cache`, `mode`, `credentials`, …) do not exist.
 */
export class LightRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: BodyInit | AsyncIterable<Uint8Array> | null;
  readonly redirect: RequestRedirect;
  readonly duplex = "half";
  #signal: AbortSignal | undefined;
  bodyUsed = false;

  constructor(input: string | URL | LightRequest | Request, init: RequestInit = {}) {
    const base = typeof input === "string" || input instanceof URL ? undefined : input;
    this.url = base?.url ?? String(input);
    this.method = init.method ?? base?.method ?? "GET";
    // A Headers of the caller's own making is used as it is: openapi-fetch makes a fresh one for each call.
    const headers = init.headers ?? base?.headers;
    this.headers = headers instanceof Headers ? headers : new Headers(headers);
    this.body = init.body ?? base?.body ?? null;
    this.redirect = init.redirect ?? base?.redirect ?? "error";
    this.#signal = init.signal ?? base?.signal ?? undefined;
  }

  /** Never fires where the caller gave none. */
  get signal(): AbortSignal {
    return this.#signal ?? NEVER;
  }

  clone(): LightRequest {
    if (typeof this.body === "object" && this.body !== null && isStream(this.body))
      throw new TypeError("A request whose body is a stream cannot be cloned: the stream can be read once.");
    return new LightRequest(this, { headers: new Headers(this.headers) });
  }

  async text(): Promise<string> {
    return await this.#content().text();
  }
  async json(): Promise<unknown> {
    return await this.#content().json();
  }
  async arrayBuffer(): Promise<ArrayBuffer> {
    return await this.#content().arrayBuffer();
  }

  #content(): Response {
    if (this.bodyUsed) throw new TypeError("The request's body was read already.");
    if (typeof this.body === "object" && this.body !== null && isStream(this.body)) this.bodyUsed = true;
    return new Response(this.body as BodyInit | null);
  }
}

function isStream(body: object): boolean {
  return Symbol.asyncIterator in body || body instanceof ReadableStream;
}

/** Whether a signal can fire at all; the one of requests without a signal of their own cannot. */
export function canFire(signal: AbortSignal | null | undefined): signal is AbortSignal {
  return signal !== null && signal !== undefined && signal !== NEVER;
}
