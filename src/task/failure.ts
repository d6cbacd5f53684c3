/** Which errors of a poll end a wait. Pure. */
import { type ErrorCode, MagnificError } from "../errors/magnific-error.js";

/** What a later poll cannot mend. Everything else may pass: the task goes on at the provider, and its id is known. */
const PERMANENT: readonly ErrorCode[] = [
  "configuration",
  "invalid_request",
  "aborted",
  "redirect_refused",
  "bad_request",
  "authentication_failed",
  "credits_exhausted",
  "forbidden",
  "not_found",
  "usage_limit_reached",
];

/** Statuses below 500 that pass although they have no code of their own. */
const PASSING: readonly number[] = [408, 425];

/** Whether a wait goes on after this error. Whatever is not this client's error is a mistake in code, and does not pass. */
export function mayPass(error: unknown): error is MagnificError {
  if (!(error instanceof MagnificError) || PERMANENT.includes(error.code)) return false;
  const { status = 0 } = error;
  return error.code !== "unexpected_status" || status < 400 || status >= 500 || PASSING.includes(status);
}

/** The error with the task it is about, so that the task can be taken up again. */
export function withTask(error: MagnificError, taskId: string): MagnificError {
  if (error.taskId === undefined) Object.defineProperty(error, "taskId", { value: taskId, enumerable: true });
  return error;
}
