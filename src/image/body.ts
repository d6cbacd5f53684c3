/** The JSON body of a submit, made while it is sent: the image is read, encoded and handed out in pieces. */
import { concatBytes, utf8 } from "../util/bytes.js";
import { streamOf } from "../util/stream-of.js";
import { decode, encodedChunks, encodedLength, textSlices } from "./base64.js";
import { truncated } from "./checks.js";
import { SourceFailure, SourceReader } from "./reader.js";
import type { ImageScanner } from "./scanner.js";
import type { Image } from "./source.js";

/** A body that can be sent, once or again. */
export interface Body {
  /** Exact length in bytes, where the image's size is known. */
  readonly length: number | undefined;
  /** Whether it can be opened again. */
  readonly replayable: boolean;
  open(): OpenBody;
  /** Reads a replayable image to its end and passes its bytes on. @throws {SourceFailure} */
  readImage(use: (bytes: Uint8Array) => void, signal: AbortSignal): Promise<void>;
  /** Frees a source that was opened for the checks and is not going to be sent. Never rejects. */
  close(): Promise<void>;
}

/** How far a body was handed out: nothing of it, some, or all. */
export type BodyPhase = "connecting" | "sending" | "waiting";

/** One sending of a body. */
export interface OpenBody {
  /** The same, for a fetch that takes it; it costs less than a stream. */
  pieces(): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void>;
  /** Fails with a `SourceFailure` when the image cannot be read. Nothing is read ahead: what was pulled tells the phase. */
  stream(): ReadableStream<Uint8Array<ArrayBuffer>>;
  /** The whole, for runtimes that cannot send a stream. */
  blob(): Promise<Blob>;
  /** How far it was handed out. */
  readonly phase: BodyPhase;
  /** What the source failed with, where it did. */
  readonly failure: SourceFailure | undefined;
  /** Frees the source. Never rejects. */
  close(): Promise<void>;
}

export interface BodyParts {
  readonly image: Image;
  /** The reader that the checks opened, where the source cannot be opened again. */
  readonly opened?: SourceReader | undefined;
  /** Scans what can be read only once while it is sent: the end of the body is withheld when the image turns out truncated. */
  readonly scanner?: ImageScanner | undefined;
  /** All fields of the request in their order; that of the image is replaced. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** More bytes of image than this are not sent. */
  readonly maxBytes: number | false;
}

/** Pieces below this are joined: each costs a write. */
const LEAST_PIECE = 64 * 1024;

export function bodyOf(parts: BodyParts): Body {
  const { image, opened, fields } = parts;
  const [before, after] = around(fields).map(utf8) as [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>];
  const size = image.kind === "base64" ? image.text.length : image.source.size;
  const encoded = image.kind === "base64" || size === undefined ? size : encodedLength(size);
  return {
    length: encoded === undefined ? undefined : before.byteLength + encoded + after.byteLength,
    replayable: image.kind === "base64" || image.source.replayable,
    open: () => openBody(parts, before, after),
    readImage: (use, signal) => readImage(parts, use, signal),
    close: async () => opened?.close(),
  };
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

function openBody(
  { image, opened, scanner, maxBytes }: BodyParts,
  before: Uint8Array<ArrayBuffer>,
  after: Uint8Array<ArrayBuffer>,
): OpenBody {
  let phase: BodyPhase = "connecting";
  let failure: SourceFailure | undefined;
  let reader = opened;

  async function* parts(): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
    yield before;
    if (image.kind === "base64") yield* textSlices(image.text);
    else {
      reader ??= new SourceReader(image.source);
      yield* encodedChunks(checkedChunks(reader, image.source.size, maxBytes, scanner));
    }
    yield after;
  }

  async function* pieces(): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
    let small: Uint8Array<ArrayBuffer>[] = [];
    let length = 0;
    try {
      for await (const part of parts()) {
        small.push(part);
        length += part.byteLength;
        if (length < LEAST_PIECE) continue;
        phase = "sending";
        yield* joined(small);
        small = [];
        length = 0;
      }
    } catch (error) {
      failure = error instanceof SourceFailure ? error : new SourceFailure("opening failed", { cause: error });
      throw failure;
    }
    // The last piece is always there, if only the closing brace: with it the provider has a body it can work on.
    phase = "waiting";
    yield* joined(small);
  }

  const close = async (): Promise<void> => reader?.close();
  return {
    pieces,
    stream: () => streamOf(pieces(), close),
    blob: async () => {
      const all: Blob[] = [];
      for await (const piece of pieces()) all.push(new Blob([piece]));
      return new Blob(all);
    },
    get phase() {
      return phase;
    },
    get failure() {
      return failure;
    },
    close,
  };
}

function* joined(parts: readonly Uint8Array<ArrayBuffer>[]): Generator<Uint8Array<ArrayBuffer>> {
  const [only] = parts;
  yield parts.length === 1 && only !== undefined ? only : concatBytes(parts);
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
  if (scanner?.complete === false) throw new SourceFailure(`it ${truncated(scanner).message}`);
  if (size !== undefined && bytes < size) throw new SourceFailure(`it ended after ${bytes} of ${size} bytes`);
}

async function readImage(
  { image, maxBytes }: BodyParts,
  use: (bytes: Uint8Array) => void,
  signal: AbortSignal,
): Promise<void> {
  if (image.kind === "base64") {
    const decoder = new TextDecoder();
    for (const slice of textSlices(image.text)) use(decode(decoder.decode(slice)));
    return;
  }
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
