/** The options, events and results of a batch. */
import type { ImageField, TaskContract, TaskRequest } from "../contract/contract.js";
import type { DefaultContract } from "../contract/default.js";
import type { MagnificError } from "../errors/magnific-error.js";
import type { SubmitLimitError } from "../errors/request-errors.js";
import type { TaskOperation } from "../submit/operation.js";

/** Those of any operation. */
export type AnySettings = BatchSettings<TaskContract>;

/** One image of a batch: a path, or a path with how its result is named. */
export type BatchInput =
  | string
  | {
      /** Path of the image. */
      readonly path: string;
      /** What `{dir}` stands for in the name template, e.g. the path below the folder that was searched. Default: nothing. */
      readonly dir?: string | undefined;
      /** Its name in the journal, events and results where the path says nothing, e.g. `-` for stdin. Default: the path. */
      readonly as?: string | undefined;
    };

/** How images are upscaled, and where results go: the same for each image of a batch. */
export interface BatchSettings<C extends TaskContract = DefaultContract> {
  /**
   * The client, or an operation of it: its key, its rate budget, its retries, its `maxSubmits`. A batch's journal replaces the
   * client's `store`.
   */
  readonly client: TaskOperation<C>;
  /** The field of the request that takes the images of the batch. Default: the operation's first image field. */
  readonly image?: ImageField<C> | undefined;
  /** The folder for results; made when needed. */
  readonly out: string;
  /** The other fields of the request, by their wire names; images among them must be readable more than once. Default: the provider's defaults. */
  readonly parameters?: Partial<TaskRequest<C>> | undefined;
  /**
   * The names of results below `out`. Placeholders: `{name}` (the source's, without extension), `{ext}` (the result's
   * format: png, jpg, …), `{source_ext}`, `{dir}`. An array of one input needs no `{name}`. Default: `{dir}/{name}.{ext}`.
   */
  readonly name?: string | undefined;
  /** The journal. Default: `magnific-journal.jsonl` in `out`. One process writes to it at a time. */
  readonly journal?: string | undefined;
  /**
   * Sends images again whose earlier send has an unknown outcome. They may be paid for a second time: look at
   * the client's `tasks()` first. Default `false`: such images are listed as `unknown`, and not sent.
   */
  readonly resubmitUnknown?: boolean | undefined;
  /** Sends images again whose task ended FAILED. Each is a new paid task. Default `false`. */
  readonly resubmitFailed?: boolean | undefined;
  /**
   * Sends images that the journal knows with other content, other parameters or another server, and replaces the old result
   * by the new one. Default `false`: they fail as `source_changed`.
   */
  readonly resubmitChanged?: boolean | undefined;
  /** Whether results may replace files that do not belong to this batch. Default `false`: such images fail as `output_exists`, unpaid. */
  readonly overwrite?: boolean | undefined;
  /**
   * Whether finished sources are read again to compare their digests. Default `false`: a source with the same
   * size and times (of its content and of its entry) counts as unchanged.
   */
  readonly verify?: boolean | undefined;
}

export interface UpscaleAllOptions<C extends TaskContract = DefaultContract> extends BatchSettings<C> {
  /** Images processed at once: being sent, waited for, or downloaded. Default: 4. */
  readonly concurrency?: number | undefined;
  /** Milliseconds until the wait for one task gives up; the next run resumes it. Default: the client's `poll.timeout`. */
  readonly timeout?: number | undefined;
  /** Stops gently: nothing more is sent; what was sent is waited for and downloaded. */
  readonly stop?: AbortSignal | undefined;
  /**
   * Stops at once: waits and downloads end, and the next run resumes their tasks. Only the responses to requests in flight
   * are still awaited, since without them the outcome would be unknown.
   */
  readonly signal?: AbortSignal | undefined;
  /** Kept in the journal's record of this run, for the program that resumes it; must be JSON. Default: none. */
  readonly note?: unknown;
  /** Called as images make progress. What it returns is not awaited; an error in it ends the batch. */
  readonly onEvent?: ((event: BatchEvent) => void) | undefined;
}

/** Progress of an image. `path` is the source's, as the caller named it. */
export type BatchEvent =
  | { readonly type: "started"; readonly path: string }
  /** Its send begins. */
  | { readonly type: "sending"; readonly path: string }
  /** It has a task: a new one, or one of an earlier run. */
  | { readonly type: "task"; readonly path: string; readonly task: string; readonly resumed: boolean }
  | { readonly type: "status"; readonly path: string; readonly task: string; readonly status: string }
  | { readonly type: "saving"; readonly path: string; readonly task: string };

interface ResultFacts {
  /** The source, as the caller named it. */
  readonly path: string;
  /** The task, where there is one. */
  readonly task?: string | undefined;
}

/** The outcome of one image. */
export type BatchResult =
  /** Its result is written. */
  | (ResultFacts & {
      readonly outcome: "done";
      readonly task: string;
      /** Absolute paths; usually one. */
      readonly outputs: readonly string[];
      /** Size of all of them. */
      readonly bytes: number;
      /** Whether this run made the task, and so paid for it. */
      readonly paid: boolean;
      /** Which names end in another type than the file has, where there are such. */
      readonly notes?: readonly string[];
    })
  /** Its result was written by an earlier run. */
  | (ResultFacts & { readonly outcome: "skipped"; readonly outputs: readonly string[] })
  /** It has no result. `error` says why, and `error.submission` whether it was sent. */
  | (ResultFacts & { readonly outcome: "failed"; readonly error: MagnificError })
  /** It was sent, by this run or an earlier one, and it is not known whether there is a task. It is not retried by itself. */
  | (ResultFacts & { readonly outcome: "unknown"; readonly error: MagnificError })
  /**
   * The batch was stopped before its result was there; the next run resumes it. `error` is set when the client's `maxSubmits`
   * is why: the image was not sent.
   */
  | (ResultFacts & { readonly outcome: "stopped"; readonly error?: SubmitLimitError | undefined });
