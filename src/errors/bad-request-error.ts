import { ApiError, type ApiErrorFacts } from "./api-error.js";

/** The provider refused the request as invalid (400). `invalidParams` names the parameters where the provider does. `code: "bad_request"`. */
export class BadRequestError extends ApiError {
  override readonly name = "BadRequestError";
  constructor(message: string, facts: ApiErrorFacts) {
    super("bad_request", message, facts);
  }
}
