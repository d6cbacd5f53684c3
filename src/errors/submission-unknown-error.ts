import { type ErrorFacts, MagnificError } from "./magnific-error.js";

/**
 * The task store holds an earlier send of the same image and parameters whose outcome nobody knows: it may have made a
 * paid task. It is not sent again. Check `magnific.tasks()`, then forget the entry. `code: "submission_unknown"`.
 */
export class SubmissionUnknownError extends MagnificError {
  override readonly name = "SubmissionUnknownError";
  constructor(message: string, facts: ErrorFacts) {
    super("submission_unknown", message, { ...facts, submission: "unknown" });
  }
}
