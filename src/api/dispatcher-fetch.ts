/** `fetch` over a dispatcher of undici that the caller brings: its pools, proxies, certificates and mocks. Node only. */
import { pipeline, type Readable, type Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { streamOf } from "../util/stream-of.js";

/** An `Agent`, `Pool`, `ProxyAgent`, `EnvHttpProxyAgent` or `MockAgent` of undici 6, 7 or 8. */
export interface UndiciDispatcher {
  request(options: object): Promise<UndiciResponse>;
}

/** The response of a dispatcher. */
export interface UndiciResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Readable & { arrayBuffer(): Promise<ArrayBuffer> };
}

/** What openapi-fetch and its middleware get in place of the platform's `Request`, which costs more. */
class PlainRequest {
  readonly url: string;
  readonly method: string = "GET";
  constructor(url: string, init: RequestInit = {}) {
    Object.assign(this, init);
    this.url = url;
  }
  clone(): PlainRequest {
    return new PlainRequest(this.url, this);
  }
}

const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];
/** Bytes of a response that are read at once: a stream would cost more than the call. */
const SMALL = 64 * 1024;

/** What an interceptor would make of it otherwise: the key sent to another host, or a second bill. */
const ONCE = { maxRedirections: 0, retryOptions: { maxRetries: 0, methods: [], statusCodes: [] } } as const;
/** The caller has deadlines of its own, which may be longer than undici's. */
const NO_DEADLINES = { headersTimeout: 0, bodyTimeout: 0 } as const;

const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  "x-gzip": createGunzip,
  br: createBrotliDecompress,
  deflate: createInflate,
};

/**
 * Makes a `fetch` over a dispatcher of undici 6, 7 or 8: an `Agent`, a `ProxyAgent`, an `EnvHttpProxyAgent`, a `MockAgent`.
 * The dispatcher is yours to close. undici's interceptors for redirects and retries are switched off; do not use a
 * `RetryAgent`, which cannot be switched off, or anything of your own that retries: a second POST is a second bill.
 *
 * @throws {TypeError} when it is not a dispatcher.
 *
 * @example
 * import { Agent } from "undici";
 *
 * const magnific = new Magnific({ fetch: dispatcherFetch(new Agent({ connections: 32 })) });
 */
export function dispatcherFetch(dispatcher: UndiciDispatcher): typeof fetch {
  if (typeof (dispatcher as UndiciDispatcher | undefined)?.request !== "function")
    throw new TypeError("dispatcherFetch() takes a dispatcher of undici, for instance new Agent(); this is not one.");
  const send = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const from = typeof input === "string" || input instanceof URL ? undefined : input;
    const { origin, pathname, search } = new URL(from?.url ?? String(input));
    const method = init.method ?? from?.method ?? "GET";
    const fields = init.headers ?? from?.headers;
    const headers = Object.fromEntries(fields instanceof Headers ? fields : new Headers(fields));
    const body = sendable(init.body ?? from?.body ?? null, headers);
    const signal = init.signal ?? from?.signal;
    const options = { origin, path: pathname + search, method, headers, body, signal, ...ONCE, ...NO_DEADLINES };
    const response = await dispatcher.request(options);
    if (REDIRECTS.includes(response.statusCode) && (init.redirect ?? from?.redirect) !== "manual") {
      response.body.on("error", () => {}).destroy();
      throw new TypeError(`fetch failed: unexpected redirect (${response.statusCode}); none is followed`);
    }
    return platformResponse(response, method);
  };
  return Object.assign(send, { Request: PlainRequest });
}

/** What undici can send; anything else of `fetch` is brought into a stream, with its type. */
function sendable(body: BodyInit | null, headers: Record<string, string>): unknown {
  if (body === null || typeof body === "string" || body instanceof Uint8Array || Symbol.asyncIterator in body)
    return body;
  if (body instanceof ArrayBuffer) return new Uint8Array(body);
  const { body: stream, headers: implied } = new Response(body);
  headers["content-type"] ??= implied.get("content-type") ?? "application/octet-stream";
  return stream;
}

/** @throws {RangeError} for a status that no `Response` can have. */
async function platformResponse(response: UndiciResponse, method: string): Promise<Response> {
  const { statusCode: status, headers, body } = response;
  const fields = Object.entries(headers).flatMap(([name, value = []]) =>
    [value].flat().map((one): [string, string] => [name, one]),
  );
  const bodiless = method === "HEAD" || [204, 205, 304].includes(status) || status < 200 || status > 599;
  if (bodiless) {
    body.on("error", () => {}).destroy();
    return new Response(null, { status, headers: fields });
  }
  const encoding = String(headers["content-encoding"] ?? "")
    .trim()
    .toLowerCase();
  const length = Number(headers["content-length"] ?? Number.NaN);
  // None was asked for, but some servers compress all the same.
  const decoder = DECODERS[encoding]?.();
  const plain = decoder === undefined ? body : pipeline(body, decoder, () => {});
  const content = encoding === "" && length <= SMALL ? await body.arrayBuffer() : webStream(plain);
  return new Response(content, { status, headers: fields });
}

/** Not by `Readable.toWeb()`, which throws outside of any promise when the stream is cancelled while a chunk arrives. */
function webStream(body: Readable): ReadableStream<Uint8Array> {
  const chunks: AsyncIterator<Uint8Array> = body.on("error", () => {})[Symbol.asyncIterator]();
  return streamOf(chunks, () => void body.destroy());
}
