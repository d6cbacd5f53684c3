import { type ErrorFacts, MagnificError } from "./magnific-error.js";

/** An attempt, its body included, or the whole call took longer than allowed. `code: "timeout"`. */
export class TimeoutError extends MagnificError {
  override readonly name = "TimeoutError";
  constructor(message: string, facts: ErrorFacts) {
    super("timeout", message, facts);
  }
}
