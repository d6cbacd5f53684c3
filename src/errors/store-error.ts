import { type ErrorFacts, MagnificError } from "./magnific-error.js";

/** The task store could not be read or written. `submission` says whether the request had been sent by then. `code: "store_failed"`. */
export class StoreError extends MagnificError {
  override readonly name = "StoreError";
  constructor(message: string, facts: ErrorFacts) {
    super("store_failed", message, facts);
  }
}
