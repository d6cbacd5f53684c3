/** The tasks of a sandbox: created, worked on, moved from step to step by time and by being looked at. */
import { orAborted } from "../util/abort-scope.js";
import type { Time } from "../util/time.js";
import { due, dueAt, needsImage, type Step } from "./life-cycle.js";
import type { Log } from "./log.js";
import { resultPath, signedPath } from "./result-url.js";
import type { Store } from "./store.js";
import { advanced, begun, statusOf, type TaskRecord, wantsImage } from "./task.js";
import type { Upscaler } from "./upscaler.js";
import type { WorkQueue } from "./work-queue.js";

export interface TasksOptions {
  readonly time: Time;
  readonly store: Store;
  readonly log: Log;
  readonly queue: WorkQueue;
  readonly upscaler: Upscaler;
  readonly signingSecret: string;
  readonly resultTtlMs: number;
  /** Called as each step begins, the first one included; the step is kept when what it returns has resolved. */
  readonly onStep: (task: TaskRecord, step: Step) => Promise<void>;
}

interface Entry {
  record: TaskRecord;
  /** Takes back what the task waits for. */
  cancel: (() => void) | undefined;
  /** Settles when the image is made or has failed; never rejects. */
  work: Promise<void>;
}

/** What a new task starts from. */
export type NewTask = Omit<TaskRecord, "createdAt" | "position" | "generated">;

export class Tasks {
  readonly #options: TasksOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #closing = new AbortController();

  constructor(options: TasksOptions) {
    this.#options = options;
  }

  /** Takes up the tasks of an earlier run. */
  async restore(): Promise<void> {
    for (const record of await this.#options.store.tasks()) this.#add(record);
  }

  async create(task: NewTask, image: Uint8Array): Promise<TaskRecord> {
    const { time, store } = this.#options;
    const now = time.now();
    const record = { ...task, createdAt: now, position: { index: 0, since: now, answers: 0 }, generated: [] };
    await store.writeFile(task.id, "source", image);
    await store.save(record);
    const entry = this.#add(record);
    if (needsImage(stepOf(record))) await entry.work;
    await this.#begin(entry, begun(entry.record));
    return await this.#look(entry);
  }

  /** What an answer about this task shows; looking may move it on. */
  async look(id: string, owner: string): Promise<TaskRecord | undefined> {
    const entry = this.#entries.get(id);
    return entry === undefined || entry.record.owner !== owner ? undefined : await this.#look(entry);
  }

  /** Newest first, as they stand. */
  list(owner?: string): TaskRecord[] {
    const records = [...this.#entries.values()].map((entry) => entry.record);
    return records.filter((record) => owner === undefined || record.owner === owner).reverse();
  }

  get(id: string): TaskRecord | undefined {
    return this.#entries.get(id)?.record;
  }

  /** Ends all waiting. What an upscaler still does is not waited for, nor kept. */
  close(): void {
    this.#closing.abort();
    for (const entry of this.#entries.values()) entry.cancel?.();
  }

  #add(record: TaskRecord): Entry {
    const entry: Entry = { record, cancel: undefined, work: Promise.resolve() };
    this.#entries.set(record.id, entry);
    if (wantsImage(record)) entry.work = this.#work(entry);
    this.#wait(entry);
    return entry;
  }

  async #look(entry: Entry): Promise<TaskRecord> {
    for (;;) {
      const { record } = entry;
      const cause = due(record.steps, record.position, this.#options.time.now());
      if (cause === undefined) break;
      if (this.#lacksImage(entry)) {
        // Time waits in the background; an answer that the script wants completed waits for the image.
        if (cause === "time") break;
        await entry.work;
        if (this.#closing.signal.aborted) break;
        continue;
      }
      await this.#advance(entry);
    }
    const { record } = entry;
    entry.record = { ...record, position: { ...record.position, answers: record.position.answers + 1 } };
    return entry.record;
  }

  #lacksImage({ record }: Entry): boolean {
    const next = record.steps[record.position.index + 1];
    return next !== undefined && needsImage(next) && record.result === undefined && record.failure === undefined;
  }

  async #advance(entry: Entry): Promise<void> {
    await this.#begin(entry, advanced(entry.record, this.#options.time.now()));
  }

  async #begin(entry: Entry, record: TaskRecord): Promise<void> {
    const { time, store, log, onStep } = this.#options;
    entry.record = this.#withImages(record);
    const step = stepOf(entry.record);
    log.add({
      event: "task",
      at: time.now(),
      taskId: record.id,
      status: statusOf(record),
      ...(step.status === "FAILED" && record.failure !== undefined ? { reason: record.failure } : {}),
    });
    this.#wait(entry);
    // Announced first: a crash in between announces it twice instead of never.
    await onStep(entry.record, step);
    await store.save(entry.record);
  }

  #withImages(record: TaskRecord): TaskRecord {
    const { time, resultTtlMs, signingSecret } = this.#options;
    const step = stepOf(record);
    if (record.result === undefined || !needsImage(step) || record.generated.length > 0) return record;
    const { type } = record.result;
    const expiresAt = time.now() + resultTtlMs;
    const generated = Array.from({ length: step.images ?? 1 }, (_, index) =>
      signedPath(resultPath(record.id, index, type), expiresAt, signingSecret),
    );
    return { ...record, generated, expiresAt };
  }

  /** Sets the timer for what time alone will bring: the next step, or the end of the images. */
  #wait(entry: Entry): void {
    const { time } = this.#options;
    entry.cancel?.();
    entry.cancel = undefined;
    if (this.#closing.signal.aborted) return;
    const { record } = entry;
    const next = dueAt(record.steps, record.position);
    if (next !== undefined) {
      entry.cancel = time.after(next - time.now(), () => void this.#timeCame(entry));
    } else if (record.expiresAt !== undefined && record.position.index === record.steps.length - 1) {
      const left = record.expiresAt + 1000 - time.now();
      if (left > MAX_DELAY) return;
      entry.cancel = time.after(left, () => void this.#options.store.removeFiles(record.id));
    }
  }

  async #timeCame(entry: Entry): Promise<void> {
    const { index } = entry.record.position;
    if (this.#lacksImage(entry)) await entry.work;
    // An answer may have moved it on meanwhile.
    if (this.#closing.signal.aborted || entry.record.position.index !== index) return;
    await this.#advance(entry);
  }

  async #work(entry: Entry): Promise<void> {
    const { queue, store, upscaler } = this.#options;
    const { id, sliders } = entry.record;
    const { signal } = this.#closing;
    try {
      const result = await queue.run(async () => {
        const image = await store.readFile(id, "source");
        if (image === undefined) throw new Error("the image is no longer there");
        const { bytes, type } = await orAborted(signal, upscaler(image, sliders));
        await store.writeFile(id, "result", bytes);
        return { type, bytes: bytes.byteLength };
      });
      entry.record = { ...entry.record, result };
    } catch (error) {
      // Left as it is: a restart takes it up again.
      if (signal.aborted) return;
      entry.record = { ...entry.record, failure: error instanceof Error ? error.message : String(error) };
    }
    await store.save(entry.record);
  }
}

/** The longest delay a timer of Node takes, in milliseconds. */
const MAX_DELAY = 2 ** 31 - 1;

function stepOf(record: TaskRecord): Step {
  return record.steps[record.position.index] ?? { status: "FAILED" };
}
