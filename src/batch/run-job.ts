/** One image of a batch, from the look at its file to its written result. */
import { existsSync } from "node:fs";
import { extname } from "node:path";
import { AbortedError } from "../errors/aborted-error.js";
import { MagnificError } from "../errors/magnific-error.js";
import { SubmissionUnknownError } from "../errors/submission-unknown-error.js";
import { TaskFailedError } from "../errors/task-failed-error.js";
import type { Batch } from "./batch.js";
import { type Job, lengthened, ownOutputs } from "./context.js";
import { decide, finishedByFacts } from "./decision.js";
import { copied, deliver, outputExists } from "./deliver.js";
import { BatchError } from "./errors.js";
import type { Done } from "./journal/state.js";
import { candidatesOf, outputOf } from "./names.js";
import type { BatchResult } from "./options.js";
import { saveResult } from "./save-result.js";
import { type Digested, digestOf, lookedAt } from "./source-digest.js";
import { submitJob } from "./submit-job.js";

/** Rejects only when the batch as a whole cannot go on. */
export async function runJob(batch: Batch, job: Job): Promise<BatchResult> {
  const { path } = job;
  batch.tell({ type: "started", path });
  let task: string | undefined;
  let digest: string | undefined;
  try {
    // Before anything is waited for, so that names go to images in the order of the inputs.
    batch.claim(job);
    const facts = await lookedAt(job);
    const finished = finishedByFacts(batch.known, job, batch.settings, facts, batch.options);
    if (finished !== undefined && batch.written(finished)) return skipped(batch, path, finished);

    const { known, options } = batch;
    digest = await digestOf(options, job, facts, batch.hard);
    const decision = decide(known, job, digest, options, (done) => batch.written(done));
    if (decision.do === "skip") return skipped(batch, path, decision.done);
    if (decision.do === "refuse") throw changed(job, decision.task);
    if (decision.do === "ask") throw unknownSince(job, digest, decision.since);

    if (decision.do === "copy" && decision.done.outputs.some((output) => isOwn(batch, job, output)))
      return skipped(batch, path, decision.done);
    const own = ownOutputs(known, batch.places, job);
    // Looked at before anything is paid. With a task there may be what a killed run left: it is compared with the result.
    const other = candidatesOf(job.stem).find((candidate) => !own.includes(candidate) && existsSync(candidate));
    if (other !== undefined && decision.do === "send" && options.overwrite !== true) throw outputExists(other);
    const replaceable = (target: string): boolean => options.overwrite === true || own.includes(target);

    const digested = { job, digest, facts };
    if (decision.do === "copy") {
      task = decision.done.task;
      return await copyResult(batch, digested, decision.done, replaceable);
    }
    const { handle, paid } =
      decision.do === "resume"
        ? { handle: batch.client.task(decision.task), paid: false }
        : await submitJob(batch, digested, decision.again);
    task = handle.id;
    batch.tell({ type: "task", path, task, resumed: !paid });
    const completed = await handle.wait({
      signal: batch.hard,
      timeout: options.timeout,
      onStatus: (seen) =>
        batch.tell({
          type: "status",
          path,
          task: handle.id,
          status: seen.status === "UNKNOWN" ? seen.wireStatus : seen.status,
        }),
    });
    batch.tell({ type: "saving", path, task });
    const { outputs, bytes } = await saveResult(batch, digested, completed.images, replaceable);
    await batch.finished(digested, task, outputs);
    return { outcome: "done", path, task, outputs, bytes, paid };
  } catch (error) {
    // An error of the caller's own ends the batch, whatever became of it on its way through a send or a wait.
    if (batch.thrown?.path === path) throw batch.thrown.error;
    if (!(error instanceof MagnificError)) throw error;
    task ??= error.taskId;
    try {
      if (error instanceof TaskFailedError && task !== undefined && digest !== undefined)
        await batch.failed(digest, task);
    } catch {
      // The journal is broken, which ends the batch; what is known of this image is still told.
    }
    return outcomeOf(batch, job, error, task);
  }
}

function outcomeOf(batch: Batch, job: Job, error: MagnificError, task: string | undefined): BatchResult {
  const about = { path: job.path, ...(task === undefined ? {} : { task }) };
  batch.consider(error);
  if (error instanceof AbortedError && batch.stopping && error.submission !== "unknown")
    return { outcome: "stopped", ...about };
  const unknown = error.submission === "unknown" && task === undefined;
  return { outcome: unknown ? "unknown" : "failed", ...about, error };
}

function changed(job: Job, task: string | undefined): BatchError {
  const made = task === undefined ? "" : ` Its earlier task is ${task}.`;
  return new BatchError(
    "source_changed",
    job.file,
    `${job.path} was sent before as another image, with other settings or to another server.${made} Allow changed sources to be sent again, or use another output folder.`,
    { taskId: task, submission: "not_sent" },
  );
}

function unknownSince(job: Job, digest: string, since: number): SubmissionUnknownError {
  const when = new Date(since).toISOString();
  return new SubmissionUnknownError(
    `${job.path} was sent before (${when}), and nobody knows whether it made a task. Look at the list of tasks for one of that moment; allow unknown outcomes to be sent again only if there is none.`,
    { digest },
  );
}

function skipped(batch: Batch, path: string, { outputs, task }: Done): BatchResult {
  return { outcome: "skipped", path, task, outputs: outputs.map((output) => lengthened(batch.places, output)) };
}

function isOwn(batch: Batch, job: Job, output: string): boolean {
  return candidatesOf(job.stem).includes(lengthened(batch.places, output));
}

/** The same image under another name has its result already: it is copied, which costs nothing and needs no URL. */
async function copyResult(
  batch: Batch,
  digested: Digested,
  done: Done,
  replaceable: (target: string) => boolean,
): Promise<BatchResult> {
  const { path } = digested.job;
  const outputs: string[] = [];
  for (const [index, from] of done.outputs.entries()) {
    const source = lengthened(batch.places, from);
    const target = outputOf(digested.job.stem, extname(from).slice(1), index);
    await deliver(await copied(source, batch.work, target), target, replaceable(target));
    outputs.push(target);
  }
  const bytes = await batch.finished(digested, done.task, outputs);
  return { outcome: "done", path, task: done.task, outputs, bytes, paid: false };
}
