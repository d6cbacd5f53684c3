/** One call of the API: attempts, until one has a 2xx response or none may follow. */
import type { MagnificError } from "../errors/magnific-error.js";
import { AbortedError } from "../errors/network-errors.js";
import { sleep } from "../util/abort-scope.js";
import { attempt as attemptOnce } from "./attempt.js";
import type { Call, CallEnvironment } from "./call.js";
import { toError } from "./failure.js";
import { tell } from "./hooks.js";
import type { HttpResponse } from "./read-response.js";
import { retryDelay, submissionOf } from "./retry-policy.js";

/** @returns A 2xx response, not checked yet, and the number of attempts. @throws {MagnificError} for anything else. */
export async function retryLoop(environment: CallEnvironment, call: Call): Promise<[HttpResponse, number]> {
  const { settings, limiter } = environment;
  const { time, hooks } = settings;
  const { operation, taskId, digest } = call;
  const policy = { ...settings.retry, limit: call.options.retry ?? settings.retry.limit };
  const idle = call.idle ?? call.options.signal;
  const began = time.monotonic();
  let first: number | undefined;
  let last: MagnificError | undefined;

  try {
    for (let attempt = 1; ; attempt++) {
      const waits = (after: number): void =>
        tell("onWait", hooks.onWait, { operation, taskId, reason: "rate_limit", after });
      const permit = await orEnded(limiter.acquire(idle, waits), call, attempt - 1, last);
      const start = time.monotonic();
      first ??= start;
      // Decided only now that its turn has come: the queue for it may have been long.
      if (last !== undefined && start - first > policy.total) {
        permit.cancel();
        throw last;
      }
      // An attempt that begins has its whole timeout: what may be paid for is never interrupted because little time is left.
      const timeout = call.options.timeout ?? settings.timeout;
      const { response, failure, phase } = await attemptOnce(environment, call, attempt, timeout);
      const now = time.monotonic();
      const submission = failure && call.kind === "submit" ? submissionOf(phase, failure) : undefined;
      const error =
        failure && toError(failure, { operation, taskId, digest, attempts: attempt, submission }, time.now());
      const elapsed = now - first;
      const replayable = call.body?.replayable ?? true;
      const circumstances = { submission, attempt, elapsed, replayable, headers: response?.headers };
      const delay = failure && retryDelay(failure, circumstances, policy, time.random(), time.now());
      const { status, requestId, rate, length } = response ?? {};
      const event = { operation, taskId, attempt, status, requestId, rate, length, code: error?.code };
      tell("onResponse", hooks.onResponse, { ...event, duration: now - start, total: now - began });
      permit.settle(rate, status === 429 ? delay : 0);
      if (error === undefined && response !== undefined) return [response, attempt];
      if (error === undefined || delay === undefined) throw error;
      const { code } = error;
      tell("onRetry", hooks.onRetry, { operation, taskId, attempt, status, code, submission, after: delay });
      last = error;
      await orEnded(sleep(time, delay, idle), call, attempt, last);
    }
  } finally {
    await call.body?.close();
  }
}

/** What only a signal of the caller's ends, and is then an `AbortedError`. */
async function orEnded<T>(waiting: Promise<T>, call: Call, attempts: number, last?: MagnificError): Promise<T> {
  try {
    return await waiting;
  } catch (cause) {
    const { operation, taskId, digest } = call;
    const submission = call.kind === "submit" ? (last?.submission ?? "not_sent") : undefined;
    const message = `${operation} was aborted before it was ${attempts > 0 ? "retried" : "sent"}.`;
    throw new AbortedError(message, { operation, taskId, digest, attempts, submission, cause });
  }
}
