/** One image of a batch, from its file to its written result. */
import { randomUUID } from "node:crypto";
import { extname, join } from "node:path";
import { MagnificError } from "../errors/magnific-error.js";
import { AbortedError } from "../errors/network-errors.js";
import { SubmitLimitError } from "../errors/request-errors.js";
import { TaskFailedError } from "../errors/task-errors.js";
import { isDiskFull } from "../files/error-code.js";
import type { ResultImage } from "../result/result-image.js";
import { noteOf } from "../result/save.js";
import { wireStatusOf } from "../task/task-status.js";
import type { Batch } from "./batch.js";
import { decide, ownOutputs } from "./decision.js";
import { cannotWrite, copyOf, deliver } from "./deliver.js";
import { type Job, toAbsolute } from "./job.js";
import type { Done } from "./journal/state.js";
import { extensionOf, outputOf } from "./names.js";
import type { BatchResult } from "./options.js";
import { asChanged, type Digested, steadyImage } from "./source-digest.js";

type MayReplace = (target: string) => boolean;

/** Rejects only when the batch as a whole cannot continue. */
export async function runJob(batch: Batch, job: Job): Promise<BatchResult> {
  const { path } = job;
  let task: string | undefined;
  let digest: string | undefined;
  try {
    batch.emit({ type: "started", path });
    const { limit } = batch;
    const decided = await decide(batch, job, { read: limit === undefined, signal: batch.hard });
    const { decision, facts } = decided;
    if (decision.do === "send" && limit !== undefined) return { outcome: "stopped", path, error: limit };
    if (decision.do === "skip") {
      const outputs = decision.done.outputs.map((output) => toAbsolute(batch.places, output));
      return { outcome: "skipped", path, task: decision.done.task, outputs };
    }
    digest = decided.digest ?? "";
    const digested = { job, digest, facts };
    // What may be replaced is asked before the new intent, which begins a new result.
    const own = ownOutputs(batch, job);
    const mayReplace: MayReplace = (target) => batch.options.overwrite === true || own.includes(target);
    let paid = false;
    let outputs: readonly string[];
    const notes: string[] = [];
    if (decision.do === "copy") {
      task = decision.done.task;
      outputs = await copyResult(batch, job, decision.done, mayReplace);
    } else {
      const submitted =
        decision.do === "resume"
          ? { handle: batch.options.client.task(decision.task), paid: false }
          : await submitJob(batch, digested, decision.again);
      paid = submitted.paid;
      task = submitted.handle.id;
      batch.emit({ type: "task", path, task, resumed: !paid });
      const id = task;
      const { images } = await submitted.handle.wait({
        signal: batch.hard,
        timeout: batch.options.timeout,
        onStatus: (seen) => batch.emit({ type: "status", path, task: id, status: wireStatusOf(seen) }),
      });
      batch.emit({ type: "saving", path, task });
      outputs = await saveResult(batch, job, images, mayReplace, notes);
    }
    const bytes = await batch.recordDone(digested, task, outputs);
    return { outcome: "done", path, task, outputs, bytes, paid, ...(notes.length > 0 && { notes }) };
  } catch (error) {
    // An error of the caller's own code ends the batch, wherever it surfaced.
    if (batch.thrown?.path === path) throw batch.thrown.error;
    if (!(error instanceof MagnificError)) throw error;
    task ??= error.taskId;
    // A broken journal ends the batch; what is known of this image is still reported.
    if (error instanceof TaskFailedError && task !== undefined && digest !== undefined)
      await batch.recordFailed(digest, task).catch(() => {});
    batch.consider(error);
    const about = { path, ...(task === undefined ? {} : { task }) };
    if (error instanceof AbortedError && batch.soft.aborted && error.submission !== "unknown")
      return { outcome: "stopped", ...about };
    if (error instanceof SubmitLimitError) return { outcome: "stopped", ...about, error };
    const unknown = error.submission === "unknown" && task === undefined;
    return { outcome: unknown ? "unknown" : "failed", ...about, error };
  }
}

/**
 * The intent is on the disk before the first byte is sent. A stop of the batch ends what is not being sent yet, and never a
 * send that has begun: nobody would know whether there is a task.
 */
async function submitJob(batch: Batch, digested: Digested, again: boolean) {
  const { job, digest, facts } = digested;
  let begun = false;
  const stopped = (): AbortedError =>
    new AbortedError(`${job.path} was not sent: the batch was stopped.`, { submission: "not_sent", digest });
  if (again) batch.resends.add(digest);
  try {
    const image = await steadyImage(job, facts);
    const handle = await batch.options.client.submit(
      { ...batch.options.parameters, [batch.field]: image },
      {
        store: batch.store,
        stop: batch.soft,
        beforeSend: async () => {
          if (batch.soft.aborted) throw stopped();
          if (begun) return;
          begun = true;
          await batch.recordIntent(digested);
          batch.emit({ type: "sending", path: job.path });
        },
      },
    );
    // Not begun where the same image was just sent for another source.
    return { handle, paid: begun };
  } catch (error) {
    if (error instanceof AbortedError && !begun) throw stopped();
    throw asChanged(error, job, facts);
  }
}

/** The same image under another name has its result already: a copy costs nothing and needs no URL. */
async function copyResult(batch: Batch, job: Job, done: Done, mayReplace: MayReplace): Promise<string[]> {
  const outputs: string[] = [];
  for (const [index, output] of done.outputs.entries()) {
    const target = outputOf(job.stem, extname(output).slice(1), index);
    const work = await copyOf(toAbsolute(batch.places, output), batch.places.work, target);
    await deliver(work, target, mayReplace(target));
    outputs.push(target);
  }
  return outputs;
}

async function saveResult(
  batch: Batch,
  job: Job,
  images: readonly ResultImage[],
  mayReplace: MayReplace,
  notes: string[],
) {
  const outputs: string[] = [];
  for (const [index, image] of images.entries()) {
    const target = outputOf(job.stem, extensionOf(image.url), index);
    const work = join(batch.places.work, `${randomUUID()}.part`);
    const { type } = await image.save(work, { overwrite: true, signal: batch.hard }).catch((error: unknown) => {
      throw isDiskFull(error) ? cannotWrite(target, error) : error;
    });
    await deliver(work, target, mayReplace(target));
    outputs.push(target);
    const note = noteOf(target, type);
    if (note !== undefined) notes.push(note);
  }
  return outputs;
}
