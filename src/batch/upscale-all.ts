/** Many images: a bounded number at once, remembered in a journal, yielded as they are done. */
import { constants } from "node:fs";
import { access, rm } from "node:fs/promises";
import type { TaskContract } from "../contract/contract.js";
import type { DefaultContract } from "../contract/default.js";
import { errorCode, isDiskFull } from "../files/error-code.js";
import { makeFolder } from "../files/make-folder.js";
import { onAbort } from "../util/abort-scope.js";
import { Batch } from "./batch.js";
import { BatchError } from "./errors.js";
import { type Places, settledOptions, toJob } from "./job.js";
import { Journal } from "./journal/journal.js";
import type { BatchInput, BatchResult, UpscaleAllOptions } from "./options.js";
import { runJob } from "./run-job.js";

/**
 * Upscales images, or runs another operation on them, several at once, and yields each result as soon as it is there. Thanks to a journal next to the results
 * it can be killed at any moment: run it again with the same inputs and it resumes. What is finished is skipped, a known
 * task is resumed, and a send with an unknown outcome is listed as `unknown` and not retried.
 *
 * The inputs are read as they are needed, images and results are streamed, and the requests share the client's rate
 * budget. Leaving the loop early stops the batch as `signal` does.
 *
 * @example
 * for await (const result of upscaleAll(["a.jpg", "b.jpg"], { client: new Magnific(), out: "big" }))
 *   console.log(result.path, result.outcome);
 *
 * @throws {ConfigurationError} @throws {InvalidRequestError} for options or parameters that cannot work; nothing was sent.
 * @throws {BatchError} when the journal cannot be used, or nothing can be written any more; the results so far come first.
 */
export async function* upscaleAll<C extends TaskContract = DefaultContract>(
  inputs: Iterable<BatchInput> | AsyncIterable<BatchInput>,
  options: UpscaleAllOptions<C>,
): AsyncGenerator<BatchResult, void, void> {
  const settled = await settledOptions(options, inputs);
  const { places } = settled;
  const { stop, signal, note } = options;
  const concurrency = options.concurrency ?? 4;
  const source = Symbol.asyncIterator in inputs ? inputs[Symbol.asyncIterator]() : inputs[Symbol.iterator]();
  const journal = await Journal.open(places.journal, Date.now());
  const batch = new Batch(settled, journal);
  const running = new Set<Promise<void>>();
  const ready: BatchResult[] = [];
  let thrown: { readonly error: unknown } | undefined;
  let wake = (): void => {};
  let pulling: Promise<void> | undefined;
  let exhausted = false;

  const start = (input: BatchInput): void => {
    const work = runJob(batch, toJob(places, input))
      .then((result) => void ready.push(result))
      .catch(fail)
      .finally(() => {
        running.delete(work);
        wake();
      });
    running.add(work);
  };
  const fail = (error: unknown): void => {
    thrown ??= { error };
    batch.abort(error);
  };
  const pull = async (): Promise<void> => {
    try {
      const { done, value } = await source.next();
      if (done === true) exhausted = true;
      else if (!batch.soft.aborted) start(value);
    } catch (error) {
      exhausted = true;
      fail(error);
    } finally {
      pulling = undefined;
      wake();
    }
  };

  const off = [
    // Inputs may never come: a stop has to be noticed while they are awaited.
    onAbort(batch.soft, () => wake()),
    onAbort(stop, () => batch.stop()),
    onAbort(signal, () => batch.abort(signal?.reason)),
  ];
  try {
    await makeFolders(places);
    await journal.append({ type: "run", at: Date.now(), pid: process.pid, note });

    for (;;) {
      for (let result = ready.shift(); result !== undefined; result = ready.shift()) yield result;
      const more = !exhausted && !batch.soft.aborted && running.size < concurrency;
      if (more && pulling === undefined) pulling = pull();
      if (running.size === 0 && (pulling === undefined || batch.soft.aborted)) break;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    if (thrown !== undefined) throw thrown.error;
    if (batch.fatal !== undefined) throw batch.fatal;
  } finally {
    for (const release of off) release();
    batch.abort();
    while (running.size > 0) await Promise.all(running);
    // Not awaited: inputs that never come must not keep the batch from ending.
    if (!exhausted) (async () => source.return?.())().catch(() => {});
    await rm(places.work, { recursive: true }).catch(() => {});
    await journal.close();
  }
}

/** Removes what a killed run left incomplete: the lock says that no other process is working. @throws {BatchError} */
async function makeFolders({ out, work }: Places): Promise<void> {
  try {
    await rm(work, { recursive: true, force: true });
    await makeFolder(work);
    await makeFolder(out);
    await access(out, constants.W_OK);
  } catch (cause) {
    const code = errorCode(cause) ?? String(cause);
    const full = `The disk is full (${code}): nothing was sent.`;
    if (isDiskFull(cause)) throw new BatchError("disk_full", out, full, { cause });
    const message = `${out} cannot be written to (${code}), so results could not be saved. Nothing was sent.`;
    throw new BatchError("journal_unwritable", out, message, { cause });
  }
}
