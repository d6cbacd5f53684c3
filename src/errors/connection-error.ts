import { type ErrorFacts, MagnificError } from "./magnific-error.js";

/**
 * There is no response because the network failed. `connection_failed`: could not connect, so nothing was sent (DNS,
 * refused, connect timeout). `connection_lost`: the connection broke after bytes may have been sent.
 */
export class ConnectionError extends MagnificError {
  override readonly name = "ConnectionError";
  declare readonly code: "connection_failed" | "connection_lost";
  constructor(code: "connection_failed" | "connection_lost", message: string, facts: ErrorFacts) {
    super(code, message, facts);
  }
}
