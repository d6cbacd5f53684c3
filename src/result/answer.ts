/** What the answer to a request for a result means for the download. Pure. */
import { retryAfterOf } from "../util/headers.js";

/** What is known of the content so far. */
export interface Progress {
  /** Bytes handed on. */
  readonly received: number;
  /** The strong ETag they belong to; only with one can the rest be asked for. */
  readonly etag: string | undefined;
  readonly total: number | undefined;
}

export const NOTHING_YET: Progress = { received: 0, etag: undefined, total: undefined };

/**
 * - `read`: the body is of use; `skip` bytes at its start are known already; `fresh` when what came before is void.
 * - `again`: a passing failure; `restart` when what came before is void.
 * - `refused`: the server's final word.
 */
export type Reading =
  | {
      readonly kind: "read";
      readonly fresh: boolean;
      readonly skip: number;
      readonly etag: string | undefined;
      readonly total: number | undefined;
    }
  | { readonly kind: "again"; readonly restart: boolean; readonly reason: string; readonly delay?: number | undefined }
  | { readonly kind: "refused"; readonly reason: string };

const PASSING: readonly number[] = [408, 425, 429, 500, 502, 503, 504];

/** The headers that ask for what is still missing, or for everything. */
export function rangeHeaders(progress: Progress): Record<string, string> {
  if (progress.received === 0 || progress.etag === undefined) return {};
  return { range: `bytes=${progress.received}-`, "if-range": progress.etag };
}

/**
 * @param asked Whether the request asked for a range.
 * @param now Milliseconds since the epoch, for a `Retry-After` that is a date.
 */
export function readAnswer(
  { status, headers }: Pick<Response, "status" | "headers">,
  progress: Progress,
  asked: boolean,
  now: number,
): Reading {
  const etag = strongEtag(headers);
  if (status === 200) {
    // The server ignores ranges, or the content is another. With the same strong ETag the bytes are the same ones.
    const same = progress.received > 0 && etag !== undefined && etag === progress.etag;
    return {
      kind: "read",
      fresh: !same,
      skip: same ? progress.received : 0,
      etag,
      total: contentLength(headers),
    };
  }
  if (status === 206 && asked) {
    const range = /^bytes (\d+)-(\d+)\/(\d+|\*)$/i.exec(headers.get("content-range") ?? "");
    const total = range?.[3] === undefined || range[3] === "*" ? undefined : Number(range[3]);
    const fits =
      Number(range?.[1]) === progress.received &&
      (etag === undefined || etag === progress.etag) &&
      (total === undefined || progress.total === undefined || total === progress.total) &&
      (total === undefined || Number(range?.[2]) === total - 1);
    if (!fits) return { kind: "again", restart: true, reason: "the server sent another part than was asked for" };
    return { kind: "read", fresh: false, skip: 0, etag: progress.etag, total: total ?? progress.total };
  }
  if (status === 416 && asked) return { kind: "again", restart: true, reason: "the server has no such part" };
  if (PASSING.includes(status)) {
    const seconds = retryAfterOf(headers, now);
    const delay = seconds === undefined ? undefined : seconds * 1000;
    return { kind: "again", restart: false, reason: `the server answered ${status}`, delay };
  }
  return { kind: "refused", reason: `the server answered ${status}` };
}

/** Length of the content where the header tells it: a coded body has another length than its content. */
function contentLength(headers: Headers): number | undefined {
  const value = headers.get("content-length");
  return !isCoded(headers) && value !== null && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}

/** A weak ETag does not promise the same bytes, and ranges of a coded body are not ranges of its content. */
function strongEtag(headers: Headers): string | undefined {
  const value = headers.get("etag");
  return !isCoded(headers) && value?.startsWith('"') ? value : undefined;
}

function isCoded(headers: Headers): boolean {
  const coding = headers.get("content-encoding");
  return coding !== null && coding.trim() !== "" && coding.trim().toLowerCase() !== "identity";
}
