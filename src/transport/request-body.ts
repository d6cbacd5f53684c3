/** A request's body, of whatever form `fetch` takes, as what node:http can send. */
import { isRecycling, isTextBody, RECYCLE, type TextBody } from "../image/text-body.js";
import type { LightRequest } from "./light-request.js";

/** Bytes that are there, or bytes that come. */
export type RequestBody =
  | { readonly kind: "none" }
  | { readonly kind: "whole"; readonly bytes: string | Uint8Array; readonly type?: string }
  /** A text that is made when it can be sent, and as long as the request announces. */
  | { readonly kind: "text"; readonly text: TextBody; readonly type?: never }
  | { readonly kind: "streamed"; readonly source: Puller; readonly type?: string };

/** Where a streamed body comes from. */
export interface Puller {
  /** The next bytes; `undefined` at the end. */
  pull(): Promise<Uint8Array | undefined>;
  /** Frees the source, also while a pull is pending. */
  cancel(reason: unknown): void;
  /** Takes back what was pulled, once its bytes are with the kernel. */
  recycle?(piece: Uint8Array): void;
}

type FetchBody = LightRequest["body"] | undefined;

export function requestBody(body: FetchBody): RequestBody {
  if (body === null || body === undefined) return { kind: "none" };
  if (typeof body === "string") return { kind: "whole", bytes: body, type: "text/plain;charset=UTF-8" };
  if (isTextBody(body)) return { kind: "text", text: body };
  if (body instanceof Uint8Array) return { kind: "whole", bytes: body };
  if (body instanceof ReadableStream) return { kind: "streamed", source: ofStream(body) };
  if (body instanceof URLSearchParams)
    return { kind: "whole", bytes: String(body), type: "application/x-www-form-urlencoded;charset=UTF-8" };
  if (Symbol.asyncIterator in body) return { kind: "streamed", source: ofIterable(body) };
  // A Blob, a form, a buffer or another view: the platform knows how it goes over the wire.
  const response = new Response(body as BodyInit);
  const type = response.headers.get("content-type");
  if (response.body === null) return { kind: "none" };
  return { kind: "streamed", source: ofStream(response.body), ...(type === null ? {} : { type }) };
}

function ofStream(stream: ReadableStream<Uint8Array>): Puller {
  const reader = stream.getReader();
  return {
    pull: async () => {
      const { done, value } = await reader.read();
      return done ? undefined : value;
    },
    cancel: (reason) => void reader.cancel(reason).catch(() => {}),
  };
}

function ofIterable(iterable: AsyncIterable<Uint8Array>): Puller {
  const iterator = iterable[Symbol.asyncIterator]();
  return {
    pull: async () => {
      const { done, value } = await iterator.next();
      return done === true ? undefined : value;
    },
    cancel: () => void (async () => iterator.return?.())().catch(() => {}),
    ...(isRecycling(iterable) ? { recycle: (piece: Uint8Array) => iterable[RECYCLE](piece) } : {}),
  };
}
