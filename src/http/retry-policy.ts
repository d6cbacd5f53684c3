/** What may be retried, and when. Pure. */
import type { Submission } from "../errors/magnific-error.js";
import type { BodyPhase } from "../image/body.js";
import { type HeaderReader, rateFactsOf, retryAfterOf } from "../util/headers.js";
import type { Failure } from "./failure.js";

/** How far an attempt came: as far as its body, or the response's head has come. Without a body it starts as `waiting`. */
export type Phase = BodyPhase | "answered";

export interface Circumstances {
  /** Of a submit; a read has none. */
  readonly submission: Submission | undefined;
  readonly attempt: number;
  /** Whether the body can be read a second time. */
  readonly replayable: boolean;
  /** The response's, where one came. */
  readonly headers?: HeaderReader | undefined;
  /** Milliseconds since the first attempt began. */
  readonly elapsed: number;
}

/** How failed attempts are retried. */
export interface RetryOptions {
  /** How often a failed attempt may be retried. 0 for never. Default 2. A submit is retried only when it provably did not run. */
  readonly limit?: number | undefined;
  /** Milliseconds: the first pause is drawn from 0 to this, each next from twice as much. Default 500. */
  readonly minDelay?: number | undefined;
  /** Milliseconds: no drawn pause is longer. Default 8,000. */
  readonly maxDelay?: number | undefined;
  /** Milliseconds: when the provider asks for a longer pause (`Retry-After`, `x-ratelimit-reset`), the call fails instead. Default 60,000. */
  readonly maxRetryAfter?: number | undefined;
  /** Milliseconds from the first attempt's start after which no other attempt begins. Default 300,000. */
  readonly total?: number | undefined;
}

export type RetryPolicy = Readonly<Record<keyof RetryOptions, number>>;

/** What is known of a submit after an attempt that failed so. In doubt `unknown`. */
export function submissionOf(phase: Phase, failure: Failure): Submission {
  if (failure.kind === "status") {
    const { status } = failure.response;
    const refused = status >= 400 && status < 500 && status !== 408 && failure.taskId === undefined;
    return refused ? "rejected" : "unknown";
  }
  if (failure.kind === "redirect" || failure.kind === "unreadable") return "unknown";
  return phase === "connecting" || (failure.kind === "network" && failure.unconnected) ? "not_sent" : "unknown";
}

/** Milliseconds until the next attempt; `undefined` where none may follow. @param random From 0 to 1; the jitter. */
export function retryDelay(
  failure: Failure,
  { submission, attempt, replayable, headers, elapsed }: Circumstances,
  policy: RetryPolicy,
  random: number,
  now: number,
): number | undefined {
  const may = submission === undefined ? mayReadAgain(failure) : replayable && maySubmitAgain(failure, submission);
  if (!may || attempt > policy.limit) return undefined;
  const asked = headers && pauseAsked(failure, headers, now);
  if (asked !== undefined && asked > policy.maxRetryAfter) return undefined;
  const ceiling = Math.min(policy.maxDelay, policy.minDelay * 2 ** (attempt - 1));
  const delay = asked !== undefined && asked > 0 ? asked : Math.round(random * ceiling);
  return elapsed + delay > policy.total ? undefined : delay;
}

/** Only where it provably did not run, and waiting may help. */
function maySubmitAgain(failure: Failure, submission: Submission): boolean {
  if (failure.kind === "status")
    return submission === "rejected" && failure.response.status === 429 && !failure.permanent;
  return failure.kind === "network" && failure.transient && submission === "not_sent";
}

function mayReadAgain(failure: Failure): boolean {
  if (failure.kind === "network") return failure.transient;
  if (failure.kind !== "status") return failure.kind === "timeout";
  const { status } = failure.response;
  return !failure.permanent && (status === 408 || status === 429 || status >= 500);
}

/** Milliseconds. `x-ratelimit-reset` counts for 429 only: it stands on every response. */
function pauseAsked(failure: Failure, headers: HeaderReader, now: number): number | undefined {
  const limited = failure.kind === "status" && failure.response.status === 429;
  const seconds = retryAfterOf(headers, now) ?? (limited ? rateFactsOf(headers)?.reset : undefined);
  return seconds === undefined ? undefined : Math.ceil(seconds * 1000);
}
