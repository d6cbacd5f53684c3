/** The raw bytes of a delivery: the signature covers them, and not anything parsed from them. */
import { WebhookError } from "../errors/webhook-error.js";
import { concatBytes, utf8 } from "../util/bytes.js";
import type { WebhookHeaders } from "./headers.js";

/** A body as it arrived: text, bytes, or a stream of bytes such as Node's `IncomingMessage`. */
export type WebhookBody = string | ArrayBuffer | ArrayBufferView | AsyncIterable<Uint8Array> | null | undefined;

/** A fetch `Request`, or what other frameworks have of one. */
export type WebhookDelivery =
  | Request
  | {
      readonly headers: WebhookHeaders;
      /** The raw body. Not the parsed one: see the error `body_parsed`. */
      readonly body: WebhookBody;
      /** AWS Lambda sets it where the body is bytes in base64. */
      readonly isBase64Encoded?: boolean | undefined;
    };

/** A delivery has some hundred bytes. Whoever sends more than this is not the provider. */
const MAX_BYTES = 1_048_576;

const REMEDY = `Pass the raw body:
- Express: app.post(path, express.raw({ type: "application/json" }), …) before any express.json(), then unwrap({ headers: req.headers, body: req.body })
- Fastify: fastify.addContentTypeParser("application/json", { parseAs: "buffer" }, (request, body, done) => done(null, body))
- Next.js: unwrap(request) in a route handler; under pages/api switch the bodyParser off and pass body: req
- fetch-style frameworks (Hono, Remix, Workers, …): unwrap(request) before anything reads it`;

/** @throws {WebhookError} `body_parsed` or `body_unreadable` */
export async function rawBody(delivery: WebhookDelivery, webhookId: string): Promise<Uint8Array<ArrayBuffer>> {
  if (isRequest(delivery)) {
    if (delivery.bodyUsed)
      throw new WebhookError("body_parsed", `The request's body was read before. ${REMEDY}`, { webhookId });
    return delivery.body === null ? none(webhookId) : readAll(chunksOf(delivery.body), webhookId);
  }
  const { body, isBase64Encoded } = delivery;
  if (typeof body === "string") return isBase64Encoded ? decoded(body, webhookId) : utf8(body);
  if (body instanceof ArrayBuffer) return new Uint8Array(body.slice(0));
  if (ArrayBuffer.isView(body)) return concatBytes([new Uint8Array(body.buffer, body.byteOffset, body.byteLength)]);
  if (body === undefined || body === null) return none(webhookId);
  if (typeof body === "object" && Symbol.asyncIterator in body) return readAll(body, webhookId);
  throw new WebhookError("body_parsed", `The body was parsed: it is ${kindOf(body)}, not text or bytes. ${REMEDY}`, {
    webhookId,
  });
}

/** By what it has: it may come from another realm or a polyfill, and anything may have been passed. */
export function isRequest(delivery: WebhookDelivery): delivery is Request {
  const request = delivery as Partial<Request> | null | undefined;
  return typeof request?.arrayBuffer === "function" && typeof request.bodyUsed === "boolean";
}

function none(webhookId: string): never {
  throw new WebhookError("body_parsed", `There is no body: it was not kept, or something read it before. ${REMEDY}`, {
    webhookId,
  });
}

async function readAll(chunks: AsyncIterable<Uint8Array>, webhookId: string): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of chunks) {
      // A stream whose encoding is set gives text.
      const part = typeof chunk === "string" ? utf8(chunk) : chunk;
      size += part.byteLength;
      if (size > MAX_BYTES) break;
      parts.push(part);
    }
  } catch (cause) {
    throw new WebhookError("body_unreadable", "The body could not be read completely.", { webhookId, cause });
  }
  if (size > MAX_BYTES)
    throw new WebhookError("body_unreadable", `The body is larger than ${MAX_BYTES} bytes.`, { webhookId });
  return size === 0 ? none(webhookId) : concatBytes(parts);
}

/** Not every runtime can iterate a stream. */
async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  const reader = stream.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    reader.cancel().catch(() => {});
  }
}

function decoded(body: string, webhookId: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(body), (letter) => letter.charCodeAt(0));
  } catch (cause) {
    throw new WebhookError("body_unreadable", "The body should be base64 (`isBase64Encoded`) and is not.", {
      webhookId,
      cause,
    });
  }
}

function kindOf(body: unknown): string {
  return Array.isArray(body) ? "an array" : typeof body === "object" ? "an object" : `a ${typeof body}`;
}
