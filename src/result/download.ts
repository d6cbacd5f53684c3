/** Fetches a result in parts that arrive in order, taking it up again where it broke. */

import { AbortedError } from "../errors/aborted-error.js";
import { ResultError } from "../errors/result-error.js";
import { TimeoutError } from "../errors/timeout-error.js";
import { abortScope } from "../util/abort-scope.js";
import { NO_BYTES } from "../util/bytes.js";
import { about } from "../util/check-options.js";
import { sleep } from "../util/time.js";
import { NOTHING_YET } from "./answer.js";
import { type AttemptFacts, attempt, type Content, type Part } from "./attempt.js";
import type { ResultContext } from "./context.js";
import { refuseExpired } from "./expiry.js";
import { type DownloadOptions, downloadLimits } from "./options.js";
import { Broken } from "./retryable-download-error.js";
import { resultSource } from "./source.js";

/** What is fetched, and for which task. */
export interface Wanted {
  readonly url: string;
  readonly taskId: string | undefined;
}

/**
 * @throws {ResultError} `result_refused`, `result_expired` or `download_failed`.
 * @throws {TimeoutError} when `timeout` is over. @throws {AbortedError} when the signal fires.
 */
export async function* download(
  context: ResultContext,
  { url, taskId }: Wanted,
  options: DownloadOptions,
): AsyncGenerator<Part, void, void> {
  const { time } = context;
  const limits = about({ taskId }, () => downloadLimits(options, context.results.maxBytes));
  const source = resultSource(context.results, url);
  if ("refused" in source)
    throw new ResultError("result_refused", `The result's URL is not fetched: ${source.refused}.`, { taskId });
  // Without the query: a signature in it is as good as a key while it lasts.
  const facts = { operation: `GET ${source.url.origin}${source.url.pathname}`, taskId };
  const content: Content = { progress: NOTHING_YET, type: undefined, head: NO_BYTES, tail: NO_BYTES };
  const whole = abortScope(time, limits.timeout, options.signal);
  try {
    for (let attempts = 1; ; attempts++) {
      whole.signal.throwIfAborted();
      refuseExpired(source.url, time.now(), facts, undefined);
      const span = abortScope(time, Number.POSITIVE_INFINITY, whole.signal);
      let broken: Broken | undefined;
      let finished = false;
      try {
        yield* attempt(context, source.url, limits, content, span.signal, facts);
        finished = true;
        return;
      } catch (error) {
        if (!(error instanceof Broken)) throw error;
        broken = error;
      } finally {
        // A body that was read to its end needs no ending, and its connection may serve again.
        if (finished) span.close();
        else span.abort();
      }
      whole.signal.throwIfAborted();
      if (attempts > limits.retry || broken.lasting) throw failed(broken, attempts, content, facts);
      await sleep(time, broken.delay ?? backoff(attempts, time.random()), whole.signal);
    }
  } catch (error) {
    if (whole.endedBy === "signal")
      throw new AbortedError("The download was aborted.", { ...facts, cause: options.signal?.reason });
    if (whole.endedBy === "deadline")
      throw new TimeoutError(`The download took longer than ${limits.timeout} ms.`, facts);
    throw error;
  } finally {
    whole.close();
  }
}

/** Half to the whole of 0.5 s, 1 s, 2 s … 8 s. */
function backoff(failures: number, random: number): number {
  return Math.min(8_000, 500 * 2 ** (failures - 1)) * (0.5 + random / 2);
}

function failed(broken: Broken, attempts: number, { progress }: Content, facts: AttemptFacts): ResultError {
  const sofar = progress.received > 0 ? ` after ${progress.received} bytes` : "";
  const tries = attempts === 1 ? "1 attempt" : `${attempts} attempts`;
  return new ResultError(
    "download_failed",
    `The result could not be fetched whole: ${broken.message}${sofar} (${tries}).`,
    { ...facts, status: broken.status, attempts, cause: broken.cause },
  );
}
