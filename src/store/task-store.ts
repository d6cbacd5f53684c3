/** Remembers which request made which task, so that the same one is not paid for twice. */

/** What a store knows of a digest. */
export interface StoredTask {
  /** `sending`: the request was about to be sent, and its outcome is not known. `sent`: it made the task `taskId`. */
  readonly state: "sending" | "sent";
  readonly taskId?: string | undefined;
  /** Milliseconds since the epoch when the entry was written. */
  readonly at: number;
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
  };
}
