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
  readonly facts: Facts;

  constructor(reason: string, facts: Facts = {}) {
    super(reason);
    this.facts = facts;
  }
}
