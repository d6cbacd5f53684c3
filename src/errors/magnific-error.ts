/** The codes that follow from a status. */
export type ApiErrorCode =
  | "bad_request"
  | "authentication_failed"
  | "credits_exhausted"
  | "forbidden"
  | "not_found"
  | "payload_too_large"
  | "rate_limited"
  | "usage_limit_reached"
  | "server_error"
  | "unexpected_status";

/** Every `code` an error can have. They change in a major version only; `docs/reference/errors.md` says what to do. */
export type ErrorCode =
  | ApiErrorCode
  | "configuration"
  | "invalid_request"
  | "image_unreadable"
  | "connection_failed"
  | "connection_lost"
  | "timeout"
  | "aborted"
  | "redirect_refused"
  | "unexpected_response"
  | "submission_unknown"
  | "submit_limit_reached"
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

const PAGE = "https://github.com/magnific-client/magnific-client/blob/main/docs/reference/errors.md";

/** The root of every error this client throws. */
export abstract class MagnificError extends Error {
  /** The `code` of each error of a class, where they all have the same. */
  static readonly code: ErrorCode | undefined;
  /** What went wrong; stable. */
  declare readonly code: ErrorCode;
  declare readonly operation?: string;
  declare readonly status?: number;
  declare readonly requestId?: string;
  declare readonly taskId?: string;
  declare readonly submission?: Submission;
  declare readonly retryAfter?: number;
  declare readonly attempts?: number;
  declare readonly digest?: string;

  /** @param message What happened, to which request, and what to do next. The address of the page about it is added. */
  constructor(message: string, facts: ErrorFacts & { readonly code?: ErrorCode } = {}) {
    const { cause, code = new.target.code, ...others } = facts;
    super(`${message}\nSee ${PAGE}#${code}-${code}`, cause === undefined ? undefined : { cause });
    for (const [key, value] of Object.entries({ code, ...others })) {
      if (value !== undefined) Object.defineProperty(this, key, { value, enumerable: true });
    }
  }

  /** The message without the address that it ends with. */
  get summary(): string {
    return this.message.slice(0, this.message.lastIndexOf("\n"));
  }

  /** The page about this `code`: its cause, what it costs, what to do. The message ends with it. */
  get docs(): string {
    return this.message.slice(this.message.lastIndexOf(" ") + 1);
  }

  /** The error as a plain object, for logs. */
  toJSON(): Record<string, unknown> {
    return { ...(this as object), name: this.name, message: this.message };
  }
}
