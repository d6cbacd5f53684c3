/** Sends one image of a batch: the intent on the disk before the first byte, the task's id right after the answer. */
import { AbortedError } from "../errors/aborted-error.js";
import type { TaskHandle } from "../task/handle.js";
import type { Batch } from "./batch.js";
import { steadyImage } from "./file-facts.js";
import { type Digested, orChanged } from "./source-digest.js";

export interface Submitted {
  readonly handle: TaskHandle;
  /** False where the same image was just sent for another source. */
  readonly paid: boolean;
}

/**
 * What is not being sent yet ends when the batch is stopped; what is being sent never does, since then nobody would know
 * whether there is a task.
 */
export async function submitJob(batch: Batch, digested: Digested, again: boolean): Promise<Submitted> {
  const { job, digest, facts } = digested;
  const stop = new AbortController();
  let begun = false;
  const stopped = (): AbortedError =>
    new AbortedError(`${job.path} was not sent: the batch was stopped.`, { submission: "not_sent", digest });
  const end = batch.onStop(() => stop.abort());
  if (again) batch.sendAgain(digest);
  try {
    const image = await steadyImage(job.file, facts);
    const handle = await batch.client.submit(
      { ...batch.options.parameters, image },
      {
        store: batch.store,
        stop: stop.signal,
        beforeSend: async () => {
          if (batch.stopping) throw stopped();
          if (begun) return;
          begun = true;
          await batch.intend(digested);
          batch.tell({ type: "sending", path: job.path });
        },
      },
    );
    return { handle, paid: begun };
  } catch (error) {
    if (error instanceof AbortedError && !begun) throw stopped();
    throw await orChanged(error, job, facts);
  } finally {
    end();
  }
}
