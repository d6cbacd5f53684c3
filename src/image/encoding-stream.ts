/** A source's bytes, of whatever chunking, as base64 in slices. Memory does not depend on the image's size. */
import { encode, encodedLength } from "./base64.js";

/** Bytes encoded at once: a multiple of 3, and few enough that the garbage of a large image stays small. */
const BLOCK = 384 * 1024;
/** Length of a whole block's text. */
const SLICE = encodedLength(BLOCK);

/** Encodes as the bytes come; up to two bytes wait for the next chunk, so that padding stands at the end alone. */
export class Base64Encoder {
  #rest: Uint8Array = new Uint8Array();
  /** Memory of slices that nobody needs any more. */
  readonly #spare: Uint8Array<ArrayBuffer>[] = [];

  /** Takes a slice's memory back. What does not come back is left to the garbage collector. */
  recycle(slice: Uint8Array): void {
    if (slice.byteLength === SLICE) this.#spare.push(slice as Uint8Array<ArrayBuffer>);
  }

  *push(chunk: Uint8Array): Generator<Uint8Array<ArrayBuffer>> {
    let bytes = chunk;
    if (this.#rest.byteLength > 0) {
      const missing = 3 - this.#rest.byteLength;
      const head = new Uint8Array([...this.#rest, ...bytes.subarray(0, missing)]);
      bytes = bytes.subarray(missing);
      if (head.byteLength < 3) {
        this.#rest = head;
        return;
      }
      yield encode(head);
    }
    const whole = bytes.byteLength - (bytes.byteLength % 3);
    // The chunk may be reused once the next is asked for: what waits is copied.
    this.#rest = new Uint8Array(bytes.subarray(whole));
    for (let start = 0; start < whole; start += BLOCK)
      yield encode(
        bytes.subarray(start, Math.min(start + BLOCK, whole)),
        start + BLOCK <= whole ? this.#spare.pop() : undefined,
      );
  }

  *end(): Generator<Uint8Array<ArrayBuffer>> {
    if (this.#rest.byteLength > 0) yield encode(this.#rest);
    this.#rest = new Uint8Array();
  }
}
