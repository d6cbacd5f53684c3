/** What to do with an image: from the journal and the files on the disk, before anything is sent. */
import { existsSync } from "node:fs";
import { SubmissionUnknownError } from "../errors/request-errors.js";
import { outputExists } from "./deliver.js";
import { BatchError } from "./errors.js";
import { type Job, type Places, toAbsolute } from "./job.js";
import { type Done, isCurrent, type JournalState } from "./journal/state.js";
import { candidatesOf } from "./names.js";
import type { AnySettings } from "./options.js";
import { digestSource, type FileFacts, isUnchanged, statSource } from "./source-digest.js";

export type Decision =
  /** The result is written. */
  | { readonly do: "skip"; readonly done: Done }
  /** It is written for another source, which is the same image. */
  | { readonly do: "copy"; readonly done: Done }
  /** There is a task already. */
  | { readonly do: "resume"; readonly task: string }
  /** `again`: for the second time, as the options allow. */
  | { readonly do: "send"; readonly again: boolean };

/** A batch as far as decisions need it. */
export interface DecisionContext {
  readonly options: AnySettings;
  /** The field of the request that takes the images. */
  readonly field: string;
  readonly places: Places;
  /** Distinguishes batches with other parameters, of another operation or another server, without reading an image. */
  readonly settings: string;
  readonly known: JournalState;
  /** Output names of this run, and whose they are. */
  readonly claims: Map<string, string>;
}

/**
 * @param read Whether an image that the journal does not know is read.
 * @returns No digest where the file's facts were enough.
 * @throws {MagnificError} when it is not to be sent: the error says why.
 */
export async function decide(
  context: DecisionContext,
  job: Job,
  { read = true, signal }: { readonly read?: boolean; readonly signal?: AbortSignal } = {},
): Promise<{ readonly decision: Decision; readonly facts: FileFacts; readonly digest?: string }> {
  const { known, options, field, settings } = context;
  // Before anything is awaited, so that names go to images in the order of the inputs.
  claimOutput(context, job);
  const facts = statSource(job);
  const entry = known.sources.get(job.source);
  const done = entry?.settings === settings && options.verify !== true ? entry.done : undefined;
  if (done !== undefined && isUnchanged(facts, done.facts, done.at) && isWritten(context, done, job))
    return { decision: { do: "skip", done }, facts };
  if (entry === undefined && !read) {
    refuseExisting(context, job);
    return { decision: { do: "send", again: false }, facts };
  }
  const digest = await digestSource(options, field, job, facts, signal);
  const decision = decisionFor(context, job, digest);
  if (decision.do === "send") refuseExisting(context, job);
  return { decision, facts, digest };
}

function decisionFor(context: DecisionContext, job: Job, digest: string): Decision {
  const { known, options } = context;
  const entry = known.sources.get(job.source);
  const sent = known.digests.get(digest);
  if (entry?.digest === digest && entry.done !== undefined && isWritten(context, entry.done, job))
    return { do: "skip", done: entry.done };

  if (entry !== undefined && entry.digest !== digest && options.resubmitChanged !== true) {
    const before = known.digests.get(entry.digest);
    // A send that provably made no task leaves nothing behind that the new image could be confused with.
    if (before !== undefined) throw changedSince(job, before.task);
  }
  const done = known.results.get(digest);
  if (done !== undefined && isWritten(context, done))
    return isWritten(context, done, job) ? { do: "skip", done } : { do: "copy", done };
  if (sent?.state === "sent") return { do: "resume", task: sent.task };
  if (sent?.state === "failed")
    return options.resubmitFailed === true && sent.earlier
      ? { do: "send", again: true }
      : { do: "resume", task: sent.task };
  // What this run is sending for the same image under another name is awaited by the store.
  if (sent?.state !== "sending" || !sent.earlier) return { do: "send", again: false };
  if (options.resubmitUnknown === true) return { do: "send", again: true };
  const when = new Date(sent.at).toISOString();
  throw new SubmissionUnknownError(
    `${job.path} was sent before (${when}), and it is not known whether that made a task. Look for a task of that time in the list of tasks; allow unknown outcomes to be retried only if there is none.`,
    { digest },
  );
}

/** Gives the output's name to this image for the run. @throws {BatchError} `output_taken` */
function claimOutput({ claims }: DecisionContext, job: Job): void {
  const owner = claims.get(job.stem);
  const message = `${job.path} and another source of this batch (${owner}) would have the same output name. Use a template that distinguishes them, e.g. with {source_ext} or {dir}.`;
  if (owner !== undefined && owner !== job.source)
    throw new BatchError("output_taken", job.file, message, { submission: "not_sent" });
  claims.set(job.stem, job.source);
}

/** Nothing is paid for a result that could not be kept. With a task, what a killed run left is compared with the result instead. */
function refuseExisting(context: DecisionContext, job: Job): void {
  if (context.options.overwrite === true) return;
  const own = ownOutputs(context, job);
  const other = candidatesOf(job.stem).find((candidate) => !own.includes(candidate) && existsSync(candidate));
  if (other !== undefined) throw outputExists(other);
}

/** Whether every file of a result is there, and no other result of the batch replaced one. @param job Whose names they must have. */
function isWritten({ known, places }: DecisionContext, done: Done, job?: Job): boolean {
  const outputs = done.outputs.map((output) => toAbsolute(places, output));
  const names = job === undefined ? outputs : candidatesOf(job.stem);
  return isCurrent(known, done) && outputs.every(existsSync) && outputs.some((output) => names.includes(output));
}

/** Absolute paths of the files that an earlier result of this source still has: a new one replaces them. */
export function ownOutputs({ known, places }: DecisionContext, { source }: Job): string[] {
  const entry = known.sources.get(source);
  return (entry?.done?.outputs ?? entry?.replaces ?? [])
    .filter((output) => known.owners.get(output)?.source === source)
    .map((output) => toAbsolute(places, output));
}

function changedSince(job: Job, task: string | undefined): BatchError {
  const made = task === undefined ? "" : ` Its earlier task is ${task}.`;
  const message = `${job.path} was sent before with other content, with other settings or to another server.${made} Allow changed sources to be submitted again, or use another output folder.`;
  return new BatchError("source_changed", job.file, message, { taskId: task, submission: "not_sent" });
}
