/** Puts a body on the wire: piece by piece, no faster than the server takes it, exactly as long as was announced. */
import type { ClientRequest } from "node:http";
import type { Puller, RequestBody } from "./request-body.js";
import { TransportError } from "./transport-error.js";

/** Bytes written at once of a body that is there whole: an answer that comes early is seen between two pieces. */
export const PIECE: number = 256 * 1024;

/** A body being sent. */
export interface Sending {
  /** Settles when the last byte was handed over, or the sending was stopped; rejects when the source fails. */
  readonly done: Promise<void>;
  /** Takes no more from the source and frees it. */
  stop(reason: unknown): void;
}

/**
 * @param ready Calls back when a connection stands: nothing is taken from the source before, so that a failed connection
 * leaves it whole.
 * @param announced The `content-length`; `undefined` for a chunked body.
 */
export function sendBody(
  request: ClientRequest,
  source: Puller,
  announced: number | undefined,
  ready: (whenReady: () => void) => void,
): Sending {
  let stopped = false;
  /** Ends whatever is being waited for. */
  let wake: (() => void) | undefined;
  const waitFor = (subscribe: (done: () => void) => void): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
      subscribe(resolve);
    });

  const run = async (): Promise<void> => {
    await waitFor(ready);
    let sent = 0;
    while (!stopped) {
      const chunk = await source.pull();
      if (stopped) return;
      if (chunk === undefined) break;
      sent += chunk.byteLength;
      if (announced !== undefined && sent > announced) checkLength(announced, "more");
      if (chunk.byteLength > 0 && !request.write(chunk)) {
        await waitFor((done) => request.once("drain", done));
        // Only a real socket has handed the bytes on: what stands in for one in a test may keep them.
        if (!stopped && (request.socket as { _handle?: unknown } | null)?._handle != null) source.recycle?.(chunk);
      }
    }
    if (stopped) return;
    if (announced !== undefined) checkLength(announced, sent);
    request.end();
  };

  return {
    done: run(),
    stop: (reason) => {
      if (stopped) return;
      stopped = true;
      wake?.();
      source.cancel(reason);
    },
  };
}

export function sourceOf(body: RequestBody & { readonly kind: "streamed" | "whole" }): Puller {
  if (body.kind === "streamed") return body.source;
  return piecesOf(typeof body.bytes === "string" ? Buffer.from(body.bytes) : body.bytes);
}

/** A body that is there whole, as a source of pieces. */
export function piecesOf(bytes: Uint8Array): Puller {
  let at = 0;
  return {
    pull: async () => {
      if (at >= bytes.byteLength) return undefined;
      const piece = bytes.subarray(at, at + PIECE);
      at += PIECE;
      return piece;
    },
    cancel: () => {
      at = bytes.byteLength;
    },
  };
}

/** @throws {TransportError} when the body is not as long as its head says. */
export function checkLength(announced: number, found: number | "more"): void {
  if (found === announced) return;
  throw new TransportError(
    "ERR_CONTENT_LENGTH_MISMATCH",
    true,
    `The body was announced with ${announced} bytes and has ${found}.`,
  );
}
