/** Errors of a call that got no response, or none that can be used. */
import { type ErrorFacts, MagnificError } from "./magnific-error.js";

/** The caller's signal fired; its reason is the `cause`. The `name` is the platform's. `code: "aborted"`. */
export class AbortedError extends MagnificError {
  override readonly name = "AbortError";
  static override readonly code = "aborted";
  declare readonly code: "aborted";
}

/** An attempt, its body included, or the whole call took longer than allowed. `code: "timeout"`. */
export class TimeoutError extends MagnificError {
  override readonly name = "TimeoutError";
  static override readonly code = "timeout";
  declare readonly code: "timeout";
}

/**
 * The network failed. `connection_failed`: could not connect, so nothing was sent (DNS, refused, connect timeout).
 * `connection_lost`: the connection broke after bytes may have been sent.
 */
export class ConnectionError extends MagnificError {
  override readonly name = "ConnectionError";
  declare readonly code: "connection_failed" | "connection_lost";
  constructor(code: ConnectionError["code"], message: string, facts: ErrorFacts) {
    super(message, { ...facts, code });
  }
}

/** The server responded with a redirect. None is followed: key and image go to `baseUrl` only. `code: "redirect_refused"`. */
export class RedirectError extends MagnificError {
  override readonly name = "RedirectError";
  static override readonly code = "redirect_refused";
  declare readonly code: "redirect_refused";
}

/** The response is not what the contract says (not JSON, wrong shape, too large), and the call cannot continue. `code: "unexpected_response"`. */
export class UnexpectedResponseError extends MagnificError {
  override readonly name = "UnexpectedResponseError";
  static override readonly code = "unexpected_response";
  declare readonly code: "unexpected_response";
}
