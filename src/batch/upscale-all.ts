/** Many images: bounded in number at once, remembered in a journal, given back as they are done. */
import { constants } from "node:fs";
import { access, rm } from "node:fs/promises";
import { makeFolder } from "../files/make-folder.js";
import { Batch, workFolder } from "./batch.js";
import { checkedInputs, jobOf, placesOf, settingsKey } from "./context.js";
import { BatchError, isFull, systemCode } from "./errors.js";
import { Journal } from "./journal/journal.js";
import type { BatchInput, BatchResult, UpscaleAllOptions } from "./options.js";
import { runJob } from "./run-job.js";

/**
 * Upscales images, several at once, and gives each result as soon as it is there. A journal beside the results lets it be
 * killed at any moment: run it again with the same inputs and it goes on. What is finished is skipped, a known task is
 * taken up, and a send whose outcome nobody knows is listed as `unknown` and not repeated.
 *
 * The inputs are read as they are needed, images and results are streamed, and the requests share the client's rate
 * budget. Leaving the loop early stops the batch as `signal` does.
 *
 * @example
 * for await (const result of upscaleAll(["a.jpg", "b.jpg"], { client: new Magnific(), out: "big" }))
 *   console.log(result.path, result.outcome);
 *
 * @throws {ConfigurationError} @throws {InvalidRequestError} for options or parameters that cannot work; nothing was sent.
 * @throws {BatchError} when the journal cannot be used, or nothing can be written any more; every result that there is comes first.
 */
export async function* upscaleAll(
  inputs: Iterable<BatchInput> | AsyncIterable<BatchInput>,
  options: UpscaleAllOptions,
): AsyncGenerator<BatchResult, void, void> {
  const places = placesOf(options);
  const concurrency = options.concurrency ?? 4;
  const settings = await settingsKey(options);
  const { stop, signal, note } = options;
  const source = iteratorOf(checkedInputs(inputs));
  const journal = await Journal.open(places.journal, Date.now());
  const batch = new Batch({ options, places, settings, journal });
  const onStop = (): void => batch.stop();
  const onSignal = (): void => batch.abort(signal?.reason);
  const running = new Set<Promise<void>>();
  const ready: BatchResult[] = [];
  let thrown: { readonly error: unknown } | undefined;
  let wake = (): void => {};
  let pulling: Promise<void> | undefined;
  let exhausted = false;

  const start = (input: BatchInput): void => {
    const work = runJob(batch, jobOf(places, input))
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
      else if (!batch.stopping) start(value);
    } catch (error) {
      exhausted = true;
      fail(error);
    } finally {
      pulling = undefined;
      wake();
    }
  };

  // Inputs may never come: a stop is to be seen while they are waited for.
  batch.onStop(() => wake());
  try {
    stop?.addEventListener("abort", onStop);
    signal?.addEventListener("abort", onSignal);
    if (stop?.aborted) onStop();
    if (signal?.aborted) onSignal();
    await makeFolders(places);
    await journal.append({ type: "run", at: Date.now(), pid: process.pid, note });

    for (;;) {
      for (let result = ready.shift(); result !== undefined; result = ready.shift()) yield result;
      const more = !exhausted && !batch.stopping && running.size < concurrency;
      if (more && pulling === undefined) pulling = pull();
      if (running.size === 0 && (pulling === undefined || batch.stopping)) break;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    if (thrown !== undefined) throw thrown.error;
    if (batch.fatal !== undefined) throw batch.fatal;
  } finally {
    stop?.removeEventListener("abort", onStop);
    signal?.removeEventListener("abort", onSignal);
    batch.abort();
    while (running.size > 0) await Promise.all(running);
    // Not waited for: inputs that never come must not keep the batch from ending.
    if (!exhausted) (async () => source.return?.())().catch(() => {});
    await rm(batch.work, { recursive: true }).catch(() => {});
    await journal.close();
  }
}

/** What a run that was killed left half written goes: the lock says that nobody else is at it. @throws {BatchError} */
async function makeFolders(places: ReturnType<typeof placesOf>): Promise<void> {
  const work = workFolder(places);
  try {
    await rm(work, { recursive: true, force: true });
    await makeFolder(work);
    await makeFolder(places.out);
    await access(places.out, constants.W_OK);
  } catch (error) {
    const code = systemCode(error) ?? String(error);
    throw isFull(error)
      ? new BatchError("disk_full", places.out, `The disk is full (${code}): nothing was sent.`, { cause: error })
      : new BatchError(
          "journal_unwritable",
          places.out,
          `${places.out} cannot be written to (${code}), so results could not be saved. Nothing was sent.`,
          { cause: error },
        );
  }
}

function iteratorOf<T>(items: Iterable<T> | AsyncIterable<T>): Iterator<T> | AsyncIterator<T> {
  return Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
}
