import { type ErrorFacts, MagnificError } from "./magnific-error.js";

/**
 * The server responded with a redirect. It is never followed: the key and the image go to the configured origin only.
 * `code: "redirect_refused"`.
 */
export class RedirectError extends MagnificError {
  override readonly name = "RedirectError";
  constructor(message: string, facts: ErrorFacts) {
    super("redirect_refused", message, facts);
  }
}
