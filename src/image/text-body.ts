/** How a body that is small and in memory is handed to a transport of this package: as one string, at the last moment. */

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
