/** The JSON body of a submit, made while it is sent: the images are read, encoded and handed out in pieces. */
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

interface BodyParts {
  /** By the name of its field. */
  readonly images: ReadonlyMap<string, CheckedImage>;
  /** All fields of the request in their order; those of images are replaced. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** More bytes of one image than this are not sent. */
  readonly maxBytes: number | false;
}

/** How far a body was handed out: nothing, some, or all. */
export type BodyPhase = "connecting" | "sending" | "waiting";

/** Pieces below this are joined: each costs a write. */
const LEAST_PIECE = 64 * 1024;

/** A body that can be sent, once or again. */
export class Body {
  /** Exact length in bytes, where the size of every image is known. */
  readonly length: number | undefined;
  /** Whether it can be opened again. */
  readonly replayable: boolean;
  readonly open: () => OpenBody;
  readonly #parts: BodyParts;

  constructor(parts: BodyParts) {
    const segments = segmentsOf(parts);
    const lengths = segments.map((one) => (one instanceof Uint8Array ? one.byteLength : lengthOf(one.image)));
    this.length = lengths.reduce(
      (sum, length) => (sum === undefined || length === undefined ? undefined : sum + length),
      0,
    );
    this.open = () => new OpenBody(segments, parts.maxBytes);
    this.#parts = parts;
    this.replayable = this.readOnce.length === 0;
  }

  /** The names of the fields that are images, and of those that can be read only once. */
  get images(): string[] {
    return [...this.#parts.images.keys()];
  }
  get readOnce(): string[] {
    return this.images.filter((name) => this.#parts.images.get(name)?.image.source.replayable === false);
  }

  /** Reads a replayable image to its end and passes its bytes on. @throws {SourceFailure} */
  async readImage(name: string, use: (bytes: Uint8Array) => void, signal: AbortSignal): Promise<void> {
    const { images, maxBytes } = this.#parts;
    const source = images.get(name)?.image.source;
    if (source === undefined) return;
    const reader = new SourceReader(source);
    try {
      for await (const chunk of checkedChunks(reader, source.size, maxBytes)) {
        signal.throwIfAborted();
        use(chunk);
      }
    } finally {
      await reader.close();
    }
  }

  /** Frees sources that were opened for the checks and are not going to be sent. Never rejects. */
  async close(): Promise<void> {
    await Promise.all([...this.#parts.images.values()].map(({ opened }) => opened?.close()));
  }
}

/** One sending of a body. */
export class OpenBody {
  phase: BodyPhase = "connecting";
  /** What the source failed with, where it did. */
  failure: SourceFailure | undefined;
  readonly #segments: readonly Segment[];
  readonly #maxBytes: number | false;
  readonly #readers: SourceReader[];

  constructor(segments: readonly Segment[], maxBytes: number | false) {
    this.#segments = segments;
    this.#maxBytes = maxBytes;
    this.#readers = segments.flatMap((one) => ("opened" in one && one.opened ? [one.opened] : []));
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
    for (const segment of this.#segments)
      if (segment instanceof Uint8Array) yield segment;
      else yield* this.#encoded(segment);
  }

  async *#encoded({ image, opened, scanner }: CheckedImage): AsyncGenerator<Bytes, void, void> {
    const { source, text } = image;
    if (text === undefined) {
      const reader = opened ?? new SourceReader(source);
      if (reader !== opened) this.#readers.push(reader);
      yield* encodedChunks(checkedChunks(reader, source.size, this.#maxBytes, scanner));
    } else for (const slice of textSlices(text)) yield utf8(slice);
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

  /** Frees the sources. Never rejects. */
  async close(): Promise<void> {
    await Promise.all(this.#readers.map((reader) => reader.close()));
  }
}

/** A part of the body: bytes as they are, or an image to be encoded. */
type Segment = Bytes | CheckedImage;

/** All that is sent, in order: exactly what `JSON.stringify` of the whole would give. */
function segmentsOf({ images, fields }: BodyParts): Segment[] {
  const segments: Segment[] = [];
  let text = "{";
  for (const [name, value] of Object.entries(fields)) {
    const image = images.get(name);
    const member = image === undefined ? JSON.stringify({ [name]: value }).slice(1, -1) : `${JSON.stringify(name)}:"`;
    text += (member === "" || text === "{" ? "" : ",") + member;
    if (image === undefined) continue;
    segments.push(utf8(text), image);
    text = '"';
  }
  return [...segments, utf8(`${text}}`)];
}

function lengthOf({ source, text }: Image): number | undefined {
  return text?.length ?? (source.size === undefined ? undefined : encodedLength(source.size));
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
