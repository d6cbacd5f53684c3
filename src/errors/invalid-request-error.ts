import { type ErrorFacts, MagnificError } from "./magnific-error.js";

/** One broken rule of a request. */
export interface Fault {
  /** The field's wire name, e.g. `sharpen`; empty for the request as a whole. */
  readonly field: string;
  /** The rule's name: a JSON Schema keyword (`maximum`, `type`, `required`, …) or one of the image checks (`empty`, `not_an_image`, …). */
  readonly rule: string;
  /** What is wrong and what would be right. */
  readonly message: string;
}

/** The request breaks rules of the contract; nothing was sent. Lists every fault. `code: "invalid_request"`. */
export class InvalidRequestError extends MagnificError {
  override readonly name = "InvalidRequestError";
  readonly faults: readonly Fault[];

  constructor(operation: string, faults: readonly Fault[], facts: Omit<ErrorFacts, "operation" | "submission"> = {}) {
    const list = faults
      .map((fault) => (fault.field === "" ? fault.message : `${fault.field}: ${fault.message}`))
      .join("; ");
    super("invalid_request", `${operation} was not sent: ${list}.`, { ...facts, operation, submission: "not_sent" });
    this.faults = faults;
  }
}
