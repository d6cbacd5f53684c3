/** How a result is fetched. */
import { ConfigurationError } from "../errors/configuration-error.js";

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

/** @throws {ConfigurationError} for a limit that is no number or below its least value. */
export function downloadLimits(options: DownloadOptions, maxBytes: number): DownloadLimits {
  return {
    timeout: limit("timeout", options.timeout, 600_000, 1),
    idleTimeout: limit("idleTimeout", options.idleTimeout, 30_000, 1),
    retry: limit("retry", options.retry, 3, 0),
    maxBytes: limit("maxBytes", options.maxBytes, maxBytes, 1),
  };
}

function limit(name: string, given: number | undefined, standard: number, least: number): number {
  const value = given ?? standard;
  if (typeof value === "number" && value >= least) return value;
  throw new ConfigurationError(`${name} must be a number of at least ${least}, not ${String(value)}.`);
}
