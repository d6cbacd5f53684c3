/** A failure of one attempt to fetch a result. */

/** Milliseconds: a server that asks for a longer pause is not waited for. */
const LONGEST_PAUSE = 60_000;

export interface BrokenFacts {
  readonly cause?: unknown;
  /** HTTP status of the answer, where it is to blame. */
  readonly status?: number | undefined;
  /** Milliseconds that the server asks to wait. */
  readonly delay?: number | undefined;
  /** Whether trying again cannot help. */
  readonly lasting?: boolean | undefined;
}

/** Never leaves a download: what has come so far is kept, and another attempt follows or a `ResultError` tells of it. */
export class Broken extends Error {
  readonly status: number | undefined;
  readonly delay: number | undefined;
  readonly lasting: boolean;

  constructor(reason: string, facts: BrokenFacts = {}) {
    super(reason, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.status = facts.status;
    this.delay = facts.delay;
    this.lasting = facts.lasting ?? (facts.delay ?? 0) > LONGEST_PAUSE;
  }
}
