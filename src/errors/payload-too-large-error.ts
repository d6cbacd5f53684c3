import { ApiError, type ApiErrorFacts } from "./api-error.js";

/** The image is larger than the provider takes (413). Undeclared; the limit is unknown. `code: "payload_too_large"`. */
export class PayloadTooLargeError extends ApiError {
  override readonly name = "PayloadTooLargeError";
  constructor(message: string, facts: ApiErrorFacts) {
    super("payload_too_large", message, facts);
  }
}
