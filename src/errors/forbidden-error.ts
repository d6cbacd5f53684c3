import { ApiError, type ApiErrorFacts } from "./api-error.js";

/** The plan does not allow the operation, or the address is blocked (403). Permanent: not retried. Undeclared, but real. `code: "forbidden"`. */
export class ForbiddenError extends ApiError {
  override readonly name = "ForbiddenError";
  constructor(message: string, facts: ApiErrorFacts) {
    super("forbidden", message, facts);
  }
}
