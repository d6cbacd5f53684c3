/** A request's body as undici takes it: bytes, or an iterable that gives nothing before a connection stands. */
import { TAKE, type TextBody } from "../image/text-body.js";
import type { Puller, RequestBody } from "./request-body.js";
import { checkLength, PIECE, sourceOf } from "./send-body.js";
import { TransportError } from "./transport-error.js";

export class Outgoing {
  readonly body: string | Uint8Array | AsyncIterable<Uint8Array> | null;
  #source: Puller | undefined;
  #answered = false;
  #over = false;
  /** Lets go of whoever waits for the exchange to be over. */
  #release: (() => void) | undefined;

  /** @param announced The `content-length`; `undefined` for a chunked body. */
  constructor(body: RequestBody, announced: number | undefined) {
    if (body.kind === "none") this.body = null;
    else if (body.kind === "text") this.body = wholeText(body.text, announced);
    else if (body.kind === "whole" && body.bytes.length <= PIECE) this.body = body.bytes;
    else {
      this.#source = sourceOf(body);
      this.body = this.#pieces(this.#source, announced);
    }
  }

  /** What is left of the body is of no use any more: an answer has come. */
  answered(): void {
    this.#answered = true;
    // Asked first: most have no source, and an error's stack would cost more than anything else here.
    if (this.#source !== undefined) this.#free(new Error("The server answered before it had read the request."));
  }

  over(reason: unknown): void {
    this.#over = true;
    this.#release?.();
    this.#free(reason);
  }

  async *#pieces(source: Puller, announced: number | undefined): AsyncGenerator<Uint8Array> {
    let sent = 0;
    try {
      for (;;) {
        const chunk = await source.pull();
        // To end here would pass a part off as the whole: undici ends the connection once the answer is in.
        if (this.#answered && !this.#over)
          await new Promise<void>((resolve) => {
            this.#release = resolve;
          });
        if (this.#over) return;
        if (chunk === undefined) break;
        sent += chunk.byteLength;
        if (announced !== undefined && sent > announced) checkLength(announced, "more");
        if (chunk.byteLength > 0) yield chunk;
      }
      if (announced !== undefined) checkLength(announced, sent);
      this.#source = undefined;
    } catch (error) {
      throw bodyError(error);
    } finally {
      if (this.#source !== undefined) this.#free(new Error("The rest of the request is not wanted."));
    }
  }

  #free(reason: unknown): void {
    this.#source?.cancel(reason);
    this.#source = undefined;
  }
}

async function* wholeText(text: TextBody, announced: number | undefined): AsyncGenerator<Uint8Array> {
  let bytes: Uint8Array;
  try {
    bytes = Buffer.from(text[TAKE](), "utf8");
    if (announced !== undefined) checkLength(announced, bytes.byteLength);
  } catch (error) {
    throw bodyError(error);
  }
  yield bytes;
}

/** A body is asked for when a connection stands. */
function bodyError(error: unknown): TransportError {
  if (error instanceof TransportError) return error;
  return new TransportError("ERR_REQUEST_BODY", true, "The request's body failed.", error);
}
