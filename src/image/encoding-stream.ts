/** A source's bytes, of whatever chunking, as base64 in slices. Memory does not depend on the image's size. */
import { encode } from "./base64.js";

/** Bytes encoded at once: a multiple of 3, and few enough that the garbage of a large image stays small. */
const BLOCK = 192 * 1024;

/** Encodes as the bytes come; up to two bytes wait for the next chunk, so that padding stands at the end alone. */
export class Base64Encoder {
  #rest: Uint8Array = new Uint8Array();

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
      yield encode(bytes.subarray(start, Math.min(start + BLOCK, whole)));
  }

  *end(): Generator<Uint8Array<ArrayBuffer>> {
    if (this.#rest.byteLength > 0) yield encode(this.#rest);
    this.#rest = new Uint8Array();
  }
}
