/** A `Request` that costs next to nothing: what the transport and a middleware read of one, and no more. */

/**
 * Differs from the platform's `Request` in this: the URL and the method are taken as they are, a body that is a stream
 * cannot be cloned, and fields of browsers (`cache`, `mode`, `credentials`, …) do not exist.
 */
export class LightRequest {
  readonly url: string;
  readonly method: string;
  readonly body: BodyInit | AsyncIterable<Uint8Array> | null;
  readonly redirect: RequestRedirect;
  readonly duplex = "half";
  /** The caller's, where there is one. */
  readonly given: AbortSignal | undefined;
  #signal: AbortSignal | undefined;
  #headers: Headers | undefined;
  readonly #record: Readonly<Record<string, string>> | undefined;
  bodyUsed = false;

  constructor(input: string | URL | LightRequest | Request, init: RequestInit = {}) {
    const base = typeof input === "string" || input instanceof URL ? undefined : input;
    this.url = base?.url ?? String(input);
    this.method = init.method ?? base?.method ?? "GET";
    const headers = init.headers ?? base?.headers;
    // A Headers of the caller's own making is used as it is: openapi-fetch makes a fresh one for each call.
    if (headers instanceof Headers) this.#headers = headers;
    else if (isWireReady(headers)) this.#record = headers;
    else this.#headers = new Headers(headers);
    this.body = init.body ?? base?.body ?? null;
    this.redirect = init.redirect ?? base?.redirect ?? "error";
    this.given = init.signal ?? (base instanceof LightRequest ? base.given : base?.signal) ?? undefined;
  }

  get headers(): Headers {
    this.#headers ??= new Headers(this.#record);
    return this.#headers;
  }

  /** Each header by its name in lower case, without making `Headers` for that alone. */
  eachHeader(each: (value: string, name: string) => void): void {
    if (this.#headers !== undefined || this.#record === undefined) this.headers.forEach(each);
    else for (const name of Object.keys(this.#record)) each(this.#record[name] ?? "", name);
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

/** A record that `Headers` would change nothing of. */
function isWireReady(headers: HeadersInit | undefined): headers is Record<string, string> {
  if (headers === undefined || Symbol.iterator in headers) return false;
  for (const name of Object.keys(headers)) {
    const value: unknown = (headers as Record<string, unknown>)[name];
    if (!/^[a-z\d-]+$/.test(name) || typeof value !== "string") return false;
    if (!/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value)) return false;
  }
  return true;
}

function isStream(body: object): boolean {
  return Symbol.asyncIterator in body || body instanceof ReadableStream;
}
