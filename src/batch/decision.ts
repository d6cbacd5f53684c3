/** What is to be done with an image: from the journal and the files' facts alone. Pure. */
import type { Job, Known } from "./context.js";
import { type FileFacts, unchanged } from "./file-facts.js";
import type { Done } from "./journal/state.js";
import type { BatchSettings } from "./options.js";

export type Decision =
  /** The result is written. */
  | { readonly do: "skip"; readonly done: Done }
  /** The same image was upscaled from another source, and its result is written. */
  | { readonly do: "copy"; readonly done: Done }
  /** There is a task already. */
  | { readonly do: "resume"; readonly task: string; readonly failed: boolean }
  /** It was sent, and nobody knows the outcome. */
  | { readonly do: "ask"; readonly since: number }
  /** The journal knows this source with another digest. */
  | { readonly do: "refuse"; readonly task: string | undefined }
  /** It is to be sent. `again`: for the second time. */
  | { readonly do: "send"; readonly again: boolean };

export type Wishes = Pick<BatchSettings, "resubmitUnknown" | "resubmitFailed" | "resubmitChanged" | "verify">;

/** Whether the digest need not be taken: a finished source that is as it was. */
export function finishedByFacts(
  known: Known,
  job: Job,
  settings: string,
  facts: FileFacts,
  wishes: Wishes,
): Done | undefined {
  const entry = known.sources.get(job.source);
  if (entry?.done === undefined || entry.settings !== settings || wishes.verify === true) return undefined;
  return unchanged(facts, entry.done.facts, entry.done.at) ? entry.done : undefined;
}

/**
 * @param written Whether the files of a result are still there.
 */
export function decide(
  known: Known,
  job: Job,
  digest: string,
  wishes: Wishes,
  written: (done: Done) => boolean,
): Decision {
  const entry = known.sources.get(job.source);
  const sent = known.digests.get(digest);
  if (entry?.digest === digest && entry.done !== undefined && written(entry.done))
    return { do: "skip", done: entry.done };

  if (entry !== undefined && entry.digest !== digest && wishes.resubmitChanged !== true) {
    const before = known.digests.get(entry.digest);
    // A send that provably made no task leaves nothing behind that the new image could be mixed up with.
    if (before !== undefined) return { do: "refuse", task: before.task };
  }
  const result = known.results.get(digest);
  if (result !== undefined && written(result)) return { do: "copy", done: result };
  if (sent?.state === "sent") return { do: "resume", task: sent.task, failed: false };
  if (sent?.state === "failed")
    return wishes.resubmitFailed === true && sent.earlier
      ? { do: "send", again: true }
      : { do: "resume", task: sent.task, failed: true };
  // What this very run is sending, for the same image under another name, is waited for by the store.
  if (sent?.state === "sending" && sent.earlier)
    return wishes.resubmitUnknown === true ? { do: "send", again: true } : { do: "ask", since: sent.at };
  return { do: "send", again: false };
}
