/** What a body offers to a transport of this package, besides being iterated: one string, or its memory used again. */

/**
 * Takes the whole body. A name of its own, known to every copy of this package: what else has a method by some common
 * name (a stream's `take`) is no such body.
 */
export const TAKE: unique symbol = Symbol.for("magnific-client.take");

/** A body that any transport can iterate, and that this package's can take at once, when a connection stands. */
export interface TextBody extends AsyncIterable<Uint8Array> {
  /** Counts as handing all of it out. */
  [TAKE](): string;
}

export function isTextBody(body: object): body is TextBody {
  return TAKE in body;
}

/** Takes a piece back whose bytes are with the kernel: the next may be written into the same memory. */
export const RECYCLE: unique symbol = Symbol.for("magnific-client.recycle");

export interface RecyclingBody extends AsyncIterable<Uint8Array> {
  [RECYCLE](piece: Uint8Array): void;
}

export function isRecycling(body: object): body is RecyclingBody {
  return RECYCLE in body;
}
