/** Base64 in slices: through Buffer where there is one, `btoa` and `atob` elsewhere. */
import { concatBytes, latin1, NO_BYTES } from "../util/bytes.js";

/** What this module uses of Node's Buffer, looked up at run time so that the core needs no Node. */
interface BufferMaker {
  from(bytes: ArrayBufferLike, start: number, length: number): { toString(encoding: "base64"): string };
  from(text: string, encoding: "base64"): Uint8Array<ArrayBuffer>;
}

/** Bytes encoded at a time: a multiple of 3, and small enough that V8 keeps the string out of its large-object space. */
const SLICE = 48 * 1024;
/** Bytes encoded into one piece, so that the garbage of a large image stays small. */
const PIECE = 8 * SLICE;
/** Letters checked or sent at a time; a multiple of 4. */
const TEXT_SLICE = 64 * 1024;

const runtime = globalThis as { readonly Buffer?: BufferMaker };

/** Length of the base64 text of so many bytes. */
export function encodedLength(bytes: number): number {
  return 4 * Math.ceil(bytes / 3);
}

/** The base64 text as ASCII bytes, padded where the length is not a multiple of 3. */
export function encode(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(encodedLength(bytes.byteLength));
  const encoder = new TextEncoder();
  for (let start = 0, offset = 0; start < bytes.byteLength; start += SLICE) {
    const slice = bytes.subarray(start, start + SLICE);
    const buffer = runtime.Buffer?.from(slice.buffer, slice.byteOffset, slice.byteLength);
    offset += encoder.encodeInto(buffer?.toString("base64") ?? btoa(latin1(slice)), out.subarray(offset)).written;
  }
  return out;
}

/** Encodes as the bytes come; up to two of them wait for the next chunk, so that padding stands at the end alone. */
export async function* encodedChunks(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
  let rest: Uint8Array = NO_BYTES;
  for await (const chunk of chunks) {
    const bytes = rest.byteLength === 0 ? chunk : concatBytes([rest, chunk]);
    const complete = bytes.byteLength - (bytes.byteLength % 3);
    for (let start = 0; start < complete; start += PIECE)
      yield encode(bytes.subarray(start, Math.min(start + PIECE, complete)));
    // A copy: the source may reuse the chunk's memory once the next is asked for.
    rest = bytes.slice(complete);
  }
  if (rest.byteLength > 0) yield encode(rest);
}

/** Decodes text that was checked. The runtime's decoder is lenient; `isBase64` is not. */
export function decode(text: string): Uint8Array<ArrayBuffer> {
  if (runtime.Buffer !== undefined) return runtime.Buffer.from(text, "base64");
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

/** Whether the text is exactly what encoding some bytes gives: alphabet, padding, unused bits. Memory stays flat. */
export function isBase64(text: string): boolean {
  const decoder = new TextDecoder();
  let padded = false;
  try {
    for (const slice of textSlices(text)) {
      // A round trip is exact and faster than looking at single letters.
      if (padded || decoder.decode(encode(decode(slice))) !== slice) return false;
      padded = slice.endsWith("=");
    }
    return true;
  } catch {
    return false;
  }
}

export function decodedLength(text: string): number {
  return (text.length / 4) * 3 - (text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0);
}

/** The text in slices, each of which can be decoded by itself. */
export function* textSlices(text: string): Generator<string, void, void> {
  for (let start = 0; start < text.length; start += TEXT_SLICE) yield text.slice(start, start + TEXT_SLICE);
}
