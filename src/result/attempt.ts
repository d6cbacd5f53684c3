/** One attempt to fetch a result, or what is missing of it. */

import { ResultError } from "../errors/result-error.js";
import { networkFailure } from "../http/network-error.js";
import { abortScope, orAborted } from "../util/abort-scope.js";
import { concatBytes, NO_BYTES } from "../util/bytes.js";
import { NOTHING_YET, type Progress, rangeHeaders, readAnswer } from "./answer.js";
import type { ResultContext } from "./context.js";
import { endsWhole, TAIL_LENGTH } from "./ending.js";
import { refuseExpired } from "./expiry.js";
import { HEAD_LENGTH, imageType } from "./image-type.js";
import type { DownloadLimits } from "./options.js";
import { discard, requestResult } from "./request.js";
import { Broken } from "./retryable-download-error.js";

export interface Part {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Media type told by the first bytes. */
  readonly type: string;
  /** The content starts with this part: what came before, if anything, is void. */
  readonly fresh: boolean;
}

/** What is known of the content, from one attempt to the next. */
export interface Content {
  progress: Progress;
  type: string | undefined;
  /** The first bytes, and the last ones so far. */
  head: Uint8Array<ArrayBuffer>;
  tail: Uint8Array<ArrayBuffer>;
}

export interface AttemptFacts {
  readonly operation: string;
  readonly taskId: string | undefined;
}

/** @throws {Broken} when another attempt may help. @throws {ResultError} when not. */
export async function* attempt(
  context: ResultContext,
  url: URL,
  limits: DownloadLimits,
  content: Content,
  signal: AbortSignal,
  facts: AttemptFacts,
): AsyncGenerator<Part, void, void> {
  const within = <T>(promise: Promise<T>): Promise<T> => withinIdle(context, limits.idleTimeout, signal, promise);
  const { response, ...reading } = await open(context, url, content, signal, facts, within);
  if (reading.fresh) content.type = undefined;
  content.progress = {
    received: reading.fresh ? 0 : content.progress.received,
    etag: reading.etag,
    total: reading.total,
  };
  const ensureSize = (bytes: number): void => {
    if (bytes <= limits.maxBytes) return;
    const message = `The result is larger than ${limits.maxBytes} bytes (option \`maxBytes\`).`;
    throw new ResultError("download_failed", message, facts);
  };
  ensureSize(reading.total ?? 0);

  const declared = response.headers.get("content-type");
  const reader = response.body?.getReader();
  let { skip, fresh } = reading;
  let held = NO_BYTES;
  try {
    for (let done = reader === undefined; !done; ) {
      const read = await within((reader as NonNullable<typeof reader>).read());
      done = read.done;
      const unread = (read.value ?? NO_BYTES).subarray(skip);
      skip -= (read.value?.byteLength ?? 0) - unread.byteLength;
      held = held.byteLength === 0 ? unread : concatBytes([held, unread]);
      ensureSize(content.progress.received + held.byteLength);
      // The first bytes are held back until they tell what they are.
      if (held.byteLength === 0 || (!done && content.type === undefined && held.byteLength < HEAD_LENGTH)) continue;
      const bytes = held;
      held = NO_BYTES;
      const type = take(content, bytes, declared, facts);
      yield { bytes, type, fresh };
      fresh = false;
    }
  } finally {
    // Nothing to wait for: the attempt's signal ends what a stream may be busy with.
    reader?.cancel().catch(() => {});
  }
  ensureWhole(content, skip);
}

interface Opened {
  readonly response: Response;
  readonly fresh: boolean;
  readonly skip: number;
  readonly etag: string | undefined;
  readonly total: number | undefined;
}

async function open(
  context: ResultContext,
  first: URL,
  content: Content,
  signal: AbortSignal,
  facts: AttemptFacts,
  within: <T>(promise: Promise<T>) => Promise<T>,
): Promise<Opened> {
  const range = rangeHeaders(content.progress);
  // Coded bodies have no exact length and no ranges.
  const headers = { accept: "image/*", "accept-encoding": "identity", ...range };
  const { response, url } = await within(
    requestResult(context.fetch(), context.results, first, headers, signal, facts),
  );
  const reading = readAnswer(response, content.progress, "range" in range, context.time.now());
  if (reading.kind === "read") return { response, ...reading };

  await discard(response);
  const { status } = response;
  if (reading.kind === "refused") {
    if ([401, 403, 410].includes(status)) refuseExpired(url, context.time.now(), facts, status);
    throw new ResultError("download_failed", `The result could not be fetched: ${reading.reason}.`, {
      ...facts,
      status,
    });
  }
  if (reading.restart) content.progress = NOTHING_YET;
  throw new Broken(reading.reason, { status, delay: reading.delay });
}

/** Notes what came. @throws {ResultError} when it is no image. */
function take(content: Content, bytes: Uint8Array<ArrayBuffer>, declared: string | null, facts: AttemptFacts): string {
  if (content.type === undefined) {
    const found = imageType(bytes, declared);
    if ("not" in found) throw new ResultError("download_failed", `What came is not an image: ${found.not}.`, facts);
    content.type = found.type;
    content.head = bytes.slice(0, HEAD_LENGTH);
    content.tail = NO_BYTES;
  }
  content.tail = concatBytes([content.tail, bytes.subarray(-TAIL_LENGTH)]).slice(-TAIL_LENGTH);
  content.progress = { ...content.progress, received: content.progress.received + bytes.byteLength };
  return content.type;
}

/** @throws {Broken} when the body ended before the content did. */
function ensureWhole(content: Content, skip: number): void {
  const { received, total } = content.progress;
  if (skip > 0 || (total !== undefined && received > total)) {
    content.progress = NOTHING_YET;
    throw new Broken("the body does not have the length that it states");
  }
  if (total !== undefined && received < total) throw new Broken(`only ${received} of ${total} bytes came`);
  if (received === 0) throw new Broken("the answer is empty");
  if (total === undefined && !endsWhole(content.type ?? "", content.head, content.tail, received))
    throw new Broken("the image breaks off");
}

/** @throws {Broken} when nothing comes for too long, or the network fails. */
async function withinIdle<T>(
  context: ResultContext,
  idle: number,
  signal: AbortSignal,
  promise: Promise<T>,
): Promise<T> {
  const span = abortScope(context.time, idle, signal);
  try {
    return await orAborted(span.signal, promise);
  } catch (error) {
    if (error instanceof ResultError) throw error;
    if (span.endedBy === "deadline") throw new Broken(`nothing came for ${idle} ms`);
    throw new Broken("the connection failed", { cause: error, lasting: !networkFailure(error).transient });
  } finally {
    span.close();
  }
}
