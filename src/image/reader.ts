/** Reads a source: first its head, for the checks, then all of it. Closes it on every way out. */
import { bytesOf, concatBytes } from "../util/bytes.js";
import type { ImageSource } from "./source.js";

/** Milliseconds in which a source may close itself before nobody waits for it any more. */
const CLOSING = 1_000;

/** Something went wrong in the source itself, not on the network. */
export class SourceFailure extends Error {}

export class SourceReader {
  readonly #iterator: AsyncIterator<unknown>;
  /** Chunks read for the head and not handed out yet. */
  readonly #ahead: Uint8Array[] = [];
  #done = false;
  #reading = false;

  constructor(source: ImageSource) {
    this.#iterator = source.open()[Symbol.asyncIterator]();
  }

  /** A copy of the first `length` bytes, if there are so many; and whether they are all. Nothing is lost: `next` gives them again. */
  async head(length: number): Promise<{ readonly bytes: Uint8Array; readonly whole: boolean }> {
    let have = 0;
    while (have < length) {
      const chunk = await this.#read();
      if (chunk === undefined) break;
      // The source may reuse a chunk once the next is asked for.
      this.#ahead.push(chunk.byteLength >= length ? chunk : new Uint8Array(chunk));
      have += chunk.byteLength;
    }
    const start = concatBytes(this.#ahead.map((chunk) => chunk.subarray(0, length)));
    return { bytes: start.subarray(0, length), whole: this.#done };
  }

  /** The next chunk, or nothing at the end. @throws {SourceFailure} */
  async next(): Promise<Uint8Array | undefined> {
    return this.#ahead.shift() ?? this.#read();
  }

  async #read(): Promise<Uint8Array | undefined> {
    while (!this.#done) {
      let result: IteratorResult<unknown>;
      this.#reading = true;
      try {
        result = await this.#iterator.next();
      } catch (cause) {
        this.#done = true;
        throw new SourceFailure("reading failed", { cause });
      } finally {
        this.#reading = false;
      }
      if (result.done) this.#done = true;
      else {
        const chunk = bytesOf(result.value);
        if (chunk === undefined) throw new SourceFailure("it gives something else than bytes");
        if (chunk.byteLength > 0) return chunk;
      }
    }
    return undefined;
  }

  /** Frees what the source took. Never rejects. */
  async close(): Promise<void> {
    this.#ahead.length = 0;
    if (this.#done) return;
    this.#done = true;
    // What the source says while it is closed does not change what happened before.
    const returned = (async () => this.#iterator.return?.())().catch(() => {});
    // A generator that is stuck in a read runs its `return` only once that read ends: nobody waits for that.
    if (this.#reading) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, CLOSING);
    });
    await Promise.race([returned, late]);
    clearTimeout(timer);
  }
}
