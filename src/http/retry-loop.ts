/** One call of the API: attempts, until one is answered with 2xx or none may follow. */

import { AbortedError } from "../errors/aborted-error.js";
import type { MagnificError, Submission } from "../errors/magnific-error.js";
import type { Settings } from "../options.js";
import { sleep } from "../util/time.js";
import { attemptOnce, type Outcome } from "./attempt.js";
import type { Call, Exchanger } from "./call.js";
import { failureError } from "./call-errors.js";
import { tell } from "./hooks.js";
import type { RawAnswer } from "./read-response.js";
import { type Decision, decide } from "./retry-policy.js";

/** A 2xx answer, not yet looked into. */
export interface Exchanged {
  readonly answer: RawAnswer;
  readonly attempts: number;
  readonly digest: string | undefined;
}

/** @throws {MagnificError} for whatever is not a 2xx answer. */
export async function exchange(exchanger: Exchanger, call: Call): Promise<Exchanged> {
  try {
    return await attempts(exchanger, call);
  } finally {
    const closing = call.body?.close();
    if (closing !== undefined) await closing;
  }
}

async function attempts(exchanger: Exchanger, call: Call): Promise<Exchanged> {
  const { settings, budget } = exchanger;
  const { time } = settings;
  const idle = call.idle ?? call.options.signal;
  const limit = call.options.retry ?? settings.retry.limit;
  const timeout = call.options.timeout ?? settings.timeout;
  const began = time.now();
  let first: number | undefined;
  let known: Submission | undefined = call.kind === "submit" ? "not_sent" : undefined;

  for (let attempt = 1; ; attempt++) {
    const permit = budget.take(idle) ?? (await orOver(budget.acquire(idle), call, attempt - 1, known));
    const start = time.now();
    first ??= start;
    const outcome = await attemptOnce(
      exchanger,
      call,
      attempt,
      Math.min(timeout, Math.max(1, settings.retry.total - (start - first))),
    );
    const { answer, trouble, phase, digest } = outcome;
    const now = time.now();
    let decision: Decision | undefined;
    let error: MagnificError | undefined;
    if (trouble !== undefined) {
      const replayable = call.body?.replayable ?? true;
      const facts = {
        operation: call.kind,
        phase,
        failure: trouble.failure,
        attempt,
        replayable,
        elapsed: now - first,
      };
      const policy = { ...settings.retry, limit };
      decision = decide({ ...facts, headers: answer?.headers }, policy, time.random(), now);
      error = failureError(
        trouble,
        { operation: call.operation, taskId: call.taskId, attempts: attempt, digest },
        decision,
        now,
      );
    }
    tellOfAnswer(settings, call, attempt, outcome, error, now - start, now - began);
    permit.settle(answer?.rate, answer?.status === 429 && decision?.again ? decision.after : 0);

    if (answer !== undefined && trouble === undefined) return { answer, attempts: attempt, digest };
    if (error === undefined || !decision?.again) throw error;
    const { operation, taskId } = call;
    const { after, submission } = decision;
    const event = { operation, taskId, attempt, status: answer?.status, code: error.code, submission, after };
    tell("onRetry", settings.hooks.onRetry, event);
    known = submission;
    await orOver(sleep(time, after, idle), call, attempt, known);
  }
}

/** What can only be ended by a signal of the caller's, and is then an `AbortedError`. */
async function orOver<T>(
  waiting: Promise<T>,
  call: Call,
  attempts: number,
  submission: Submission | undefined,
): Promise<T> {
  try {
    return await waiting;
  } catch (cause) {
    const { operation, taskId } = call;
    const message = `${operation} was aborted before it was sent${attempts > 0 ? " again" : ""}.`;
    throw new AbortedError(message, { operation, taskId, attempts, submission, cause });
  }
}

function tellOfAnswer(
  settings: Settings,
  { operation, taskId }: Call,
  attempt: number,
  { answer }: Outcome,
  error: MagnificError | undefined,
  duration: number,
  total: number,
): void {
  const { onResponse } = settings.hooks;
  if (!onResponse) return;
  const { status, requestId, rate, length } = answer ?? ({} as Partial<RawAnswer>);
  const event = { operation, taskId, attempt, status, requestId, rate, length, code: error?.code, duration, total };
  tell("onResponse", onResponse, event);
}
