import { ApiError, type ApiErrorFacts } from "./api-error.js";

/**
 * Too many requests (429). `rate_limited` passes: `retryAfter` says when, where the provider does.
 * `usage_limit_reached` is permanent (the free trial's limit): waiting does not help and it is not retried.
 */
export class RateLimitError extends ApiError {
  override readonly name = "RateLimitError";
  declare readonly code: "rate_limited" | "usage_limit_reached";

  constructor(code: "rate_limited" | "usage_limit_reached", message: string, facts: ApiErrorFacts) {
    super(code, message, facts);
  }

  /** Whether waiting does not help. */
  get permanent(): boolean {
    return this.code === "usage_limit_reached";
  }
}
