/** The three signed headers and the raw bytes of a delivery, as any framework has them. */
import { WebhookError, type WebhookFault } from "../errors/webhook-error.js";
import { orAborted } from "../util/abort-scope.js";
import { bytesOf, concatBytes, utf8 } from "../util/bytes.js";
import { typeOf } from "../util/check-options.js";
import { chunksOf } from "../util/chunks-of.js";
import { base64Bytes } from "./signature.js";

export type HeaderValue = string | number | readonly string[] | null | undefined;

/** Headers in any shape: `Headers`, a Map, entries, Node's flat `rawHeaders`, or an object; names in any case. */
export type WebhookHeaders =
  | Headers
  | ReadonlyMap<string, HeaderValue>
  | Iterable<readonly [string, HeaderValue]>
  | readonly string[]
  | Readonly<Record<string, HeaderValue>>;

/** A body as it arrived: text, bytes, or a stream of bytes such as Node's `IncomingMessage`. */
export type WebhookBody = string | ArrayBuffer | ArrayBufferView | AsyncIterable<Uint8Array> | null | undefined;

/** A fetch `Request`, or what other frameworks have of one. */
export type WebhookDelivery =
  | Request
  | (HeadersOfDelivery & {
      /** The raw body. Not the parsed one: see the error `body_parsed`. */
      readonly body: WebhookBody;
      /** AWS Lambda sets it where the body is bytes in base64. */
      readonly isBase64Encoded?: boolean | undefined;
    });

type HeadersOfDelivery =
  | { readonly headers: WebhookHeaders }
  | {
      readonly headers?: null | undefined;
      /** What AWS load balancers set instead of `headers` where the target group asks for multi-value headers. */
      readonly multiValueHeaders: Readonly<Record<string, HeaderValue>>;
    };

/** Makes the error of a delivery that is not accepted. */
export type Refuse = (fault: WebhookFault, message: string, cause?: unknown) => WebhookError;

/** A delivery has some hundred bytes. Whoever sends more than this is not the provider. */
const MAX_BYTES = 1_048_576;

const REMEDY = `Pass the raw body:
- Express: app.post(path, express.raw({ type: "application/json" }), …) before any express.json(), then unwrap({ headers: req.headers, body: req.body })
- Fastify: fastify.addContentTypeParser("application/json", { parseAs: "buffer" }, (request, body, done) => done(null, body))
- Next.js: unwrap(request) in a route handler; under pages/api switch the bodyParser off and pass body: req
- fetch-style frameworks (Hono, Remix, Workers, …): unwrap(request) before anything reads it`;
const NO_BODY = `There is no body: it was not kept, or something read it before. ${REMEDY}`;

/** A header, or an error `header_missing`. */
export type ReadHeader = (name: "webhook-id" | "webhook-timestamp" | "webhook-signature") => string;

export function headerReader(delivery: WebhookDelivery): ReadHeader {
  const { headers, multiValueHeaders } = (delivery ?? {}) as { headers?: unknown; multiValueHeaders?: unknown };
  const values = new Map<string, string>();
  for (const [name, value] of entriesOf(headers ?? multiValueHeaders)) {
    const key = String(name).toLowerCase();
    const text = [value ?? ""].flat().join(", ").trim();
    // As Headers does it: a repeated header is a list.
    if (text !== "") values.set(key, values.has(key) ? `${values.get(key)}, ${text}` : text);
  }
  return (name) => {
    const value = values.get(name);
    if (value !== undefined) return value;
    const why = values.size === 0 ? "no headers were passed" : "a proxy may have dropped it, or this is not a webhook";
    const webhookId = values.get("webhook-id");
    throw new WebhookError("header_missing", `The header ${name} is missing: ${why}.`, { webhookId });
  };
}

function* entriesOf(headers: unknown): Iterable<readonly [unknown, HeaderValue]> {
  if (typeof headers !== "object" || headers === null) return;
  if (Array.isArray(headers) && typeof headers[0] === "string") {
    for (let at = 0; at < headers.length; at += 2) yield [headers[at], headers[at + 1]];
    return;
  }
  const entries = Symbol.iterator in headers ? (headers as Iterable<unknown>) : Object.entries(headers);
  for (const entry of entries) if (Array.isArray(entry)) yield [entry[0], entry[1]];
}

/** The signature covers the bytes that arrived, not anything parsed from them. */
export async function rawBody(
  delivery: WebhookDelivery,
  refuse: Refuse,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  if (isRequest(delivery) && delivery.bodyUsed)
    throw refuse("body_parsed", `The request's body was read before. ${REMEDY}`);
  const { body } = delivery;
  if (typeof body === "string") {
    const bytes = "isBase64Encoded" in delivery && delivery.isBase64Encoded ? base64Bytes(body) : utf8(body);
    if (bytes !== undefined) return bytes;
    throw refuse("body_unreadable", "The body is not base64, although `isBase64Encoded` is set.");
  }
  const received = bytesOf(body);
  if (received !== undefined) return concatBytes([received]);
  if (body === undefined || body === null) throw refuse("body_parsed", NO_BODY);
  if (typeof body === "object" && "getReader" in body) return readAll(chunksOf(body), refuse, signal);
  if (typeof body === "object" && Symbol.asyncIterator in body) return readAll(body, refuse, signal);
  throw refuse("body_parsed", `The body was parsed: it is ${typeOf(body)}, not text or bytes. ${REMEDY}`);
}

/** By what it has: it may come from another realm or a polyfill, and anything may have been passed. */
export function isRequest(delivery: WebhookDelivery): delivery is Request {
  const request = delivery as Partial<Request> | null | undefined;
  return typeof request?.arrayBuffer === "function" && typeof request.bodyUsed === "boolean";
}

async function readAll(
  chunks: AsyncIterable<Uint8Array>,
  refuse: Refuse,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let size = 0;
  const iterator = chunks[Symbol.asyncIterator]();
  let done: boolean | undefined = false;
  try {
    while (size <= MAX_BYTES) {
      const next = await orAborted(signal, iterator.next());
      done = next.done;
      if (next.done) break;
      // A stream whose encoding is set gives text.
      const part = typeof next.value === "string" ? utf8(next.value) : next.value;
      size += part.byteLength;
      parts.push(part);
    }
  } catch (cause) {
    if (signal.aborted) throw refuse("body_unreadable", "The body did not arrive in time (option `timeout`).");
    throw refuse("body_unreadable", "The body could not be read completely.", cause);
  } finally {
    // Not waited for: a source that stalls may never close.
    if (!done) (async () => iterator.return?.())().catch(() => undefined);
  }
  if (size > MAX_BYTES) throw refuse("body_unreadable", `The body is larger than ${MAX_BYTES} bytes.`);
  if (size === 0) throw refuse("body_parsed", NO_BODY);
  return concatBytes(parts);
}
