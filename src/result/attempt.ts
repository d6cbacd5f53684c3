/** One attempt to fetch a result, or what is missing of it. */

import { ResultError } from "../errors/task-errors.js";
import { networkFailure } from "../http/network-error.js";
import { ImageScanner } from "../image/scanner.js";
import type { Settings } from "../options.js";
import { abortScope, inScope, orAborted } from "../util/abort-scope.js";
import { concatBytes, NO_BYTES } from "../util/bytes.js";
import {
  type ContentResponse,
  classifyResponse,
  type Progress,
  RetryableDownloadError,
  rangeHeaders,
} from "./classify-response.js";
import { refuseExpired } from "./expiry.js";
import type { DownloadLimits } from "./options.js";
import { discard, requestResult } from "./request.js";
import { HEAD_LENGTH, resultType } from "./result-type.js";

export interface Part {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Media type, by the first bytes. */
  readonly type: string;
  /** The content starts with this part: what came before, if anything, is void. */
  readonly fresh: boolean;
}

/** A download, and what is known of its content from one attempt to the next. */
export interface Content {
  readonly settings: Settings;
  readonly url: URL;
  readonly limits: DownloadLimits;
  readonly facts: DownloadFacts;
  progress: Progress;
  type?: string | undefined;
  /** Has seen all bytes so far, where the format is a known one. */
  scanner?: ImageScanner | undefined;
}

export interface DownloadFacts {
  readonly operation: string | undefined;
  readonly taskId: string | undefined;
}

/** @throws {RetryableDownloadError} when another attempt may help. @throws {ResultError} when not. */
export async function* attempt(content: Content, signal: AbortSignal): AsyncGenerator<Part, void, void> {
  const { response, etag, total, ...opened } = await open(content, signal);
  const { limits, facts } = content;
  let { skip, fresh } = opened;
  if (fresh) content.type = undefined;
  content.progress = { received: fresh ? 0 : content.progress.received, etag, total };
  const checkSize = (bytes: number): void => {
    if (bytes <= limits.maxBytes) return;
    throw failed(`The result is larger than ${limits.maxBytes} bytes (option \`maxBytes\`).`, facts);
  };
  checkSize(total ?? 0);

  const declared = response.headers.get("content-type");
  const reader = response.body?.getReader();
  let held = NO_BYTES;
  try {
    for (let done = reader === undefined; !done; ) {
      const read = await withinIdle(content, signal, (reader as NonNullable<typeof reader>).read());
      done = read.done;
      const unread = (read.value ?? NO_BYTES).subarray(skip);
      skip -= (read.value?.byteLength ?? 0) - unread.byteLength;
      held = held.byteLength === 0 ? unread : concatBytes([held, unread]);
      checkSize(content.progress.received + held.byteLength);
      // The first bytes are held back until they show what they are.
      if (held.byteLength === 0 || (!done && content.type === undefined && held.byteLength < HEAD_LENGTH)) continue;
      const bytes = held;
      held = NO_BYTES;
      const type = take(content, bytes, declared);
      yield { bytes, type, fresh };
      fresh = false;
    }
  } finally {
    // Nothing to wait for: the attempt's signal ends what a stream may be busy with.
    reader?.cancel().catch(() => {});
  }
  checkComplete(content, skip);
}

async function open(content: Content, signal: AbortSignal): Promise<ContentResponse & { readonly response: Response }> {
  const { settings, facts, progress } = content;
  const range = rangeHeaders(progress);
  // Coded bodies have no exact length and no ranges.
  const headers = { accept: "*/*", "accept-encoding": "identity", ...range };
  const request = requestResult(settings, content.url, { headers, signal }, facts);
  const { response, url } = await withinIdle(content, signal, request);
  const now = settings.time.now();
  const meaning = classifyResponse(response, progress, "range" in range, now);
  if (typeof meaning === "object" && "fresh" in meaning) return { response, ...meaning };

  await discard(response);
  if (typeof meaning === "object") throw meaning;
  const { status } = response;
  if ([401, 403, 410].includes(status)) refuseExpired(url, now, facts, status);
  throw failed(`The result could not be fetched: ${meaning}.`, { ...facts, status });
}

function failed(message: string, facts: DownloadFacts & { readonly status?: number }): ResultError {
  return new ResultError("download_failed", message, facts);
}

/** Notes what came. @throws {ResultError} when it is not a result. */
function take(content: Content, bytes: Uint8Array<ArrayBuffer>, declared: string | null): string {
  if (content.type === undefined) {
    const found = resultType(bytes, declared);
    if ("instead" in found)
      throw failed(`The response is not an image or another kind of media, but ${found.instead}.`, content.facts);
    content.type = found.type;
    content.scanner = found.format && new ImageScanner(found.format);
  }
  content.scanner?.push(bytes);
  content.progress = { ...content.progress, received: content.progress.received + bytes.byteLength };
  return content.type;
}

/** @throws {RetryableDownloadError} when the body ended before the content did. */
function checkComplete(content: Content, skip: number): void {
  const { received, total } = content.progress;
  if (skip > 0 || (total !== undefined && received > total))
    throw new RetryableDownloadError("the body does not have the length that its header states", { restart: true });
  if (total !== undefined && received < total)
    throw new RetryableDownloadError(`only ${received} of ${total} bytes arrived`);
  if (received === 0) throw new RetryableDownloadError("the body is empty");
  // Where a length is stated and has come, the image is as the server has it.
  if (total === undefined && content.scanner?.complete === false)
    throw new RetryableDownloadError(`the image is truncated: ${content.scanner.missing}`);
}

/** @throws {RetryableDownloadError} when nothing comes for too long, or the network fails. */
function withinIdle<T>({ settings, limits }: Content, signal: AbortSignal, work: Promise<T>): Promise<T> {
  const scope = abortScope(settings.time, limits.idleTimeout, signal);
  return inScope(
    scope,
    (ended) => orAborted(ended, work),
    (error) => {
      if (error instanceof ResultError) return error;
      if (scope.endedBy === "deadline")
        return new RetryableDownloadError(`nothing arrived for ${limits.idleTimeout} ms`);
      const failure = networkFailure(error);
      const permanent = failure === "redirect" || !failure.transient;
      return new RetryableDownloadError("the connection failed", { cause: error, permanent });
    },
  );
}
