/** How a result is fetched. */
import { A_SIGNAL, atLeast, checkOptions, countOf, type Kinds } from "../util/check-options.js";

export interface DownloadOptions {
  /** Ends the download early; the promise rejects with an `AbortedError`. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for the whole download, its body and every repetition included. Default: 600,000 (10 minutes). `Infinity` for none. */
  readonly timeout?: number | undefined;
  /** Milliseconds without a byte after which an attempt counts as broken. Default: 30,000. */
  readonly idleTimeout?: number | undefined;
  /** How often a download that broke off is resumed, from where it broke off if the server allows. Default: 3. */
  readonly retry?: number | undefined;
  /** Largest result in bytes. Default: the client's `results.maxBytes` (1 GiB). */
  readonly maxBytes?: number | undefined;
}

export type DownloadLimits = { readonly [Name in Exclude<keyof DownloadOptions, "signal">]-?: number };

const KINDS: Kinds = {
  signal: A_SIGNAL,
  timeout: atLeast(1),
  idleTimeout: atLeast(1),
  retry: countOf(0),
  maxBytes: countOf(1),
};

/** @param more What else is an option here. @throws {ConfigurationError} */
export function downloadLimits(options: DownloadOptions, maxBytes: number, more: Kinds = {}): DownloadLimits {
  checkOptions(options, { ...KINDS, ...more });
  return {
    timeout: options.timeout ?? 600_000,
    idleTimeout: options.idleTimeout ?? 30_000,
    retry: options.retry ?? 3,
    maxBytes: options.maxBytes ?? maxBytes,
  };
}
