/** Base64 in slices, as fast as the runtime can: through Buffer where there is one, a table or `atob` else. */

/** What this module uses of Node's Buffer, looked up at run time so that the core needs no Node. */
interface BufferLike {
  readonly byteLength: number;
  latin1Write(text: string, offset: number): number;
  write(text: string, encoding: "base64"): number;
  toString(encoding: "base64", start?: number, end?: number): string;
}
interface BufferMaker {
  from(buffer: ArrayBufferLike, offset: number, length: number): BufferLike;
  from(text: string, encoding: "base64"): BufferLike & Uint8Array;
  allocUnsafeSlow(size: number): BufferLike;
}

/** Bytes encoded at a time: a multiple of 3, and small enough that V8 keeps the string out of its large-object space. */
const SLICE = 48 * 1024;

const buffers = (): BufferMaker | undefined => (globalThis as unknown as { Buffer?: BufferMaker }).Buffer;

/** Length of the base64 text of so many bytes. */
export function encodedLength(bytes: number): number {
  return 4 * Math.ceil(bytes / 3);
}

/**
 * The base64 text as ASCII bytes, padded where the length is no multiple of 3.
 *
 * @param out Memory to write it into, exactly as long as the text.
 */
export function encode(
  bytes: Uint8Array,
  out: Uint8Array<ArrayBuffer> = new Uint8Array(encodedLength(bytes.byteLength)),
): Uint8Array<ArrayBuffer> {
  const Buffer = buffers();
  if (Buffer === undefined) return encodeByTable(bytes, out);
  const from = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const into = Buffer.from(out.buffer, out.byteOffset, out.byteLength);
  for (let start = 0, offset = 0; start < from.byteLength; start += SLICE)
    offset += into.latin1Write(from.toString("base64", start, start + SLICE), offset);
  return out;
}

/** The same as a string: right for what is sent in one piece, since a string's memory costs less than a buffer's. */
export function encodeText(bytes: Uint8Array): string {
  const Buffer = buffers();
  if (Buffer !== undefined) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
  return new TextDecoder().decode(encode(bytes));
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
let pairs: Uint16Array | undefined;

/** Twelve bits at a time: one look-up for each two letters. */
export function encodeByTable(bytes: Uint8Array, out: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  pairs ??= Uint16Array.from({ length: 4096 }, (_, i) => (letter(i >> 6) << 8) | letter(i & 63));
  const whole = bytes.byteLength - (bytes.byteLength % 3);
  let at = 0;
  for (let i = 0; i < whole; i += 3) {
    const bits = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const high = pairs[bits >> 12] ?? 0;
    const low = pairs[bits & 4095] ?? 0;
    out[at++] = high >> 8;
    out[at++] = high & 255;
    out[at++] = low >> 8;
    out[at++] = low & 255;
  }
  const left = bytes.byteLength - whole;
  if (left > 0) {
    const bits = ((bytes[whole] ?? 0) << 16) | ((bytes[whole + 1] ?? 0) << 8);
    out[at++] = letter(bits >> 18);
    out[at++] = letter((bits >> 12) & 63);
    out[at++] = left === 2 ? letter((bits >> 6) & 63) : 61;
    out[at] = 61;
  }
  return out;
}

function letter(value: number): number {
  return ALPHABET.charCodeAt(value);
}

/** Decodes text that was checked. The runtime's decoder is lenient; `isBase64` is not. */
export function decode(text: string): Uint8Array {
  const Buffer = buffers();
  if (Buffer !== undefined) return Buffer.from(text, "base64");
  const latin1 = atob(text);
  return Uint8Array.from(latin1, (one) => one.charCodeAt(0));
}

/** Letters checked or sent at a time; a multiple of 4. */
export const TEXT_SLICE: number = 64 * 1024;

let scratch: BufferLike | undefined;

/** Whether the text is exactly what encoding some bytes gives: alphabet, padding, unused bits. Memory stays flat. */
export function isBase64(text: string): boolean {
  const Buffer = buffers();
  // Memory of its own for each call would cost as much again as the work.
  scratch ??= Buffer?.allocUnsafeSlow((TEXT_SLICE / 4) * 3);
  const memory = Buffer && scratch;
  try {
    for (let start = 0; start < text.length; start += TEXT_SLICE) {
      const slice = text.slice(start, start + TEXT_SLICE);
      // A round trip is exact and faster than any look at single letters. It gives whole groups of four.
      const again =
        memory === undefined ? btoa(atob(slice)) : memory.toString("base64", 0, memory.write(slice, "base64"));
      if (again !== slice) return false;
      if (start + TEXT_SLICE < text.length && slice.endsWith("=")) return false;
    }
    return true;
  } catch {
    return false;
  }
}

/** How many bytes a checked text stands for. */
export function decodedLength(text: string): number {
  return (text.length / 4) * 3 - (text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0);
}

/** The text in slices of ASCII bytes. */
export function* textSlices(text: string): Generator<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  for (let start = 0; start < text.length; start += TEXT_SLICE)
    yield encoder.encode(text.slice(start, start + TEXT_SLICE));
}
