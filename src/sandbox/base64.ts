/** Base64 as it streams in, decoded exactly or not at all: RFC 4648 §4 with its padding, nothing else. */

const LAST_QUANTUM = /^(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)$/;

/** Strings beyond this size land in V8's large-object space, where decoding is several times slower. */
const SLICE = 48 * 1024;

export class ExactBase64 {
  #bytes: Buffer;
  #length = 0;
  /** The last 1 to 4 characters: only the final quantum may hold padding. */
  #carry = "";
  #valid = true;

  /** @param capacity How many bytes are expected; it grows when there are more. */
  constructor(capacity = 0) {
    this.#bytes = Buffer.allocUnsafe(capacity);
  }

  /** Takes text in any slicing. */
  write(text: string): void {
    for (let start = 0; start < text.length && this.#valid; start += SLICE) {
      this.#take(this.#carry + text.slice(start, start + SLICE));
    }
  }

  #refuse(): void {
    this.#valid = false;
    this.#bytes = Buffer.alloc(0);
  }

  /** The bytes, or `undefined` when the text was not base64. To be called once. */
  end(): Buffer | undefined {
    if (!this.#valid) return undefined;
    if (this.#carry !== "") {
      if (!LAST_QUANTUM.test(this.#carry)) return undefined;
      this.#append(this.#carry);
    }
    return this.#bytes.subarray(0, this.#length);
  }

  #take(text: string): void {
    const whole = Math.max(0, Math.ceil(text.length / 4) - 1) * 4;
    this.#carry = text.slice(whole);
    const quanta = text.slice(0, whole);
    const start = this.#length;
    this.#append(quanta);
    // Node's decoder skips what it does not know and takes base64url: only the way back shows it. Padding comes back too.
    if (quanta.endsWith("=") || this.#bytes.toString("base64", start, this.#length) !== quanta) this.#refuse();
  }

  #append(text: string): void {
    const needed = this.#length + (text.length / 4) * 3;
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    this.#length += this.#bytes.write(text, this.#length, "base64");
  }
}
