import { ApiError, type ApiErrorFacts } from "./api-error.js";

/** The API key is missing or not valid (401). `code: "authentication_failed"`. */
export class AuthenticationError extends ApiError {
  override readonly name = "AuthenticationError";
  constructor(message: string, facts: ApiErrorFacts) {
    super("authentication_failed", message, facts);
  }
}
