/** Where the bytes of an answer go that come by themselves, as undici gives them. */
import { Readable } from "node:stream";

export interface Incoming {
  /** @returns Whether more can be taken now. */
  push(chunk: Uint8Array): boolean;
  end(): void;
  fail(error: unknown): void;
}

/** Taken by a reader, at the reader's pace. */
export class Flowing implements Incoming {
  readonly stream: Readable;

  /** @param resume Asks for more, after a `push` that said no. */
  constructor(resume: () => void) {
    this.stream = new Readable({ read: resume });
  }

  push(chunk: Uint8Array): boolean {
    return this.stream.push(chunk);
  }

  end(): void {
    this.stream.push(null);
  }

  fail(error: unknown): void {
    this.stream.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}

/** One for all, since one made for each would cost each call. */
const unheard = (): void => {};

/** A small body is taken in before anyone asks for it, so that the connection is free at once. */
export class Gathering implements Incoming {
  readonly whole: Promise<Uint8Array>;
  #resolve: (bytes: Uint8Array) => void = unheard;
  #reject: (error: unknown) => void = unheard;
  #first: Uint8Array | undefined;
  #more: Uint8Array[] | undefined;

  constructor() {
    this.whole = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  push(chunk: Uint8Array): boolean {
    if (this.#first === undefined) this.#first = chunk;
    else this.#more = [...(this.#more ?? [this.#first]), chunk];
    return true;
  }

  end(): void {
    this.#resolve(this.#more === undefined ? (this.#first ?? new Uint8Array()) : Buffer.concat(this.#more));
  }

  fail(error: unknown): void {
    this.#reject(error);
  }
}
