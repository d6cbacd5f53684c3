import { type ErrorFacts, MagnificError } from "./magnific-error.js";

/** The task is COMPLETED, but the response names no image, and waiting a little did not change that. `code: "empty_result"`. */
export class EmptyResultError extends MagnificError {
  override readonly name = "EmptyResultError";
  declare readonly taskId: string;
  constructor(message: string, facts: ErrorFacts & { readonly taskId: string }) {
    super("empty_result", message, facts);
  }
}
