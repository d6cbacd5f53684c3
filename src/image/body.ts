/** The JSON body of a submit, made while it is sent: the image is read, encoded and handed out in pieces. */
import { concatBytes, utf8 } from "../util/bytes.js";
import { streamOf } from "../util/stream-of.js";
import { encodedChunks, encodedLength, textSlices } from "./base64.js";
import { truncated } from "./checks.js";
import { SourceFailure, SourceReader } from "./reader.js";
import type { ImageScanner } from "./scanner.js";
import type { Image } from "./source.js";

type Bytes = Uint8Array<ArrayBuffer>;

/** An image that passed the checks. */
export interface CheckedImage {
  readonly image: Image;
  /** Open, with the head still in it, where the source cannot be opened again. Whoever does not send it must close it. */
  readonly opened?: SourceReader | undefined;
  /** Where the bytes can be scanned only while they are sent: the end is withheld when the image turns out truncated. */
  readonly scanner?: ImageScanner | undefined;
}

interface BodyParts extends CheckedImage {
  /** All fields of the request in their order; that of the image is replaced. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** More bytes of image than this are not sent. */
  readonly maxBytes: number | false;
}

/** How far a body was handed out: nothing of it, some, or all. */
export type BodyPhase = "connecting" | "sending" | "waiting";

/** Pieces below this are joined: each costs a write. */
const LEAST_PIECE = 64 * 1024;

/** A body that can be sent, once or again. */
export class Body {
  /** Exact length in bytes, where the image's size is known. */
  readonly length: number | undefined;
  /** Whether it can be opened again. */
  readonly replayable: boolean;
  readonly open: () => OpenBody;
  readonly #parts: BodyParts;

  constructor(parts: BodyParts) {
    const { source, text } = parts.image;
    const [before, after] = around(parts.fields);
    const encoded = text?.length ?? (source.size === undefined ? undefined : encodedLength(source.size));
    this.length = encoded === undefined ? undefined : before.byteLength + encoded + after.byteLength;
    this.replayable = source.replayable;
    this.open = () => new OpenBody(parts, before, after);
    this.#parts = parts;
  }

  /** Reads a replayable image to its end and passes its bytes on. @throws {SourceFailure} */
  async readImage(use: (bytes: Uint8Array) => void, signal: AbortSignal): Promise<void> {
    const { image, maxBytes } = this.#parts;
    const reader = new SourceReader(image.source);
    try {
      for await (const chunk of checkedChunks(reader, image.source.size, maxBytes)) {
        signal.throwIfAborted();
        use(chunk);
      }
    } finally {
      await reader.close();
    }
  }

  /** Frees a source that was opened for the checks and is not going to be sent. Never rejects. */
  async close(): Promise<void> {
    await this.#parts.opened?.close();
  }
}

/** One sending of a body. */
export class OpenBody {
  /** How far it was handed out. */
  phase: BodyPhase = "connecting";
  /** What the source failed with, where it did. */
  failure: SourceFailure | undefined;
  readonly #parts: BodyParts;
  readonly #before: Bytes;
  readonly #after: Bytes;
  #reader: SourceReader | undefined;

  constructor(parts: BodyParts, before: Bytes, after: Bytes) {
    this.#parts = parts;
    this.#before = before;
    this.#after = after;
    this.#reader = parts.opened;
  }

  /** For a fetch that takes it; it costs less than a stream. @throws {SourceFailure} */
  async *pieces(): AsyncGenerator<Bytes, void, void> {
    let small: Bytes[] = [];
    let length = 0;
    try {
      for await (const part of this.#all()) {
        small.push(part);
        length += part.byteLength;
        if (length < LEAST_PIECE) continue;
        this.phase = "sending";
        yield concatBytes(small);
        small = [];
        length = 0;
      }
    } catch (error) {
      this.failure = error instanceof SourceFailure ? error : new SourceFailure("opening failed", { cause: error });
      throw this.failure;
    }
    // The last piece is always there, if only the closing brace: with it the provider has a body it can work on.
    this.phase = "waiting";
    yield concatBytes(small);
  }

  async *#all(): AsyncGenerator<Bytes, void, void> {
    const { image, scanner, maxBytes } = this.#parts;
    yield this.#before;
    if (image.text === undefined) {
      this.#reader ??= new SourceReader(image.source);
      yield* encodedChunks(checkedChunks(this.#reader, image.source.size, maxBytes, scanner));
    } else for (const slice of textSlices(image.text)) yield utf8(slice);
    yield this.#after;
  }

  /** The same. Nothing is read ahead: what was pulled tells the phase. */
  stream(): ReadableStream<Bytes> {
    return streamOf(this.pieces(), () => this.close());
  }

  /** The whole, for runtimes that cannot send a stream. */
  async blob(): Promise<Blob> {
    const all: Blob[] = [];
    for await (const piece of this.pieces()) all.push(new Blob([piece]));
    return new Blob(all);
  }

  /** Frees the source. Never rejects. */
  async close(): Promise<void> {
    await this.#reader?.close();
  }
}

/** What stands before and after the image's text: exactly what `JSON.stringify` of the whole would give. */
function around(fields: Readonly<Record<string, unknown>>): [before: Bytes, after: Bytes] {
  const entries = Object.entries(fields);
  const at = entries.findIndex(([name]) => name === "image");
  const members = (part: typeof entries): string => JSON.stringify(Object.fromEntries(part)).slice(1, -1);
  const [before, after] = [members(entries.slice(0, at)), members(entries.slice(at + 1))];
  return [utf8(`{${before}${before && ","}"image":"`), utf8(`"${after && ","}${after}}`)];
}

/** A source that gives another number of bytes than it said is not sent to its end: the length was promised. */
async function* checkedChunks(
  reader: SourceReader,
  size: number | undefined,
  maxBytes: number | false,
  scanner?: ImageScanner,
): AsyncGenerator<Uint8Array, void, void> {
  let bytes = 0;
  for (let chunk = await reader.next(); chunk !== undefined; chunk = await reader.next()) {
    bytes += chunk.byteLength;
    if (size !== undefined && bytes > size) throw new SourceFailure(`it has more bytes than the ${size} it began with`);
    if (maxBytes !== false && bytes > maxBytes)
      throw new SourceFailure(`it has more than ${maxBytes} bytes (option \`image.maxBytes\`)`);
    scanner?.push(chunk);
    yield chunk;
  }
  if (scanner?.complete === false) throw new SourceFailure(`it ${truncated(scanner)}`);
  if (size !== undefined && bytes < size) throw new SourceFailure(`it ended after ${bytes} of ${size} bytes`);
}
