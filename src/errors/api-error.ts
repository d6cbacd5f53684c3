/** The provider responded with a status that is not 2xx. */
import { type ApiErrorCode, type ErrorFacts, MagnificError } from "./magnific-error.js";

/** One parameter that the provider found wrong. */
export interface InvalidParam {
  readonly name: string;
  readonly reason: string;
}

export interface ApiErrorFacts extends ErrorFacts {
  readonly status: number;
  /** The provider's message, where it sent a readable one; at most 500 characters. */
  readonly providerMessage?: string | undefined;
  /** From a problem+json response, in either of the two shapes of the provider's page. */
  readonly invalidParams?: readonly InvalidParam[] | undefined;
}

/** The provider responded with a status that is not 2xx. The subclasses say which; any other is `code: "unexpected_status"`. */
export class ApiError extends MagnificError {
  override readonly name: string = "ApiError";
  static override readonly code: ApiErrorCode = "unexpected_status";
  declare readonly code: ApiErrorCode;
  declare readonly status: number;
  declare readonly providerMessage?: string;
  declare readonly invalidParams?: readonly InvalidParam[];

  constructor(message: string, facts: ApiErrorFacts & { readonly code?: ApiErrorCode }) {
    super(message, facts);
  }
}

/** The provider refused the request as invalid (400). `invalidParams` names the parameters where the provider does. `code: "bad_request"`. */
export class BadRequestError extends ApiError {
  override readonly name = "BadRequestError";
  static override readonly code = "bad_request";
  declare readonly code: "bad_request";
}

/** The API key is missing or not valid (401). `code: "authentication_failed"`. */
export class AuthenticationError extends ApiError {
  override readonly name = "AuthenticationError";
  static override readonly code = "authentication_failed";
  declare readonly code: "authentication_failed";
}

/** The key has no credits left (402). Undeclared by the provider, but real. `code: "credits_exhausted"`. */
export class CreditsExhaustedError extends ApiError {
  override readonly name = "CreditsExhaustedError";
  static override readonly code = "credits_exhausted";
  declare readonly code: "credits_exhausted";
}

/** The plan does not allow the operation, or the address is blocked (403). Permanent: not retried. Undeclared, but real. `code: "forbidden"`. */
export class ForbiddenError extends ApiError {
  override readonly name = "ForbiddenError";
  static override readonly code = "forbidden";
  declare readonly code: "forbidden";
}

/** There is no such task for this key (404). Undeclared, but real. `code: "not_found"`. */
export class NotFoundError extends ApiError {
  override readonly name = "NotFoundError";
  static override readonly code = "not_found";
  declare readonly code: "not_found";
}

/** The image is larger than the provider takes (413). Undeclared; the limit is unknown. `code: "payload_too_large"`. */
export class PayloadTooLargeError extends ApiError {
  override readonly name = "PayloadTooLargeError";
  static override readonly code = "payload_too_large";
  declare readonly code: "payload_too_large";
}

/** Too many requests (429): `rate_limited` passes; `usage_limit_reached` (the free trial's) does not and is not retried. */
export class RateLimitError extends ApiError {
  override readonly name = "RateLimitError";
  declare readonly code: "rate_limited" | "usage_limit_reached";

  constructor(code: RateLimitError["code"], message: string, facts: ApiErrorFacts) {
    super(message, { ...facts, code });
  }

  /** Whether waiting does not help. */
  get permanent(): boolean {
    return this.code === "usage_limit_reached";
  }
}

/** The provider failed (5xx). A submit that ends so may have made a task: `submission` is `unknown`. `code: "server_error"`. */
export class ServerError extends ApiError {
  override readonly name = "ServerError";
  static override readonly code = "server_error";
  declare readonly code: "server_error";
}
