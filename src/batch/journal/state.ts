/** The state that the records of a journal add up to. Pure. */
import type { JournalRecord } from "./record.js";

/**
 * What is known of a request. `sending`: it was about to be sent, and the outcome is not known. `sent`: it made `task`.
 * `failed`: `task` ended FAILED.
 */
export type Sent = (
  | { readonly state: "sending"; readonly task?: undefined }
  | { readonly state: "sent" | "failed"; readonly task: string }
) & {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Whether it is from a run before this one. */
  readonly earlier: boolean;
  /** What was known when this send began. A refusal settles this send only, and restores what was known before. */
  readonly before?: Sent | undefined;
};

export interface Source {
  readonly digest: string;
  readonly settings: string;
  /** Set once the result is written. */
  readonly done?: Done | undefined;
  /** The files of an earlier result that a new one replaces. */
  readonly replaces?: readonly string[] | undefined;
}

export type Done = Omit<Extract<JournalRecord, { type: "done" }>, "type">;

type Owner = Pick<Done, "source" | "digest">;

/** What the records say that were added so far. */
export type JournalState = Omit<Replay, "add" | "earlier">;

export class Replay {
  readonly sources: Map<string, Source> = new Map();
  readonly digests: Map<string, Sent> = new Map();
  /** When each task that was made became known. */
  readonly tasks: Map<string, number> = new Map();
  /** Where the result of a digest was written first. */
  readonly results: Map<string, Done> = new Map();
  /** What was written to a file last. */
  readonly owners: Map<string, Owner> = new Map();
  /** Sends that a task was made by, or may have been. */
  paid = 0;
  /** The note of the last run that left one. */
  note: unknown;
  /** True while an existing journal is read; what is written afterwards belongs to this run. */
  earlier = true;

  add(record: JournalRecord): void {
    const { at } = record;
    const { earlier } = this;
    if ("task" in record && !this.tasks.has(record.task)) this.tasks.set(record.task, at);
    switch (record.type) {
      case "run":
        if (record.note !== undefined) this.note = record.note;
        return;
      case "intent": {
        const { source, digest, settings } = record;
        this.paid++;
        this.digests.set(digest, { state: "sending", at, earlier, before: this.digests.get(digest) });
        const before = this.sources.get(source);
        this.sources.set(source, { digest, settings, replaces: before?.done?.outputs ?? before?.replaces });
        return;
      }
      case "task":
      case "failed": {
        const state = record.type === "task" ? "sent" : "failed";
        this.digests.set(record.digest, { state, task: record.task, at, earlier });
        return;
      }
      case "refused": {
        const open = this.digests.get(record.digest);
        if (open?.state === "sending") this.paid--;
        const before = open?.before;
        if (before === undefined) this.digests.delete(record.digest);
        else this.digests.set(record.digest, before);
        return;
      }
      case "done": {
        const { source, digest, settings, task, outputs } = record;
        this.digests.set(digest, { state: "sent", task, at, earlier });
        this.sources.set(source, { digest, settings, done: record });
        for (const output of outputs) this.owners.set(output, { source, digest });
        const first = this.results.get(digest);
        if (first === undefined || !isCurrent(this, first)) this.results.set(digest, record);
        return;
      }
    }
  }
}

/** Whether no other result was written over this one's files. */
export function isCurrent({ owners }: Pick<JournalState, "owners">, { digest, outputs }: Done): boolean {
  return outputs.every((output) => owners.get(output)?.digest === digest);
}
