/** The JSON body of a submit, made while it is sent: the image is read, encoded and handed out in slices. */
import type { Phase } from "../http/retry-policy.js";
import { type Sha256, sha256, sha256Of } from "../util/sha256.js";
import { decode, encodedLength, encodeText, textSlices } from "./base64.js";
import { Base64Encoder } from "./encoding-stream.js";
import { joined, SourceFailure, SourceReader } from "./reader.js";
import { type Image, MemorySource } from "./source.js";
import { RECYCLE, type RecyclingBody, TAKE, type TextBody } from "./text-body.js";

/** A body that can be sent, once or again. */
export interface Body {
  /** Exact length in bytes, where the image's size is known. */
  readonly length: number | undefined;
  /** Whether it can be opened again. */
  readonly replayable: boolean;
  open(): OpenBody;
  /** Frees a source that was opened for the checks and is not going to be sent, where there is one. Never rejects. */
  close(): Promise<void> | undefined;
}

/** One sending of a body. */
export interface OpenBody extends AsyncIterable<Uint8Array<ArrayBuffer>> {
  /** The pieces of the body, in order. Throws a `SourceFailure` when the image cannot be read. */
  pieces(): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void>;
  /** How far it was handed out. */
  readonly phase: Exclude<Phase, "answered">;
  /** What the source failed with, where it did. */
  readonly failure: SourceFailure | undefined;
  /** SHA-256 of the image's bytes, in hex, once all of them were handed out. */
  readonly imageHash: string | undefined;
  /** Frees the source, where there is anything to be freed. Never rejects. */
  close(): Promise<void> | undefined;
}

export interface BodyParts {
  readonly image: Image;
  /** The reader that the checks opened, where the source cannot be opened again. */
  readonly opened?: SourceReader | undefined;
  /** All fields of the request in their order; that of the image is replaced. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** More bytes of image than this are not sent. */
  readonly maxBytes: number | false;
}

/** Pieces below this are joined: each costs a write. */
const LEAST_PIECE = 64 * 1024;

const ENCODER = new TextEncoder();

export function bodyOf({ image, opened, fields, maxBytes }: BodyParts): Body {
  const [before, after] = around(fields);
  const size = image.kind === "base64" ? image.text.length : image.source.size;
  const encoded = image.kind === "base64" || size === undefined ? size : encodedLength(size);
  const replayable = image.kind === "base64" || image.source.replayable;
  const small = smallBytes(image);
  return {
    length: encoded === undefined ? undefined : byteLength(before) + encoded + byteLength(after),
    replayable,
    open: () =>
      small === undefined ? openBody(image, opened, before, after, maxBytes) : new SmallBody(before, small, after),
    close: () => opened?.close(),
  };
}

function byteLength(text: string): number {
  return ENCODER.encode(text).byteLength;
}

/** What stands before and after the image's text: exactly what `JSON.stringify` of the whole would give. */
function around(fields: Readonly<Record<string, unknown>>): [before: string, after: string] {
  let before = "{";
  let after = "";
  for (const [name, value] of Object.entries(fields)) {
    if (name === "image") after = '"';
    else if (value === undefined) continue;
    else if (after === "") before += `${JSON.stringify(name)}:${JSON.stringify(value)},`;
    else after += `,${JSON.stringify(name)}:${JSON.stringify(value)}`;
  }
  return [`${before}"image":"`, `${after}}`];
}

/** Bytes in memory that make one piece: they are handed out without the steps that a stream needs. */
class SmallBody implements OpenBody, TextBody {
  readonly #parts: readonly [before: string, image: Uint8Array, after: string];
  readonly failure = undefined;
  phase: OpenBody["phase"] = "connecting";
  imageHash: string | undefined;

  constructor(before: string, image: Uint8Array, after: string) {
    this.#parts = [before, image, after];
  }

  [TAKE](): string {
    const [before, image, after] = this.#parts;
    this.phase = "waiting";
    this.imageHash = sha256Of(image);
    return before + encodeText(image) + after;
  }

  async *pieces(): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
    yield ENCODER.encode(this[TAKE]());
  }

  [Symbol.asyncIterator](): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
    return this.pieces();
  }

  close(): undefined {}
}

function smallBytes(image: Image): Uint8Array | undefined {
  const source = image.kind === "bytes" ? image.source : undefined;
  return source instanceof MemorySource && source.size <= LEAST_PIECE ? source.view : undefined;
}

function openBody(
  image: Image,
  opened: SourceReader | undefined,
  before: string,
  after: string,
  maxBytes: number | false,
): OpenBody & RecyclingBody {
  const encoder = new Base64Encoder();
  const hash = sha256();
  let phase: OpenBody["phase"] = "connecting";
  let failure: SourceFailure | undefined;
  let imageHash: string | undefined;
  let reader: SourceReader | undefined;
  let closed = false;

  async function* raw(): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
    yield ENCODER.encode(before);
    if (image.kind === "base64") yield* textPieces(image.text, hash);
    else {
      reader = opened ?? new SourceReader(image.source);
      yield* encodedPieces(reader, encoder, image.source.size, maxBytes, hash);
    }
    imageHash = hash.hex();
    yield ENCODER.encode(after);
  }

  async function* pieces(): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
    let waiting: Uint8Array<ArrayBuffer>[] = [];
    let length = 0;
    try {
      for await (const piece of raw()) {
        if (closed) return;
        waiting.push(piece);
        length += piece.byteLength;
        if (length < LEAST_PIECE) continue;
        phase = "sending";
        yield one(waiting, length);
        waiting = [];
        length = 0;
      }
      // The last piece is always there, if only the closing brace: with it the provider has a body it can work on.
      phase = "waiting";
      yield one(waiting, length);
    } catch (error) {
      failure = error instanceof SourceFailure ? error : new SourceFailure("opening failed", { cause: error });
      throw failure;
    }
  }

  return {
    pieces,
    [Symbol.asyncIterator]: pieces,
    [RECYCLE]: (piece) => encoder.recycle(piece),
    get phase() {
      return phase;
    },
    get failure() {
      return failure;
    },
    get imageHash() {
      return imageHash;
    },
    close: () => {
      closed = true;
      const used = reader ?? opened;
      return used?.open ? used.close() : undefined;
    },
  };
}

function one(pieces: readonly Uint8Array<ArrayBuffer>[], length: number): Uint8Array<ArrayBuffer> {
  const [only] = pieces;
  return pieces.length === 1 && only !== undefined ? only : joined(pieces, length);
}

function* textPieces(text: string, hash: Sha256): Generator<Uint8Array<ArrayBuffer>> {
  for (const slice of textSlices(text)) {
    hash.update(decode(new TextDecoder().decode(slice)));
    yield slice;
  }
}

/** A source that gives another number of bytes than it said is not sent to its end: the length was promised. */
async function* encodedPieces(
  reader: SourceReader,
  encoder: Base64Encoder,
  size: number | undefined,
  maxBytes: number | false,
  hash: Sha256,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
  let bytes = 0;
  for (let chunk = await reader.next(); chunk !== undefined; chunk = await reader.next()) {
    bytes += chunk.byteLength;
    if (size !== undefined && bytes > size) throw new SourceFailure(`it has more bytes than the ${size} it began with`);
    if (maxBytes !== false && bytes > maxBytes)
      throw new SourceFailure(`it has more than ${maxBytes} bytes (option \`image.maxBytes\`)`);
    hash.update(chunk);
    yield* encoder.push(chunk);
  }
  if (size !== undefined && bytes < size) throw new SourceFailure(`it ended after ${bytes} of ${size} bytes`);
  yield* encoder.end();
}
