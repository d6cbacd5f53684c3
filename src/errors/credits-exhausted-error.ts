import { ApiError, type ApiErrorFacts } from "./api-error.js";

/** The key has no credits left (402). Undeclared by the provider, but real. `code: "credits_exhausted"`. */
export class CreditsExhaustedError extends ApiError {
  override readonly name = "CreditsExhaustedError";
  constructor(message: string, facts: ApiErrorFacts) {
    super("credits_exhausted", message, facts);
  }
}
