/** What a batch would do, without doing it. */
import { existsSync } from "node:fs";
import { MagnificError } from "../errors/magnific-error.js";
import { isWritten } from "./batch.js";
import { checkedInputs, type Job, jobOf, lengthened, ownOutputs, placesOf, settingsKey } from "./context.js";
import { decide, finishedByFacts } from "./decision.js";
import { readJournal } from "./journal/read.js";
import type { Done } from "./journal/state.js";
import { candidatesOf } from "./names.js";
import type { BatchInput, BatchSettings } from "./options.js";
import { digestOf, lookedAt } from "./source-digest.js";

/** What would become of an image. */
export interface Planned {
  /** The source, as it was given. */
  readonly path: string;
  /**
   * - `send`: it would be sent, which makes a paid task. `again`: for the second time, as the options allow.
   * - `resume`: its task would be waited for and fetched. `copy`: the same image has its result under another name.
   * - `skip`: it is finished. `unknown`: nobody knows the outcome of its send, so it would be listed only.
   * - `refuse`: it would fail without being sent; `reason` says why.
   */
  readonly action: "send" | "again" | "resume" | "copy" | "skip" | "unknown" | "refuse";
  /** The task, where there is one. */
  readonly task?: string | undefined;
  /** The result's path, with `{ext}` where only the result tells. */
  readonly output: string;
  readonly reason?: string | undefined;
}

export interface PlanOptions extends BatchSettings {
  /**
   * Whether every image that the journal does not know is read and checked too. Default `true`. With `false` the number of
   * sends is an upper bound: images that are none, and copies of others, count.
   */
  readonly read?: boolean | undefined;
}

/**
 * Says for each image what `upscaleAll` would do with it. Sends nothing, writes nothing and takes no lock.
 *
 * @throws {ConfigurationError} @throws {InvalidRequestError} for options or parameters that cannot work.
 * @throws {BatchError} when the journal cannot be read.
 */
export async function* planAll(
  inputs: Iterable<BatchInput> | AsyncIterable<BatchInput>,
  options: PlanOptions,
): AsyncGenerator<Planned, void, void> {
  const places = placesOf(options);
  const settings = await settingsKey(options);
  const known = await readJournal(places.journal);
  const written = (done: Done): boolean => isWritten(known, places, done);
  const claims = new Map<string, string>();
  const sends = new Set<string>();

  const planned = async (job: Job): Promise<Omit<Planned, "path" | "output">> => {
    const owner = claims.get(job.output);
    if (owner !== undefined && owner !== job.source)
      return { action: "refuse", reason: `${owner} has the same output name` };
    claims.set(job.output, job.source);
    const facts = await lookedAt(job);
    const entry = known.sources.get(job.source);
    const finished = finishedByFacts(known, job, settings, facts, options);
    if (finished !== undefined && written(finished)) return { action: "skip", task: finished.task };
    const digest = entry === undefined && options.read === false ? undefined : await digestOf(options, job, facts);
    const decision =
      digest === undefined ? ({ do: "send", again: false } as const) : decide(known, job, digest, options, written);
    if (decision.do === "skip") return { action: "skip", task: decision.done.task };
    if (decision.do === "refuse")
      return {
        action: "refuse",
        task: decision.task,
        reason: "it was sent before with another content or other settings",
      };
    if (decision.do === "ask") return { action: "unknown" };
    const own = ownOutputs(known, places, job);
    const other = candidatesOf(job.stem).find((candidate) => !own.includes(candidate) && existsSync(candidate));
    if (decision.do === "copy") {
      const mine = decision.done.outputs.some((output) => candidatesOf(job.stem).includes(lengthened(places, output)));
      if (mine) return { action: "skip", task: decision.done.task };
    }
    if (other !== undefined && decision.do === "send" && options.overwrite !== true)
      return { action: "refuse", reason: `${other} is there already` };
    if (decision.do === "copy") return { action: "copy", task: decision.done.task };
    if (decision.do === "resume") return { action: "resume", task: decision.task };
    if (digest !== undefined && sends.has(digest)) return { action: "copy" };
    if (digest !== undefined) sends.add(digest);
    return { action: decision.again ? "again" : "send" };
  };

  for await (const input of checkedInputs(inputs)) {
    const job = jobOf(places, input);
    const about = { path: job.path, output: job.stem };
    try {
      yield { ...about, ...(await planned(job)) };
    } catch (error) {
      if (!(error instanceof MagnificError)) throw error;
      yield { ...about, action: "refuse", reason: error.message };
    }
  }
}
