import { type ErrorCode, type ErrorFacts, MagnificError } from "./magnific-error.js";

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

/** The codes that follow from a status. */
export type ApiErrorCode = Extract<
  ErrorCode,
  | "bad_request"
  | "authentication_failed"
  | "credits_exhausted"
  | "forbidden"
  | "not_found"
  | "payload_too_large"
  | "rate_limited"
  | "usage_limit_reached"
  | "server_error"
  | "unexpected_status"
>;

/** The provider responded with a status that is not 2xx. The subclasses say which. */
export class ApiError extends MagnificError {
  override readonly name: string = "ApiError";
  declare readonly code: ApiErrorCode;
  declare readonly status: number;
  declare readonly providerMessage?: string;
  declare readonly invalidParams?: readonly InvalidParam[];

  constructor(code: ApiErrorCode, message: string, facts: ApiErrorFacts) {
    super(code, message, facts);
  }
}
