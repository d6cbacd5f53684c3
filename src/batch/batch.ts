/** A running batch: its journal, its settings, and whether it is being stopped. */
import { stat } from "node:fs/promises";
import type { TaskContract } from "../contract/contract.js";
import type { MagnificError } from "../errors/magnific-error.js";
import { SubmitLimitError } from "../errors/request-errors.js";
import { errorCode, isDiskFull } from "../files/error-code.js";
import { memoryCounter, type TaskStore } from "../store/task-store.js";
import type { DecisionContext } from "./decision.js";
import { BatchError } from "./errors.js";
import { type Places, toRelative } from "./job.js";
import type { Journal } from "./journal/journal.js";
import type { JournalState } from "./journal/state.js";
import type { BatchEvent, UpscaleAllOptions } from "./options.js";
import type { Digested } from "./source-digest.js";

/** Codes of errors of one image that every other image would end with too. */
const HOPELESS = ["authentication_failed", "credits_exhausted", "configuration", "usage_limit_reached"];

/** Codes of refusals that can be of one image, and are of all when they come this often in a row. */
const PERSISTENT = ["forbidden", "not_found"];
const IN_A_ROW = 3;

export class Batch implements DecisionContext {
  readonly options: UpscaleAllOptions<TaskContract>;
  readonly field: string;
  readonly places: Places;
  readonly settings: string;
  readonly known: JournalState;
  readonly claims: Map<string, string> = new Map();
  /** The client's store for this batch: what the journal knows of digests. */
  readonly store: TaskStore;
  readonly #journal: Journal;
  readonly #soft = new AbortController();
  readonly #hard = new AbortController();
  /** Fires when nothing more is to be sent. */
  readonly soft: AbortSignal = this.#soft.signal;
  /** Fires when waits and downloads are to end too. */
  readonly hard: AbortSignal = this.#hard.signal;
  /** Digests that may be sent once more, although the journal knows an earlier send. */
  readonly resends: Set<string> = new Set();
  #refusals = 0;
  #fatal: BatchError | undefined;
  /** Nothing more is sent in this run, but what has a task is finished. */
  limit: SubmitLimitError | undefined;
  /** The first error that the caller's `onEvent` threw, and at which image. */
  thrown: { readonly path: string; readonly error: unknown } | undefined;

  constructor(
    { options, field, places, settings }: Pick<Batch, "options" | "field" | "places" | "settings">,
    journal: Journal,
  ) {
    this.options = options;
    this.field = field;
    this.places = places;
    this.settings = settings;
    this.#journal = journal;
    this.known = journal.state;
    this.store = {
      begin: async (digest) => {
        const known = this.known.digests.get(digest);
        if (known === undefined || this.resends.has(digest)) return undefined;
        const { state, task, at } = known;
        return { state: state === "sending" ? "sending" : "sent", taskId: task, at };
      },
      finish: async (digest, task, at) => {
        this.#refusals = 0;
        await journal.append({ type: "task", at, digest, task });
      },
      forget: async (digest) => {
        const known = this.known.digests.get(digest);
        // What an earlier run left open is not settled by a send of this one that never began.
        if (known?.state === "sending" && !known.earlier)
          await journal.append({ type: "refused", at: Date.now(), digest });
      },
      // One process writes a journal, so this run's sends are counted in memory: its intents tell them to the next run.
      reserve: memoryCounter(`in the journal ${places.journal}`, journal.state.paid),
    };
  }

  /** Why the batch as a whole cannot continue. */
  get fatal(): BatchError | undefined {
    return this.#journal.broken ?? this.#fatal;
  }

  stop(): void {
    this.#soft.abort();
  }

  abort(reason?: unknown): void {
    this.stop();
    this.#hard.abort(reason);
  }

  /** @throws What the caller's `onEvent` throws. */
  emit(event: BatchEvent): void {
    try {
      this.options.onEvent?.(event);
    } catch (error) {
      this.thrown ??= { path: event.path, error };
      throw error;
    }
  }

  /** Resolves when the intent is on the disk, before the first byte of the image is sent. */
  async recordIntent({ job, digest }: Digested): Promise<void> {
    const { source, output } = job;
    await this.#journal.append({ type: "intent", at: Date.now(), source, digest, settings: this.settings, output });
    this.resends.delete(digest);
  }

  /** @returns The size of the result's files. */
  async recordDone({ job, digest, facts }: Digested, task: string, files: readonly string[]): Promise<number> {
    const { settings, places } = this;
    const { source } = job;
    const outputs = files.map((file) => toRelative(places, file));
    await this.#journal.append({ type: "done", at: Date.now(), source, digest, settings, task, outputs, facts });
    let bytes = 0;
    for (const file of files) bytes += (await stat(file)).size;
    return bytes;
  }

  async recordFailed(digest: string, task: string): Promise<void> {
    await this.#journal.append({ type: "failed", at: Date.now(), digest, task });
  }

  /** Stops the batch where the error of one image is one of all. */
  consider(error: MagnificError): void {
    if (isDiskFull(error) || errorCode(error) === "EROFS") {
      const fault = isDiskFull(error) ? "disk_full" : "journal_unwritable";
      const message = `Results can no longer be written: ${error.summary}`;
      this.#fatal ??=
        error instanceof BatchError ? error : new BatchError(fault, this.places.out, message, { cause: error });
      this.stop();
    }
    if (error instanceof SubmitLimitError) this.limit ??= error;
    if (PERSISTENT.includes(error.code) && error.submission === "rejected") this.#refusals++;
    if (HOPELESS.includes(error.code) || this.#refusals >= IN_A_ROW || this.#journal.broken !== undefined) this.stop();
  }
}
