/** What may be sent again, and when. Pure: decision by operation, phase, failure, attempt, headers and elapsed time. */
import type { Submission } from "../errors/magnific-error.js";
import { type HeaderReader, rateFactsOf, retryAfterOf } from "../util/headers.js";

/** A submit costs money and has no idempotency key; a read can be repeated freely. */
export type OperationKind = "submit" | "read";

/**
 * How far an attempt came, as the client itself can see: no byte of the body was taken (`connecting`), some (`sending`),
 * all (`waiting`), or the answer's head has come (`answered`). A read has no body and is `waiting` from the start.
 */
export type Phase = "connecting" | "sending" | "waiting" | "answered";

/** Why an attempt did not succeed. */
export type Failure =
  /** `permanent`: waiting does not help, although the status says so. */
  | { readonly kind: "status"; readonly status: number; readonly permanent: boolean }
  /** `connect`: the error proves that no connection came about. */
  | { readonly kind: "network"; readonly connect: boolean; readonly transient: boolean }
  | { readonly kind: "timeout" | "aborted" | "redirect" }
  /** The answer came whole and is not what the contract says. */
  | { readonly kind: "unreadable" }
  /** The image's source failed, or the attempt could not be set up. */
  | { readonly kind: "local" };

export interface Attempt {
  readonly operation: OperationKind;
  readonly phase: Phase;
  readonly failure: Failure;
  /** 1 for the first. */
  readonly attempt: number;
  /** Whether the body can be had a second time. */
  readonly replayable: boolean;
  /** The answer's, where one came. */
  readonly headers?: HeaderReader | undefined;
  /** Milliseconds since the first attempt began. */
  readonly elapsed: number;
}

export interface RetryPolicy {
  /** How often a failed attempt is repeated. */
  readonly limit: number;
  /** Milliseconds: the first pause is drawn from 0 to this, each next from twice as much. */
  readonly minDelay: number;
  /** Milliseconds: no drawn pause is longer. */
  readonly maxDelay: number;
  /** Milliseconds: a provider that asks for a longer pause is not waited for. */
  readonly maxRetryAfter: number;
  /** Milliseconds from the first attempt's start: no attempt begins later. */
  readonly total: number;
}

export type Decision =
  | { readonly again: false; readonly submission: Submission | undefined; readonly reason: string }
  | { readonly again: true; readonly submission: Submission | undefined; readonly after: number };

/**
 * @param random From 0 to 1; the jitter.
 * @param now Milliseconds since the epoch, for a `Retry-After` that is a date.
 */
export function decide(attempt: Attempt, policy: RetryPolicy, random: number, now: number): Decision {
  const submission = attempt.operation === "submit" ? submissionOf(attempt) : undefined;
  const stop = (reason: string): Decision => ({ again: false, submission, reason });

  const refusal = attempt.operation === "submit" ? whyNotSubmit(attempt, submission) : whyNotRead(attempt.failure);
  if (refusal !== undefined) return stop(refusal);
  if (attempt.attempt > policy.limit) return stop("no retries left");

  const asked = pauseAsked(attempt, now);
  if (asked !== undefined && asked > policy.maxRetryAfter) return stop("the provider asks for too long a pause");
  const ceiling = Math.min(policy.maxDelay, policy.minDelay * 2 ** (attempt.attempt - 1));
  const after = asked !== undefined && asked > 0 ? asked : Math.round(random * ceiling);
  if (attempt.elapsed + after > policy.total) return stop("no time left");
  return { again: true, submission, after };
}

/** What is known of a submit after an attempt that failed so. In doubt `unknown`. */
export function submissionOf({ phase, failure }: Pick<Attempt, "phase" | "failure">): Submission {
  if (failure.kind === "status") {
    const answered = failure.status >= 400 && failure.status < 500 && failure.status !== 408;
    return answered ? "rejected" : "unknown";
  }
  if (phase !== "connecting" || failure.kind === "redirect" || failure.kind === "unreadable") return "unknown";
  // Nothing of the body was taken. A lost connection is still not proof enough: only one that never came about is.
  if (failure.kind === "network") return failure.connect ? "not_sent" : "unknown";
  return "not_sent";
}

function whyNotSubmit({ failure, replayable }: Attempt, submission: Submission | undefined): string | undefined {
  const passes = failure.kind === "status" && failure.status === 429 && !failure.permanent;
  const unsent = failure.kind === "network" && failure.transient && submission === "not_sent";
  if (!passes && !unsent)
    return submission === "unknown" ? "it may have made a task" : "sending it again would not help";
  return replayable ? undefined : "the image can be read only once";
}

function whyNotRead(failure: Failure): string | undefined {
  switch (failure.kind) {
    case "status": {
      const passes = failure.status === 408 || failure.status === 429 || failure.status >= 500;
      return passes && !failure.permanent ? undefined : "asking again would not help";
    }
    case "network":
      return failure.transient ? undefined : "asking again would not help";
    case "timeout":
      return undefined;
    default:
      return "asking again would not help";
  }
}

/** Milliseconds that the provider asks to wait. `x-ratelimit-reset` counts for 429 only: it stands on every answer. */
function pauseAsked({ headers, failure }: Attempt, now: number): number | undefined {
  if (headers === undefined) return undefined;
  const seconds =
    retryAfterOf(headers, now) ??
    (failure.kind === "status" && failure.status === 429 ? rateFactsOf(headers)?.reset : undefined);
  return seconds === undefined ? undefined : Math.ceil(seconds * 1000);
}
