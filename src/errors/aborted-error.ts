import { type ErrorFacts, MagnificError } from "./magnific-error.js";

/**
 * The caller's signal fired; its reason is the `cause`. The `name` is the platform's `AbortError`, so that code that checks
 * for it works. `code: "aborted"`.
 */
export class AbortedError extends MagnificError {
  override readonly name = "AbortError";
  constructor(message: string, facts: ErrorFacts) {
    super("aborted", message, facts);
  }
}
