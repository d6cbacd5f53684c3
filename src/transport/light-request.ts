/** A `Request` that costs next to nothing: what the transport and a middleware read of one, and no more. */

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
  /** The caller's, where there is one. */
  readonly given: AbortSignal | undefined;
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
    this.given = init.signal ?? (base instanceof LightRequest ? base.given : base?.signal) ?? undefined;
  }

  /** Never fires where the caller gave none. */
  get signal(): AbortSignal {
    this.#signal ??= this.given ?? new AbortController().signal;
    return this.#signal;
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
