import type { ErrorFacts } from "../errors/magnific-error.js";
import { A_SIGNAL, about, atLeast, checkOptions, countOf, type Kinds } from "../util/check-options.js";

/** How one call is sent. Every method that talks to the provider takes these. */
export interface CallOptions {
  /** Ends the call early; the promise rejects with an `AbortedError`. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for one attempt, its body included. Default: the client's `timeout` (60,000). */
  readonly timeout?: number | undefined;
  /** How often a failed attempt may be retried. Default: the client's `retry` (2). A submit is retried only when it provably did not run. */
  readonly retry?: number | undefined;
}

const KINDS: Kinds = { signal: A_SIGNAL, timeout: atLeast(1), retry: countOf(0) };

/** @param more The other options of the call. @throws {ConfigurationError} with these facts. */
export function checkCall(options: unknown, facts: ErrorFacts, more: Kinds = {}): void {
  about(facts, () => checkOptions(options, { ...KINDS, ...more }));
}
