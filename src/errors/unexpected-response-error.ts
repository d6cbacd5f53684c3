import { type ErrorFacts, MagnificError } from "./magnific-error.js";

/** The response is not what the contract says (not JSON, wrong shape, too large), and the call cannot continue. `code: "unexpected_response"`. */
export class UnexpectedResponseError extends MagnificError {
  override readonly name = "UnexpectedResponseError";
  constructor(message: string, facts: ErrorFacts) {
    super("unexpected_response", message, facts);
  }
}
