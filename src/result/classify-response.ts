/** What the response to a request for a result means for the download. Pure. */
import { retryAfterOf } from "../util/headers.js";

/** What is known of the content so far. */
export interface Progress {
  /** Bytes handed on. */
  readonly received: number;
  /** The strong ETag they belong to; only with one can the rest be requested. */
  readonly etag: string | undefined;
  readonly total: number | undefined;
}

export const NOTHING_YET: Progress = { received: 0, etag: undefined, total: undefined };

/** The body is of use. */
export interface ContentResponse {
  /** What came before is void. */
  readonly fresh: boolean;
  /** So many of its first bytes are known already. */
  readonly skip: number;
  readonly etag: string | undefined;
  readonly total: number | undefined;
}

interface FailureFacts {
  readonly cause?: unknown;
  /** HTTP status of the response, where it is to blame. */
  readonly status?: number | undefined;
  /** Milliseconds that the server asks to wait. */
  readonly delay?: number | undefined;
  /** Another attempt cannot help. */
  readonly permanent?: boolean;
  /** What came before is void. */
  readonly restart?: boolean;
}

/** One attempt failed. Never leaves a download: another attempt follows, or a `ResultError` reports it. */
export class RetryableDownloadError extends Error {
  readonly facts: FailureFacts;

  constructor(reason: string, facts: FailureFacts = {}) {
    super(reason);
    this.facts = facts;
  }
}

const PASSING: readonly number[] = [408, 425, 429, 500, 502, 503, 504];

/** The headers that request what is still missing, or everything. */
export function rangeHeaders({ received, etag }: Progress): Record<string, string> {
  return received === 0 || etag === undefined ? {} : { range: `bytes=${received}-`, "if-range": etag };
}

/**
 * The content, or why there is none: an error where another attempt may help, words where not.
 *
 * @param ranged Whether the request asked for a range.
 * @param now Milliseconds since the epoch, for a `Retry-After` that is a date.
 */
export function classifyResponse(
  { status, headers }: Pick<Response, "status" | "headers">,
  progress: Progress,
  ranged: boolean,
  now: number,
): ContentResponse | RetryableDownloadError | string {
  const restart = (reason: string) => new RetryableDownloadError(reason, { status, restart: true });
  const coding = headers.get("content-encoding")?.trim().toLowerCase() ?? "";
  // A coded body has another length than its content, and its ranges are not ranges of the content.
  const plain = coding === "" || coding === "identity";
  const tag = plain ? headers.get("etag") : null;
  // A weak ETag does not promise the same bytes.
  const etag = tag?.startsWith('"') ? tag : undefined;
  if (status === 200) {
    // The server ignores ranges, or the content changed. With the same strong ETag the bytes are the same ones.
    const same = progress.received > 0 && etag !== undefined && etag === progress.etag;
    const length = (plain && headers.get("content-length")) || "";
    const total = /^\d{1,15}$/.test(length) ? Number(length) : undefined;
    return { fresh: !same, skip: same ? progress.received : 0, etag, total };
  }
  if (status === 206 && ranged) {
    const range = /^bytes (\d+)-(\d+)\/(\d+|\*)$/i.exec(headers.get("content-range") ?? "");
    const total = range?.[3] === undefined || range[3] === "*" ? undefined : Number(range[3]);
    const fits =
      Number(range?.[1]) === progress.received &&
      (etag === undefined || etag === progress.etag) &&
      (total === undefined || progress.total === undefined || total === progress.total) &&
      (total === undefined || Number(range?.[2]) === total - 1);
    if (!fits) return restart("the server sent another part than was requested");
    return { fresh: false, skip: 0, etag: progress.etag, total: total ?? progress.total };
  }
  if (status === 416 && ranged) return restart("the server has no such part");
  const reason = `the server responded with ${status}`;
  if (!PASSING.includes(status)) return reason;
  const seconds = retryAfterOf(headers, now);
  return new RetryableDownloadError(reason, { status, delay: seconds === undefined ? undefined : seconds * 1000 });
}
