/** The forms an image may be given in, brought into one. */
import { chunksOf } from "../util/chunks-of.js";

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
  /** Whether `open` works more than once. A source that cannot be read again is never sent again. */
  readonly replayable: boolean;
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
  | Response
  | ImageSource
  | string;

/** An image that can be read, or text that is sent as it is. */
export type Image =
  | { readonly kind: "bytes"; readonly source: ImageSource }
  | { readonly kind: "base64"; readonly text: string };

/** Why an input is not an image. */
export interface Refusal {
  readonly rule: string;
  readonly message: string;
}

/** Reads nothing of the image yet. */
export function imageOf(input: unknown): Image | Refusal {
  if (typeof input === "string") return imageOfText(input);
  if (input instanceof ArrayBuffer || isShared(input)) return bytes(new MemorySource(new Uint8Array(input)));
  if (ArrayBuffer.isView(input))
    return bytes(new MemorySource(new Uint8Array(input.buffer, input.byteOffset, input.byteLength)));
  if (typeof input !== "object" || input === null) return refused(input === null ? "null" : `a ${typeof input}`);
  if (input instanceof Blob) return bytes(ofBlob(input));
  if (input instanceof Response) return imageOfResponse(input);
  if (isStream(input)) {
    if (input.locked) return { rule: "consumed", message: "the stream is locked: something else is reading it" };
    return bytes(ofStream(input, undefined));
  }
  if ("then" in input && typeof input.then === "function") return refused("a Promise: await it first");
  if (isImageSource(input)) return imageOfSource(input);
  if (Symbol.asyncIterator in input) return bytes(ofIterable(input as AsyncIterable<Uint8Array>));
  return refused("an object that holds no bytes");
}

function bytes(source: ImageSource): Image {
  return { kind: "bytes", source };
}

function refused(what: string): Refusal {
  return {
    rule: "type",
    message: `must be bytes, a Blob, a stream, a Response, an ImageSource, or a base64 string or data: URI; this is ${what}`,
  };
}

/** What it says of its size is announced to the server: nonsense would break the request half-way. */
function imageOfSource(source: ImageSource): Image | Refusal {
  const { size } = source;
  if (size === undefined || (Number.isSafeInteger(size) && size >= 0)) return bytes(source);
  const message = `is an ImageSource whose size is ${String(size)}: it must be a whole number of bytes, or left out`;
  return { rule: "size", message };
}

function imageOfText(text: string): Image | Refusal {
  if (!/^data:/i.test(text)) return { kind: "base64", text };
  const comma = text.indexOf(",");
  const head = comma < 0 ? "" : text.slice(5, comma);
  if (!/;base64$/i.test(head))
    return { rule: "data_uri", message: "must be base64 where it is a data: URI, as in data:image/png;base64,…" };
  return { kind: "base64", text: text.slice(comma + 1) };
}

function imageOfResponse(response: Response): Image | Refusal {
  if (!response.ok)
    return { rule: "response", message: `is a Response with status ${response.status}, so it holds no image` };
  if (response.bodyUsed) return { rule: "consumed", message: "is a Response whose body was read already" };
  if (response.body === null) return bytes(new MemorySource(new Uint8Array()));
  // With a content encoding the header counts the encoded bytes, not those that are read here.
  const length = response.headers.get("content-encoding") === null ? response.headers.get("content-length") : null;
  const size = length !== null && /^\d{1,15}$/.test(length) ? Number(length) : undefined;
  return bytes(ofStream(response.body, size));
}

function isShared(input: unknown): input is SharedArrayBuffer {
  return typeof SharedArrayBuffer === "function" && input instanceof SharedArrayBuffer;
}

function isStream(input: object): input is ReadableStream<Uint8Array> {
  return "getReader" in input && typeof input.getReader === "function";
}

function isImageSource(input: object): input is ImageSource {
  return "open" in input && typeof input.open === "function" && "replayable" in input;
}

/** Bytes in memory, which can be used without opening anything. */
export class MemorySource implements ImageSource {
  readonly view: Uint8Array;
  readonly replayable = true;

  constructor(view: Uint8Array) {
    this.view = view;
  }
  get size(): number {
    return this.view.byteLength;
  }
  async *open(): AsyncGenerator<Uint8Array> {
    yield this.view;
  }
}

function ofBlob(blob: Blob): ImageSource {
  const { name } = blob as Partial<File>;
  return {
    size: blob.size,
    name,
    replayable: true,
    open: () => chunksOf(blob.stream()),
  };
}

function ofStream(stream: ReadableStream<Uint8Array>, size: number | undefined): ImageSource {
  return { size, replayable: false, open: () => chunksOf(stream) };
}

/**
 * A Node stream is not freed by its iterator's `return()` while nobody has read from it yet, nor while a read is pending:
 * then it is destroyed.
 */
function ofIterable(input: AsyncIterable<Uint8Array> & { destroy?: () => void }): ImageSource {
  return {
    replayable: false,
    open: () => ({
      [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
        const iterator = input[Symbol.asyncIterator]();
        let idle = false;
        return {
          async next() {
            idle = false;
            const result = await iterator.next();
            idle = true;
            return result;
          },
          async return() {
            if (!idle && typeof input.destroy === "function") input.destroy();
            await iterator.return?.();
            return { done: true, value: undefined };
          },
        };
      },
    }),
  };
}
