import { ApiError, type ApiErrorFacts } from "./api-error.js";

/** The provider failed (5xx). A submit that ends so may have made a task: `submission` is `unknown`. `code: "server_error"`. */
export class ServerError extends ApiError {
  override readonly name = "ServerError";
  constructor(message: string, facts: ApiErrorFacts) {
    super("server_error", message, facts);
  }
}
