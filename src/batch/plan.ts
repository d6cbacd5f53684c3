/** What a batch would do, without doing it. */
import type { TaskContract } from "../contract/contract.js";
import type { DefaultContract } from "../contract/default.js";
import { MagnificError } from "../errors/magnific-error.js";
import { SubmissionUnknownError } from "../errors/request-errors.js";
import { type DecisionContext, decide } from "./decision.js";
import { type Job, settledOptions, toJob } from "./job.js";
import { readJournal } from "./journal/journal.js";
import { stemText } from "./names.js";
import type { BatchInput, BatchSettings } from "./options.js";

/** What would happen to an image. */
export interface Planned {
  /** The source, as the caller named it. */
  readonly path: string;
  /**
   * - `send`: it would be sent, which makes a paid task. `again`: for the second time, as the options allow.
   * - `resume`: its task would be waited for and downloaded. `copy`: the same image has its result under another name.
   * - `skip`: it is finished. `unknown`: the outcome of its send is not known, so it would only be listed.
   * - `refuse`: it would fail without being sent; `reason` says why.
   */
  readonly action: "send" | "again" | "resume" | "copy" | "skip" | "unknown" | "refuse";
  /** The task, where there is one. */
  readonly task?: string | undefined;
  /** The result's path, with `{ext}` where only the result decides. */
  readonly output: string;
  readonly reason?: string | undefined;
}

export interface PlanOptions<C extends TaskContract = DefaultContract> extends BatchSettings<C> {
  /**
   * Whether every image that the journal does not know is read and checked too. Default `true`. With `false` the number of
   * sends is an upper bound: files that are not images, and copies of others, are included.
   */
  readonly read?: boolean | undefined;
}

/**
 * Says for each image what `upscaleAll` would do with it. Sends nothing, writes nothing and takes no lock.
 *
 * @throws {ConfigurationError} @throws {InvalidRequestError} for options or parameters that cannot work.
 * @throws {BatchError} when the journal cannot be read.
 */
export async function* planAll<C extends TaskContract = DefaultContract>(
  inputs: Iterable<BatchInput> | AsyncIterable<BatchInput>,
  { read = true, ...options }: PlanOptions<C>,
): AsyncGenerator<Planned, void, void> {
  const settled = await settledOptions(options, inputs);
  const { places } = settled;
  const context: DecisionContext = { ...settled, known: await readJournal(places.journal), claims: new Map() };
  const sends = new Set<string>();
  for await (const input of inputs) {
    const job = toJob(places, input);
    yield { path: job.path, output: stemText(job.stem), ...(await planned(context, job, read, sends)) };
  }
}

type Plan = Pick<Planned, "action" | "task" | "reason">;

/** @param sends Digests that the batch would send before this image. */
async function planned(context: DecisionContext, job: Job, read: boolean, sends: Set<string>): Promise<Plan> {
  try {
    const { decision, digest } = await decide(context, job, { read });
    if (decision.do === "skip" || decision.do === "copy") return { action: decision.do, task: decision.done.task };
    if (decision.do === "resume") return { action: "resume", task: decision.task };
    if (digest !== undefined && sends.has(digest)) return { action: "copy" };
    if (digest !== undefined) sends.add(digest);
    return { action: decision.again ? "again" : "send" };
  } catch (error) {
    if (error instanceof SubmissionUnknownError) return { action: "unknown" };
    if (!(error instanceof MagnificError)) throw error;
    return { action: "refuse", task: error.taskId, reason: error.summary };
  }
}
