/** Turns every accepted form of an image into one. */
import type { Fault } from "../errors/request-errors.js";
import { bytesOf, NO_BYTES } from "../util/bytes.js";
import { chunksOf } from "../util/chunks-of.js";
import { decode, textSlices } from "./base64.js";

/**
 * Where an image's bytes come from. `imageFile()` of `magnific-client/node` makes one of a path; make your own for
 * anything else that can be opened again (an object store, a database).
 */
export interface ImageSource {
  /**
   * Opens the bytes from the start; called once for the check and once for every attempt. A chunk may be reused after
   * the next one was asked for. The iterator's `return()` must free whatever `open` took.
   */
  open(): AsyncIterable<Uint8Array>;
  /** Bytes in all, where that is known: it makes an exact `Content-Length` possible. */
  readonly size?: number | undefined;
  /** For messages only; never sent. */
  readonly name?: string | undefined;
  /** Whether `open` works more than once. A source that cannot be read again is never retried. */
  readonly replayable: boolean;
}

/** What is read of a `Response`, whose ever `fetch` made it: that of the platform, of undici, of node-fetch. */
export interface ResponseLike {
  readonly ok: boolean;
  readonly status: number;
  readonly bodyUsed: boolean;
  readonly headers: { get(name: string): string | null };
  /** A stream or async iterable of bytes. */
  readonly body: object | null;
}

/**
 * An image: bytes in any view, a Blob or File, a stream or async iterable of bytes, a `Response`, an `ImageSource`, or a
 * string that is base64 or a `data:` URI. A string is never a path or a URL: use `imageFile()` for the one, `fetch` for
 * the other.
 */
export type ImageInput =
  | ArrayBufferLike
  | ArrayBufferView
  | Blob
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array>
  | ResponseLike
  | ImageSource
  | string;

/** An image that can be read. One that was passed as base64 has its `text`, which is sent as it is. */
export interface Image {
  readonly source: ImageSource;
  readonly text?: string;
}

/** Reads nothing of the image yet. */
export function imageOf(input: unknown): Image | Fault {
  if (typeof input === "string") return imageOfText(input);
  const bytes = bytesOf(input);
  if (bytes !== undefined) return { source: ofBytes(bytes) };
  if (typeof input !== "object" || input === null) return wrongType(input === null ? "null" : `a ${typeof input}`);
  if (isBlob(input)) return { source: ofBlob(input) };
  if (isResponse(input)) return imageOfResponse(input);
  if ("getReader" in input && typeof input.getReader === "function") {
    const stream = input as ReadableStream<Uint8Array>;
    if (stream.locked) return imageFault("consumed", "the stream is locked: something else is reading it");
    return { source: { replayable: false, open: () => chunksOf(stream) } };
  }
  if ("then" in input && typeof input.then === "function") return wrongType("a Promise: await it first");
  if ("open" in input && typeof input.open === "function" && "replayable" in input)
    return imageOfSource(input as ImageSource);
  if (Symbol.asyncIterator in input) return { source: ofIterable(input as AsyncIterable<Uint8Array>) };
  return wrongType("an object that holds no bytes");
}

/** By what it has: it may come from another realm or another implementation of fetch. */
function isBlob(input: Partial<Blob>): input is Blob {
  return typeof input.stream === "function" && typeof input.size === "number" && typeof input.type === "string";
}

function isResponse(input: Partial<ResponseLike>): input is ResponseLike {
  return (
    typeof input.ok === "boolean" && typeof input.bodyUsed === "boolean" && typeof input.headers?.get === "function"
  );
}

export function imageFault(rule: string, message: string): Fault {
  return { field: "image", rule, message };
}

function wrongType(what: string): Fault {
  const forms = "bytes, a Blob, a stream, a Response, an ImageSource, or a base64 string or data: URI";
  return imageFault("type", `must be ${forms}; this is ${what}`);
}

/** What it says of its size is announced to the server: nonsense would break the request half-way. */
function imageOfSource(source: ImageSource): Image | Fault {
  const { size } = source;
  if (size === undefined || (Number.isSafeInteger(size) && size >= 0)) return { source };
  const what = `is an ImageSource whose size is ${String(size)}`;
  return imageFault("size", `${what}: it must be a whole number of bytes, or left out`);
}

function imageOfText(input: string): Image | Fault {
  const [head = ""] = /^data:[^,]*(?:,|$)/i.exec(input) ?? [];
  if (head !== "" && !/;base64,$/i.test(head))
    return imageFault("data_uri", "must be base64 where it is a data: URI, as in data:image/png;base64,…");
  const text = input.slice(head.length);
  const source: ImageSource = {
    replayable: true,
    async *open() {
      for (const slice of textSlices(text)) yield decode(slice);
    },
  };
  return { source, text };
}

function imageOfResponse({ ok, status, bodyUsed, body, headers }: ResponseLike): Image | Fault {
  if (!ok) return imageFault("response", `is a Response with status ${status}, so it holds no image`);
  if (bodyUsed) return imageFault("consumed", "is a Response whose body was read already");
  if (body === null) return { source: ofBytes(NO_BYTES) };
  const image = imageOf(body);
  if ("rule" in image) return image;
  // With a content encoding the header counts the encoded bytes, not those that are read here.
  const length = headers.get("content-encoding") === null ? (headers.get("content-length") ?? "") : "";
  const size = /^\d{1,15}$/.test(length) ? Number(length) : undefined;
  return { source: { ...image.source, size } };
}

function ofBytes(bytes: Uint8Array): ImageSource {
  return {
    size: bytes.byteLength,
    replayable: true,
    async *open() {
      yield bytes;
    },
  };
}

function ofBlob(blob: Blob): ImageSource {
  const { size, name } = blob as Blob & Partial<File>;
  return { size, name, replayable: true, open: () => chunksOf(blob.stream()) };
}

/** A Node stream's iterator does not free it while nothing was read, nor while a read is pending: it is destroyed. */
function ofIterable(input: AsyncIterable<Uint8Array> & { destroy?: () => void }): ImageSource {
  const open = (): AsyncIterable<Uint8Array> => {
    const iterator = input[Symbol.asyncIterator]();
    const end = async (): Promise<IteratorResult<Uint8Array>> => {
      if (typeof input.destroy === "function") input.destroy();
      await iterator.return?.();
      return { done: true, value: undefined };
    };
    return { [Symbol.asyncIterator]: () => ({ next: () => iterator.next(), return: end }) };
  };
  return { replayable: false, open };
}
