/** A batch under way: its journal, its settings, and whether it is being stopped. */
import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import type { Magnific } from "../client.js";
import { AuthenticationError } from "../errors/authentication-error.js";
import { ConfigurationError } from "../errors/configuration-error.js";
import { CreditsExhaustedError } from "../errors/credits-exhausted-error.js";
import type { MagnificError } from "../errors/magnific-error.js";
import type { TaskStore } from "../store/task-store.js";
import { type Job, type Known, lengthened, type Places, shortened } from "./context.js";
import { BatchError, isFull, systemCode } from "./errors.js";
import type { Journal } from "./journal/journal.js";
import { type Done, type JournalState, stillOf } from "./journal/state.js";
import type { BatchEvent, UpscaleAllOptions } from "./options.js";
import type { Digested } from "./source-digest.js";

export interface BatchParts {
  readonly options: UpscaleAllOptions;
  readonly places: Places;
  readonly settings: string;
  readonly journal: Journal;
}

export class Batch {
  readonly options: UpscaleAllOptions;
  readonly places: Places;
  /** See `settingsKey`. */
  readonly settings: string;
  /** The client's store for this batch: what the journal knows of digests. */
  readonly store: TaskStore;
  /** A folder of this batch's own, for files that are not whole yet. */
  readonly work: string;
  readonly #journal: Journal;
  readonly #hard = new AbortController();
  readonly #gates = new Set<() => void>();
  /** Output names of this run, and whose they are. */
  readonly #claims = new Map<string, string>();
  readonly #again = new Set<string>();
  #stopping = false;
  #fatal: BatchError | undefined;
  #thrown: { readonly path: string; readonly error: unknown } | undefined;

  constructor({ options, places, settings, journal }: BatchParts) {
    this.options = options;
    this.places = places;
    this.settings = settings;
    this.#journal = journal;
    this.work = workFolder(places);
    this.store = {
      begin: async (digest) => {
        const known = this.known.digests.get(digest);
        if (known === undefined || this.#again.has(digest)) return undefined;
        const { state, task, at } = known;
        return { state: state === "sending" ? "sending" : "sent", taskId: task, at };
      },
      finish: (digest, task, at) => journal.append({ type: "task", at, digest, task }),
      forget: async (digest) => {
        const known = this.known.digests.get(digest);
        // What an earlier run left open is not settled by a send of this one that never began.
        if (known?.state === "sending" && !known.earlier)
          await journal.append({ type: "refused", at: Date.now(), digest });
      },
    };
  }

  get client(): Magnific {
    return this.options.client;
  }

  get known(): Known {
    return this.#journal.state;
  }

  /** Whether nothing more is to be sent. */
  get stopping(): boolean {
    return this.#stopping;
  }

  /** Fires when waits and downloads are to end too. */
  get hard(): AbortSignal {
    return this.#hard.signal;
  }

  /** Why the batch as a whole cannot go on. */
  get fatal(): BatchError | undefined {
    return this.#journal.broken ?? this.#fatal;
  }

  stop(): void {
    this.#stopping = true;
    for (const gate of this.#gates) gate();
  }

  abort(reason?: unknown): void {
    this.stop();
    this.#hard.abort(reason);
  }

  /** Calls when the batch is stopped, at once where it is already. @returns Ends it. */
  onStop(gate: () => void): () => void {
    if (this.#stopping) gate();
    this.#gates.add(gate);
    return () => this.#gates.delete(gate);
  }

  /** @throws What the caller's `onEvent` throws. */
  tell(event: BatchEvent): void {
    try {
      this.options.onEvent?.(event);
    } catch (error) {
      this.#thrown ??= { path: event.path, error };
      throw error;
    }
  }

  /** The first that the caller's `onEvent` threw, and at which image. */
  get thrown(): { readonly path: string; readonly error: unknown } | undefined {
    return this.#thrown;
  }

  /** The output's name is this image's for the run. @throws {BatchError} `output_taken` */
  claim(job: Job): void {
    const owner = this.#claims.get(job.output);
    if (owner !== undefined && owner !== job.source)
      throw new BatchError(
        "output_taken",
        job.stem,
        `${job.path} and another source of this batch (${owner}) would have the same output name. Use a template that tells them apart, e.g. with {source_ext} or {dir}.`,
        { submission: "not_sent" },
      );
    this.#claims.set(job.output, job.source);
  }

  /** Whether every file of a result is there, and is still that result's. */
  written(done: Done): boolean {
    return isWritten(this.#journal.state, this.places, done);
  }

  /** Lets a digest be sent whose earlier send the journal knows. */
  sendAgain(digest: string): void {
    this.#again.add(digest);
  }

  /** On the disk before the first byte of the image is sent. */
  async intend({ job, digest }: Digested): Promise<void> {
    const { source, output } = job;
    await this.#journal.append({ type: "intent", at: Date.now(), source, digest, settings: this.settings, output });
    this.#again.delete(digest);
  }

  /** The result is written. @returns The size of its files. */
  async finished({ job, digest, facts }: Digested, task: string, outputs: readonly string[]): Promise<number> {
    const { source } = job;
    await this.#journal.append({
      type: "done",
      at: Date.now(),
      source,
      digest,
      settings: this.settings,
      task,
      outputs: outputs.map((output) => shortened(this.places, output)),
      facts,
    });
    let bytes = 0;
    for (const output of outputs) bytes += (await stat(output)).size;
    return bytes;
  }

  async failed(digest: string, task: string): Promise<void> {
    await this.#journal.append({ type: "failed", at: Date.now(), digest, task });
  }

  /** Stops the batch where an error of one image is one of all. */
  consider(error: MagnificError): void {
    if (isFull(error) || systemCode(error) === "EROFS") {
      this.#fatal ??=
        error instanceof BatchError
          ? error
          : new BatchError(
              isFull(error) ? "disk_full" : "journal_unwritable",
              this.places.out,
              `Results can no longer be written: ${error.message}`,
              { cause: error },
            );
      this.stop();
    } else if (
      error instanceof AuthenticationError ||
      error instanceof CreditsExhaustedError ||
      error instanceof ConfigurationError ||
      error.code === "usage_limit_reached" ||
      this.#journal.broken !== undefined
    ) {
      this.stop();
    }
  }
}

/** Whether every file of a result is there, and no other result of the batch was put in its place. */
export function isWritten(state: JournalState, places: Places, done: Done): boolean {
  return stillOf(state, done) && done.outputs.every((output) => existsSync(lengthened(places, output)));
}

export function workFolder({ journal }: Places): string {
  return `${journal}.work`;
}
