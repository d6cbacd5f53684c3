/** What a batch is given, and what it gives back. */
import type { Magnific } from "../client.js";
import type { MagnificError } from "../errors/magnific-error.js";
import type { UpscaleRequest } from "../submit/request.js";

/** One image of a batch: a path, or a path with what its result is to be called. */
export type BatchInput =
  | string
  | {
      /** Path of the image. */
      readonly path: string;
      /** What `{dir}` stands for in the name's template, e.g. the path below the folder that was walked. Default: nothing. */
      readonly dir?: string | undefined;
      /** What the journal, events and results call it where its path says nothing, e.g. `-` for stdin. Default: the path. */
      readonly as?: string | undefined;
    };

/** What is upscaled how, and where results go: the same for each image of a batch. */
export interface BatchSettings {
  /** The client: its key, its rate budget, its retries. A batch's journal takes the place of the client's `store`. */
  readonly client: Magnific;
  /** The folder for results; made when needed. */
  readonly out: string;
  /** The fields of the request besides the image, by their wire names. Default: the provider's defaults. */
  readonly parameters?: Omit<UpscaleRequest, "image"> | undefined;
  /**
   * What results are called below `out`. Placeholders: `{name}` (the source's, without extension), `{ext}` (what the result
   * is: png, jpg, …), `{source_ext}`, `{dir}`. Default: `{dir}/{name}.{ext}`.
   */
  readonly name?: string | undefined;
  /** The journal. Default: `magnific-journal.jsonl` in `out`. One process writes to it at a time. */
  readonly journal?: string | undefined;
  /**
   * Sends again what an earlier run sent with an outcome that nobody knows. It may be paid for a second time: look at
   * `magnific.tasks()` first. Default `false`: such images are listed as `unknown`, and not sent.
   */
  readonly resubmitUnknown?: boolean | undefined;
  /** Sends again images whose task ended FAILED. Each is a new paid task. Default `false`. */
  readonly resubmitFailed?: boolean | undefined;
  /**
   * Sends images that the journal knows with another content, other parameters or another server, and puts the new result
   * in the place of the old one. Default `false`: they fail as `source_changed`.
   */
  readonly resubmitChanged?: boolean | undefined;
  /** Whether results may replace files that are not of this batch. Default `false`: such images fail as `output_exists`, unpaid. */
  readonly overwrite?: boolean | undefined;
  /**
   * Whether finished sources are read again to compare their digests. Default `false`: a source whose size and times (of its
   * content and of its entry) are as they were counts as the same.
   */
  readonly verify?: boolean | undefined;
}

export interface UpscaleAllOptions extends BatchSettings {
  /** Images under way at once: being sent, waited for, or fetched. Default: 4. */
  readonly concurrency?: number | undefined;
  /** Milliseconds until the wait for one task gives up; it is taken up again by the next run. Default: the client's `poll.timeout`. */
  readonly timeout?: number | undefined;
  /** Stops gently: nothing more is sent, and what was sent is waited for and fetched. */
  readonly stop?: AbortSignal | undefined;
  /**
   * Stops at once: waits and downloads end, and the next run takes their tasks up. Only answers to sends that are under way
   * are still waited for, since without them nobody would know the outcome.
   */
  readonly signal?: AbortSignal | undefined;
  /** Kept in the journal's record of this run, for whoever continues it; must be JSON. Default: none. */
  readonly note?: unknown;
  /** Called as images go their way. What it returns is not waited for; an error in it ends the batch. */
  readonly onEvent?: ((event: BatchEvent) => void) | undefined;
}

/** An image goes its way. `path` is the source's, as it was given. */
export type BatchEvent =
  | { readonly type: "started"; readonly path: string }
  /** Its send begins. */
  | { readonly type: "sending"; readonly path: string }
  /** It has a task: a new one, or one of an earlier run. */
  | { readonly type: "task"; readonly path: string; readonly task: string; readonly resumed: boolean }
  | { readonly type: "status"; readonly path: string; readonly task: string; readonly status: string }
  | { readonly type: "saving"; readonly path: string; readonly task: string };

interface ResultFacts {
  /** The source, as it was given. */
  readonly path: string;
  /** The task, where there is one. */
  readonly task?: string | undefined;
}

/** What became of one image. */
export type BatchResult =
  /** Its result is written. */
  | (ResultFacts & {
      readonly outcome: "done";
      readonly task: string;
      /** Absolute paths; mostly one. */
      readonly outputs: readonly string[];
      /** Size of all of them. */
      readonly bytes: number;
      /** Whether this run made the task, and so paid for it. */
      readonly paid: boolean;
    })
  /** Its result was written by an earlier run. */
  | (ResultFacts & { readonly outcome: "skipped"; readonly outputs: readonly string[] })
  /** It has no result. `error` says why, and `error.submission` whether it was sent. */
  | (ResultFacts & { readonly outcome: "failed"; readonly error: MagnificError })
  /** It was sent, by this run or an earlier one, and nobody knows whether there is a task. It is not sent again by itself. */
  | (ResultFacts & { readonly outcome: "unknown"; readonly error: MagnificError })
  /** The batch was stopped before its result was there. Another run goes on with it. */
  | (ResultFacts & { readonly outcome: "stopped" });
