/**
 * Every `code` an error of this client can have. Codes are stable: they change in a major version only.
 *
 * - `configuration`: the client was created, or called, with options that cannot work (no key, plain http to a host, a browser).
 * - `invalid_request`: the request breaks a rule of the contract; nothing was sent.
 * - `image_unreadable`: the image's source failed while it was read.
 * - `connection_failed`: could not connect; nothing was sent.
 * - `connection_lost`: the connection broke after bytes may have been sent.
 * - `timeout`: an attempt or the whole call took longer than allowed.
 * - `aborted`: the caller's signal fired.
 * - `redirect_refused`: the server responded with a redirect, which is never followed.
 * - `bad_request` (400) · `authentication_failed` (401) · `credits_exhausted` (402) · `forbidden` (403) · `not_found` (404) ·
 *   `payload_too_large` (413) · `rate_limited` (429, passes) · `usage_limit_reached` (429, permanent) · `server_error` (5xx) ·
 *   `unexpected_status`: any other status that is not 2xx.
 * - `unexpected_response`: the response is not what the contract says (not JSON, wrong shape, too large), and the call cannot continue.
 * - `submission_unknown`: a task store holds an earlier send of the same request whose outcome nobody knows.
 * - `store_failed`: a task store could not be read or written.
 * - `task_failed`: the task ended FAILED; the provider gives no reason.
 * - `empty_result`: the task is COMPLETED but names no image.
 * - `wait_timeout`: the task did not end before the wait's deadline; it continues at the provider.
 * - `result_refused`: the result's URL is not one this client fetches (host, scheme, private address).
 * - `result_expired`: the result's URL has expired.
 * - `download_failed`: the result could not be fetched completely, or is not an image.
 * - `file_failed`: a local file could not be read or written.
 * - `webhook_invalid`: a delivery is not genuine, too old, or cannot be read.
 * - `batch_failed`: a batch, or one file of it, cannot go on (journal, source, output); the `BatchError` of
 *   `magnific-client/node` says why in `fault`.
 */
export type ErrorCode =
  | "configuration"
  | "invalid_request"
  | "image_unreadable"
  | "connection_failed"
  | "connection_lost"
  | "timeout"
  | "aborted"
  | "redirect_refused"
  | "bad_request"
  | "authentication_failed"
  | "credits_exhausted"
  | "forbidden"
  | "not_found"
  | "payload_too_large"
  | "rate_limited"
  | "usage_limit_reached"
  | "server_error"
  | "unexpected_status"
  | "unexpected_response"
  | "submission_unknown"
  | "store_failed"
  | "task_failed"
  | "empty_result"
  | "wait_timeout"
  | "result_refused"
  | "result_expired"
  | "download_failed"
  | "file_failed"
  | "webhook_invalid"
  | "batch_failed";

/**
 * What is known of a submit that ended in an error.
 *
 * - `not_sent`: no byte of the request reached the provider. Submitting again is safe.
 * - `rejected`: the provider responded and made no task. Submitting again is safe, if useful.
 * - `unknown`: a task may exist and be billed. Check `magnific.tasks()` before submitting again.
 */
export type Submission = "not_sent" | "rejected" | "unknown";

/** Facts that an error carries where they exist. None of them ever contains the API key or image data. */
export interface ErrorFacts {
  /** Method and path of the request, e.g. `POST /v1/ai/image-upscaler-precision`. */
  readonly operation?: string | undefined;
  /** HTTP status of the response. */
  readonly status?: number | undefined;
  /** The provider's id of the request (`x-request-id`); name it when asking for support. */
  readonly requestId?: string | undefined;
  /** The task this is about. `magnific.task(taskId)` resumes it, also in another process. */
  readonly taskId?: string | undefined;
  /** On every error of a submit. */
  readonly submission?: Submission | undefined;
  /** Seconds that the provider asks to wait. */
  readonly retryAfter?: number | undefined;
  /** How many times the request was sent. */
  readonly attempts?: number | undefined;
  /** Digest of image and parameters of a submit, where it is known. Identifies the request without containing it. */
  readonly digest?: string | undefined;
  readonly cause?: unknown;
}

/** The root of every error this client throws. */
export class MagnificError extends Error {
  override readonly name: string = "MagnificError";
  /** What went wrong; stable. */
  readonly code: ErrorCode;
  declare readonly operation?: string;
  declare readonly status?: number;
  declare readonly requestId?: string;
  declare readonly taskId?: string;
  declare readonly submission?: Submission;
  declare readonly retryAfter?: number;
  declare readonly attempts?: number;
  declare readonly digest?: string;

  constructor(code: ErrorCode, message: string, facts: ErrorFacts = {}) {
    const { cause, ...rest } = facts;
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    for (const [key, value] of Object.entries(rest)) {
      if (value !== undefined) Object.defineProperty(this, key, { value, enumerable: true });
    }
  }

  /** The error as a plain object, for logs. */
  toJSON(): Record<string, unknown> {
    return { ...(this as object), name: this.name, message: this.message };
  }
}
