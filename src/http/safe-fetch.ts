/**
 * The one way to the network: adds the key, stays at the configured origin, follows no redirect, and reads the response
 * within a bound, so that a deadline covers its body too. Every request of the client ends here.
 */
import { ConfigurationError } from "../errors/request-errors.js";
import { checkedKey, type Settings } from "../options.js";
import { orAborted } from "../util/abort-scope.js";
import { safeCause } from "../util/redact.js";
import { redirect, streamsRequests, uncached } from "../util/runtime.js";
import { Failed } from "./failure.js";
import { type HttpResponse, readBody } from "./read-response.js";

export interface Delivery {
  readonly key: string;
  /** Ends the request, and the reading of its response. */
  readonly signal: AbortSignal;
  /** The request's body is a stream of our own, to be sent while it is read. */
  readonly streamed?: boolean;
  /** Called when the head of the response is there. */
  readonly onHead?: () => void;
}

export interface Received extends Pick<HttpResponse, "length" | "truncated"> {
  /** Its body is in memory, as UTF-8; the beginning of it where that is truncated. */
  readonly response: Response;
}

/** Bytes that are read of a 2xx response (the list of tasks has no paging; an entry is some 80 bytes), and of any other. */
const SUCCESS_BYTES = 16 * 1024 * 1024;
const ERROR_BYTES = 64 * 1024;

/** @throws {Failed} for a response that cannot be used. Anything else that `fetch` rejects with passes through. */
export function safeFetch(settings: Settings, request: Request, delivery: Delivery): Promise<Received> {
  return orAborted(delivery.signal, exchange(settings, request, delivery));
}

async function exchange(settings: Settings, request: Request, delivery: Delivery): Promise<Received> {
  const { key, signal, streamed, onHead } = delivery;
  const { url, method } = request;
  const { origin, pathname } = new URL(url);
  if (origin !== settings.origin)
    throw new ConfigurationError(
      `${method} ${pathname} was not sent: it goes to another origin than \`baseUrl\`, and the key and the image do not.`,
    );
  const headers = new Headers(request.headers);
  for (const [name, value] of settings.headers) if (!headers.has(name)) headers.set(name, value);
  headers.set(settings.keyHeader, key);
  const body: unknown = streamed ? request.body : await wholeBody(request);
  // The parts, never the request itself: `fetch(request)` would read the body before it has a connection, and lose the signal.
  const response = await settings.fetch()(url, {
    method,
    headers,
    redirect: redirect(),
    signal,
    ...(body === null ? {} : { body }),
    ...(body instanceof ReadableStream ? { duplex: "half" } : {}),
    ...(method === "GET" ? uncached() : {}),
  } as RequestInit);
  if (signal.aborted) discard(response);
  signal.throwIfAborted();
  onHead?.();
  return receive(response, key);
}

/** openapi-fetch makes a stream of a string: read back, its length can be announced. A stream with a length stays one. */
async function wholeBody(request: Request): Promise<BodyInit | null> {
  const { body, headers, method } = request;
  if (!("arrayBuffer" in request) || method === "GET" || headers.has("content-length") || body === null) return body;
  return streamsRequests() ? request.arrayBuffer() : request.blob();
}

async function receive(response: Response, key: string): Promise<Received> {
  const { status, statusText, headers, ok } = response;
  // Browsers report a redirect that is not followed as status 0.
  const redirected = status === 0 || (status >= 300 && status < 400 && status !== 304);
  if (redirected || status < 200 || status > 599) {
    discard(response);
    if (redirected) throw new Failed({ kind: "redirect", status: status === 0 ? undefined : status });
    throw new Failed({ kind: "unreadable", what: `the status ${status}, which HTTP does not define` });
  }
  const { body, length, truncated } = await readBody(response, ok ? SUCCESS_BYTES : ERROR_BYTES);
  const bodiless = status === 204 || status === 205 || status === 304;
  if (bodiless && length > 0)
    throw new Failed({ kind: "unreadable", what: `${status} and a body, which this status cannot have` });
  const received = new Response(bodiless ? null : body, { status, statusText, headers });
  for (const [name, value] of headers) if (value.includes(key)) received.headers.delete(name);
  return { response: received, length, truncated };
}

/** Frees the connection of a response that nobody reads. */
function discard(response: Response): void {
  response.body?.cancel().catch(() => undefined);
}

/** The key for one attempt. @throws {ConfigurationError} */
export async function keyFor({ apiKey }: Settings, signal: AbortSignal): Promise<string> {
  if (typeof apiKey === "string") return apiKey;
  const asked = new Promise<unknown>((resolve) => resolve(apiKey())).catch((error: unknown) => {
    throw new ConfigurationError("The function passed as `apiKey` failed.", { cause: safeCause(error, []) });
  });
  return checkedKey(await orAborted(signal, asked));
}
