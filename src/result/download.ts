/** Fetches a result in parts that arrive in order, resuming it where it broke off. */

import { AbortedError, TimeoutError } from "../errors/network-errors.js";
import { ResultError } from "../errors/task-errors.js";
import type { Settings } from "../options.js";
import { type AbortScope, abortScope, sleep } from "../util/abort-scope.js";
import { attempt, type Content, type DownloadFacts, type Part } from "./attempt.js";
import { NOTHING_YET, RetryableDownloadError } from "./classify-response.js";
import { refuseExpired } from "./expiry.js";
import type { DownloadLimits } from "./options.js";
import { resultSource } from "./source.js";

/** Milliseconds: a server that asks for a longer pause is not waited for. */
const LONGEST_PAUSE = 60_000;

export interface Download {
  /** Fetches nothing before the first is requested. @throws {ResultError} */
  readonly parts: AsyncGenerator<Part, void, void>;
  /** Ends the download; to be closed in any case. */
  readonly scope: AbortScope;
  /** The error to report: a `TimeoutError` or `AbortedError` where the scope has ended, or else the one that came. */
  readonly reported: (error: unknown) => unknown;
}

/** @param stop Ends the download when its result is no longer wanted. */
export function openDownload(
  settings: Settings,
  url: string,
  taskId: string | undefined,
  limits: DownloadLimits,
  signal: AbortSignal | undefined,
  stop?: AbortSignal,
): Download {
  const scope = abortScope(settings.time, limits.timeout, signal, stop);
  const facts = { operation: operationOf(url), taskId };
  const reported = (error: unknown): unknown => {
    if (scope.endedBy === undefined) return error;
    if (scope.endedBy === "deadline")
      return new TimeoutError(`The download took longer than ${limits.timeout} ms.`, facts);
    return new AbortedError("The download was aborted.", { ...facts, cause: signal?.reason });
  };
  return { parts: partsOf(settings, url, limits, facts, scope.signal), scope, reported };
}

/** Without the query: a signature in it is as good as a key while it lasts. */
function operationOf(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { origin, pathname } = new URL(url);
  return `GET ${origin}${pathname}`;
}

async function* partsOf(
  settings: Settings,
  url: string,
  limits: DownloadLimits,
  facts: DownloadFacts,
  signal: AbortSignal,
): AsyncGenerator<Part, void, void> {
  const { time } = settings;
  const source = resultSource(settings.results, url);
  if ("refused" in source)
    throw new ResultError("result_refused", `The result's URL is not fetched: ${source.refused}.`, facts);
  const content: Content = { settings, url: source.url, limits, facts, progress: NOTHING_YET };
  for (let attempts = 1; ; attempts++) {
    signal.throwIfAborted();
    refuseExpired(source.url, time.now(), facts, undefined);
    const current = abortScope(time, Number.POSITIVE_INFINITY, signal);
    let failure: RetryableDownloadError;
    let finished = false;
    try {
      yield* attempt(content, current.signal);
      finished = true;
      return;
    } catch (error) {
      if (!(error instanceof RetryableDownloadError)) throw error;
      failure = error;
    } finally {
      // After a body that was read to its end the connection may serve again.
      if (finished) current.close();
      else current.abort();
    }
    signal.throwIfAborted();
    const { permanent = false, restart = false, delay = backoff(attempts, time.random()) } = failure.facts;
    if (restart) content.progress = NOTHING_YET;
    if (attempts > limits.retry || permanent || delay > LONGEST_PAUSE) throw givenUp(failure, attempts, content);
    await sleep(time, delay, signal);
  }
}

/** Half to the whole of 0.5 s, 1 s, 2 s … 8 s. */
function backoff(failures: number, random: number): number {
  return Math.min(8_000, 500 * 2 ** (failures - 1)) * (0.5 + random / 2);
}

function givenUp(
  { message, facts: { status, cause } }: RetryableDownloadError,
  attempts: number,
  { progress, facts }: Content,
): ResultError {
  const soFar = progress.received > 0 ? ` after ${progress.received} bytes` : "";
  const tries = attempts === 1 ? "1 attempt" : `${attempts} attempts`;
  const text = `The result could not be fetched completely: ${message}${soFar} (${tries}).`;
  return new ResultError("download_failed", text, { ...facts, status, attempts, cause });
}

/** What was handed on already cannot be taken back. */
export function startedOver(taskId: string | undefined): ResultError {
  const reason = "The download broke off, and the server could not continue the same image.";
  const message = `${reason} Use bytes(), or save() to a file: they start over.`;
  return new ResultError("download_failed", message, { taskId });
}
