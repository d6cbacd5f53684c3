/** Milliseconds: a server that asks for a longer pause is not waited for. */
const LONGEST_PAUSE = 60_000;

interface Facts {
  readonly cause?: unknown;
  /** HTTP status of the response, where it is to blame. */
  readonly status?: number | undefined;
  /** Milliseconds that the server asks to wait. */
  readonly delay?: number | undefined;
  /** Whether another attempt cannot help. */
  readonly permanent?: boolean | undefined;
}

/** One attempt failed. Never leaves a download: another attempt follows, or a `ResultError` reports it. */
export class RetryableDownloadError extends Error {
  readonly status: number | undefined;
  readonly delay: number | undefined;
  readonly permanent: boolean;

  constructor(reason: string, { cause, status, delay, permanent }: Facts = {}) {
    super(reason, cause === undefined ? undefined : { cause });
    this.status = status;
    this.delay = delay;
    this.permanent = permanent ?? (delay ?? 0) > LONGEST_PAUSE;
  }
}
