/** Errors of a task that was made, and of its results. */
import { type ErrorFacts, MagnificError } from "./magnific-error.js";

abstract class TaskError extends MagnificError {
  declare readonly taskId: string;
  constructor(
    message: string,
    facts: ErrorFacts & { readonly taskId: string; readonly lastStatus?: string | undefined },
  ) {
    super(message, facts);
  }
}

/** The task ended FAILED. The provider gives no reason. `code: "task_failed"`. */
export class TaskFailedError extends TaskError {
  override readonly name = "TaskFailedError";
  static override readonly code = "task_failed";
  declare readonly code: "task_failed";
}

/** The task is COMPLETED, but the response names no image, and waiting a little did not change that. `code: "empty_result"`. */
export class EmptyResultError extends TaskError {
  override readonly name = "EmptyResultError";
  static override readonly code = "empty_result";
  declare readonly code: "empty_result";
}

/** The task did not end in time and continues: `magnific.task(error.taskId).wait()` resumes. `code: "wait_timeout"`. */
export class WaitTimeoutError extends TaskError {
  override readonly name = "WaitTimeoutError";
  static override readonly code = "wait_timeout";
  declare readonly code: "wait_timeout";
  /** The last status seen on the wire, where one was. */
  declare readonly lastStatus?: string;
}

/**
 * A result could not be fetched: `result_refused` (by its URL's host, scheme or private address), `result_expired`, or
 * `download_failed` (it is incomplete, or not an image). The task itself is not lost: see `taskId`.
 */
export class ResultError extends MagnificError {
  override readonly name = "ResultError";
  declare readonly code: "result_refused" | "result_expired" | "download_failed";
  constructor(code: ResultError["code"], message: string, facts: ErrorFacts) {
    super(message, { ...facts, code });
  }
}
