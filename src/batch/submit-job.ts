/** Sends one image of a batch: the intent is on the disk before the first byte, the task's id right after the response. */
import { AbortedError } from "../errors/aborted-error.js";
import type { TaskHandle } from "../task/handle.js";
import type { Batch } from "./batch.js";
import { asChanged, type Digested, steadyImage } from "./source-digest.js";

export interface Submitted {
  readonly handle: TaskHandle;
  /** False where the same image was just sent for another source. */
  readonly paid: boolean;
}

/**
 * A stop of the batch ends what is not being sent yet, and never a send that has begun: nobody would know whether there is
 * a task.
 */
export async function submitJob(batch: Batch, digested: Digested, again: boolean): Promise<Submitted> {
  const { job, digest, facts } = digested;
  const stop = new AbortController();
  let begun = false;
  const stopped = (): AbortedError =>
    new AbortedError(`${job.path} was not sent: the batch was stopped.`, { submission: "not_sent", digest });
  const end = batch.onStop(() => stop.abort());
  if (again) batch.allowResend(digest);
  try {
    const image = await steadyImage(job, facts);
    const handle = await batch.options.client.submit(
      { ...batch.options.parameters, image },
      {
        store: batch.store,
        stop: stop.signal,
        beforeSend: async () => {
          if (batch.stopping) throw stopped();
          if (begun) return;
          begun = true;
          await batch.recordIntent(digested);
          batch.emit({ type: "sending", path: job.path });
        },
      },
    );
    return { handle, paid: begun };
  } catch (error) {
    if (error instanceof AbortedError && !begun) throw stopped();
    throw asChanged(error, job, facts);
  } finally {
    end();
  }
}
