/** Fetches a result in parts that arrive in order, taking it up again where it broke. */
import type { ClientContext } from "../context.js";
import { AbortedError } from "../errors/aborted-error.js";
import { ResultError } from "../errors/result-error.js";
import { TimeoutError } from "../errors/timeout-error.js";
import { openScope, orAborted } from "../scope.js";
import { sleep } from "../time.js";
import { NOTHING_YET, type Progress, rangeHeaders, readAnswer } from "./answer.js";
import { expiryOf } from "./expiry.js";
import { type DownloadLimits, type DownloadOptions, downloadLimits } from "./options.js";
import { discard, requestResult } from "./request.js";
import { SNIFF_LENGTH, sniff } from "./sniff.js";
import { resultSource } from "./source.js";

/** What is fetched, and for whom errors are. */
export interface Wanted {
  readonly url: string;
  readonly taskId: string | undefined;
}

export interface Part {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Media type told by the first bytes. */
  readonly type: string;
  /** The content starts with this part: what came before, if anything, is void. */
  readonly fresh: boolean;
}

/** A clock may be off by this much before a 403 is taken for something else than an expired URL. */
const CLOCK_SKEW = 300_000;

/** A failure that may pass. */
class Broken extends Error {
  readonly delay: number | undefined;
  constructor(reason: string, facts: { readonly cause?: unknown; readonly delay?: number | undefined } = {}) {
    super(reason, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.delay = facts.delay;
  }
}

/**
 * @throws {ResultError} `result_refused`, `result_expired` or `download_failed`.
 * @throws {TimeoutError} when `timeout` is over. @throws {AbortedError} when the signal fires.
 */
export async function* download(
  context: ClientContext,
  wanted: Wanted,
  options: DownloadOptions,
): AsyncGenerator<Part, void, void> {
  const limits = downloadLimits(options, context.results.maxBytes);
  const source = resultSource(context.results, wanted.url);
  if ("refused" in source)
    throw new ResultError("result_refused", `The result's URL is not fetched: ${source.refused}.`, {
      taskId: wanted.taskId,
    });
  const facts = { operation: `GET ${source.url.origin}${source.url.pathname}`, taskId: wanted.taskId };
  const whole = openScope(context.time, limits.timeout, options.signal);
  const state: State = { progress: NOTHING_YET, type: undefined };
  try {
    for (let failures = 0; ; ) {
      whole.signal.throwIfAborted();
      refuseExpired(context, source.url, facts, undefined);
      const attempt = openScope(context.time, Number.POSITIVE_INFINITY, whole.signal);
      try {
        yield* readOnce(context, source.url, limits, state, attempt.signal, facts);
        attempt.close();
        return;
      } catch (error) {
        if (!(error instanceof Broken)) throw error;
        if (whole.endedBy === undefined && ++failures > limits.retry) throw failed(error, failures, state, facts);
        await sleep(context.time, error.delay ?? backoff(failures, context.time.random()), whole.signal);
      } finally {
        // Whatever is still under way ends here; after a whole body there is nothing, and the connection lives on.
        if (attempt.endedBy === undefined) attempt.stop();
      }
    }
  } catch (error) {
    if (whole.endedBy === "signal")
      throw new AbortedError("The download was aborted.", { ...facts, cause: options.signal?.reason });
    if (whole.endedBy === "deadline")
      throw new TimeoutError(`The download took longer than ${limits.timeout} ms.`, { ...facts, cause: error });
    throw error;
  } finally {
    whole.close();
  }
}

interface State {
  progress: Progress;
  type: string | undefined;
}

type Facts = { readonly operation: string; readonly taskId: string | undefined };

async function* readOnce(
  context: ClientContext,
  first: URL,
  limits: DownloadLimits,
  state: State,
  signal: AbortSignal,
  facts: Facts,
): AsyncGenerator<Part, void, void> {
  const within = <T>(promise: Promise<T>): Promise<T> => withinIdle(context, limits.idleTimeout, signal, promise);
  const range = rangeHeaders(state.progress);
  // Coded bodies have no exact length and no ranges.
  const headers = { accept: "image/*", "accept-encoding": "identity", ...range };
  const { response, url } = await within(
    requestResult(context.fetch(), context.results, first, headers, signal, facts),
  );
  const reading = readAnswer(response.status, response.headers, state.progress, "range" in range);

  if (reading.kind !== "read") {
    await discard(response);
    if (reading.kind === "refused") {
      if ([401, 403, 410].includes(response.status)) refuseExpired(context, url, facts, response.status);
      throw new ResultError("download_failed", `The result could not be fetched: ${reading.reason}.`, {
        ...facts,
        status: response.status,
      });
    }
    if (reading.restart) state.progress = NOTHING_YET;
    throw new Broken(reading.reason, { delay: reading.delay });
  }

  let { skip } = reading;
  let fresh = reading.fresh;
  let received = fresh ? 0 : state.progress.received;
  if (fresh) state.type = undefined;
  state.progress = { received, etag: reading.etag, total: reading.total };
  tooLarge(reading.total ?? 0, limits, facts);
  const reader = response.body?.getReader();
  let held: Uint8Array<ArrayBuffer> = new Uint8Array();
  for (;;) {
    const { done, value } = reader === undefined ? END : await within(reader.read());
    const unread = value === undefined ? new Uint8Array() : value.subarray(Math.min(skip, value.byteLength));
    skip -= (value?.byteLength ?? 0) - unread.byteLength;
    held = held.byteLength === 0 ? unread : joined([held, unread]);
    tooLarge(received + held.byteLength, limits, facts);
    if (held.byteLength > 0 && (done || held.byteLength >= SNIFF_LENGTH || state.type !== undefined)) {
      state.type ??= imageType(held, response.headers.get("content-type"), facts);
      const bytes = held;
      held = new Uint8Array();
      received += bytes.byteLength;
      state.progress = { ...state.progress, received };
      yield { bytes, type: state.type, fresh };
      fresh = false;
    }
    if (done) break;
  }
  if (skip > 0 || (reading.total !== undefined && received > reading.total)) {
    state.progress = NOTHING_YET;
    throw new Broken("the body does not have the length it states");
  }
  if (reading.total !== undefined && received < reading.total)
    throw new Broken(`only ${received} of ${reading.total} bytes came`);
  if (received === 0) throw new Broken("the answer is empty");
}

const END = { done: true, value: undefined } as const;

/** Rejects as `Broken` when nothing comes for too long, or when the network fails. */
async function withinIdle<T>(
  context: ClientContext,
  idle: number,
  signal: AbortSignal,
  promise: Promise<T>,
): Promise<T> {
  const span = openScope(context.time, idle, signal);
  try {
    return await orAborted(span.signal, promise);
  } catch (error) {
    if (error instanceof ResultError) throw error;
    if (span.endedBy === "deadline") throw new Broken(`nothing came for ${idle} ms`);
    throw new Broken("the connection failed", { cause: error });
  } finally {
    span.close();
  }
}

/** Half to the whole of 0.5 s, 1 s, 2 s … 8 s. */
function backoff(failures: number, random: number): number {
  return Math.min(8_000, 500 * 2 ** (failures - 1)) * (0.5 + random / 2);
}

function refuseExpired(context: ClientContext, url: URL, facts: Facts, status: number | undefined): void {
  const expiry = expiryOf(url.href);
  const skew = status === undefined ? 0 : CLOCK_SKEW;
  if (expiry === undefined || context.time.now() + skew < expiry.getTime()) return;
  throw new ResultError(
    "result_expired",
    `The result's URL expired at ${expiry.toISOString()}. Results are to be saved soon after the task is completed.`,
    { ...facts, status },
  );
}

function imageType(head: Uint8Array, declared: string | null, facts: Facts): string {
  const found = sniff(head, declared);
  if ("type" in found) return found.type;
  throw new ResultError("download_failed", `What came is not an image: ${found.not}.`, facts);
}

function tooLarge(bytes: number, limits: DownloadLimits, facts: Facts): void {
  if (bytes <= limits.maxBytes) return;
  throw new ResultError(
    "download_failed",
    `The result is larger than ${limits.maxBytes} bytes (option \`maxBytes\`).`,
    facts,
  );
}

function failed(error: Broken, attempts: number, { progress }: State, facts: Facts): ResultError {
  const sofar = progress.received > 0 ? ` after ${progress.received} bytes` : "";
  return new ResultError(
    "download_failed",
    `The result could not be fetched whole: ${error.message}${sofar} (${attempts} attempts).`,
    { ...facts, attempts, cause: error.cause },
  );
}

export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.byteLength;
  }
  return all;
}
