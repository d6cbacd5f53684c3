import { type ErrorFacts, MagnificError } from "./magnific-error.js";

/**
 * A result could not be fetched: `result_refused` (its URL is not one this client fetches), `result_expired`, or
 * `download_failed` (it could not be fetched completely, or is not an image). The task itself is not lost: see `taskId`.
 */
export class ResultError extends MagnificError {
  override readonly name = "ResultError";
  declare readonly code: "result_refused" | "result_expired" | "download_failed";
  constructor(code: "result_refused" | "result_expired" | "download_failed", message: string, facts: ErrorFacts) {
    super(code, message, facts);
  }
}
