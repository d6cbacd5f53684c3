import { ApiError, type ApiErrorFacts } from "./api-error.js";

/** There is no such task for this key (404). Undeclared, but real. `code: "not_found"`. */
export class NotFoundError extends ApiError {
  override readonly name = "NotFoundError";
  constructor(message: string, facts: ApiErrorFacts) {
    super("not_found", message, facts);
  }
}
