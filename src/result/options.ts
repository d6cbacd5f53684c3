/** How a result is fetched. */
import { A_SIGNAL, checkKinds, number } from "../util/check-options.js";

export interface DownloadOptions {
  /** Ends the download early; the promise rejects with an `AbortedError`. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for the whole download, its body and every repetition included. Default: 600,000 (10 minutes). `Infinity` for none. */
  readonly timeout?: number | undefined;
  /** Milliseconds without a byte after which an attempt counts as broken. Default: 30,000. */
  readonly idleTimeout?: number | undefined;
  /** How often a broken download is taken up again, from where it broke if the server allows. Default: 3. */
  readonly retry?: number | undefined;
  /** Largest result in bytes. Default: the client's `results.maxBytes` (1 GiB). */
  readonly maxBytes?: number | undefined;
}

export interface DownloadLimits {
  readonly timeout: number;
  readonly idleTimeout: number;
  readonly retry: number;
  readonly maxBytes: number;
}

/** @throws {ConfigurationError} for a signal that is none, a limit that is no number or below its least value. */
export function downloadLimits(options: DownloadOptions, maxBytes: number): DownloadLimits {
  checkKinds(options, { signal: A_SIGNAL });
  return {
    timeout: number("timeout", options.timeout ?? 600_000, 1),
    idleTimeout: number("idleTimeout", options.idleTimeout ?? 30_000, 1),
    retry: number("retry", options.retry ?? 3, 0),
    maxBytes: number("maxBytes", options.maxBytes ?? maxBytes, 1),
  };
}
