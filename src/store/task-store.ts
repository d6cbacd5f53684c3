/** Remembers which request made which task, so that the same one is not paid for twice. */

/** What a store knows of a digest. */
export interface StoredTask {
  /** `sending`: the request was about to be sent, and its outcome is not known. `sent`: it made the task `taskId`. */
  readonly state: "sending" | "sent";
  readonly taskId?: string | undefined;
  /** Milliseconds since the epoch when the entry was written. */
  readonly at: number;
}

/** A submit that a store knows: which task it made, or that its outcome is not known. */
export interface KnownSubmit {
  readonly digest: string;
  /** Left out where the outcome is not known. */
  readonly taskId?: string | undefined;
  /** Milliseconds since the epoch when the entry was written. */
  readonly at: number;
}

/** What a store answers when a submit is to be counted. */
export interface Reservation {
  /** How many submits are counted; this one is among them if it was counted. */
  readonly used: number;
  /** Where they are counted, for messages, e.g. `in /var/tasks`. Default: `in the task store`. */
  readonly where?: string | undefined;
  /** Given exactly when this submit was counted. Takes that back: it provably made no task. Called at most once. */
  readonly release?: (() => Promise<void>) | undefined;
}

/**
 * Entries by digest of image and parameters. `begin` must be atomic among all that share the store: of two that begin
 * the same digest at once, exactly one gets `undefined`.
 */
export interface TaskStore {
  /** Writes `sending` and resolves to `undefined` where there is no entry; otherwise resolves to the entry and changes nothing. */
  begin(digest: string, at: number): Promise<StoredTask | undefined>;
  /** The request made this task. Resolves once the entry would survive a crash. */
  finish(digest: string, taskId: string, at: number): Promise<void>;
  /** Removes the entry: the request provably made no task, or someone decided to submit it again. */
  forget(digest: string): Promise<void>;
  /**
   * Needed for `maxSubmits` only: counts one more submit, unless `most` are counted already. Must be atomic among all that
   * share the store, and resolve once the count would survive a crash. What is not released stays counted for good.
   */
  reserve?(most: number): Promise<Reservation>;
  /** Needed for `reconcile` only: every submit that the store knows, in any order. */
  submits?(): Promise<readonly KnownSubmit[]>;
}

export function memoryCounter(where: string, before = 0): NonNullable<TaskStore["reserve"]> {
  let used = before;
  return async (most) => {
    if (used >= most) return { used, where };
    used++;
    const release = async (): Promise<void> => {
      used--;
    };
    return { used, where, release };
  };
}

/** A store for one process; it ends with it. */
export function memoryTaskStore(): TaskStore {
  const entries = new Map<string, StoredTask>();
  return {
    async begin(digest, at) {
      const known = entries.get(digest);
      if (known === undefined) entries.set(digest, { state: "sending", at });
      return known;
    },
    async finish(digest, taskId, at) {
      entries.set(digest, { state: "sent", taskId, at });
    },
    async forget(digest) {
      entries.delete(digest);
    },
    reserve: memoryCounter("in the memory of this process"),
    submits: async () => [...entries].map(([digest, { taskId, at }]) => ({ digest, taskId, at })),
  };
}
