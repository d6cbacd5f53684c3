/** The tasks of a sandbox: created, worked on, and advanced from step to step by time and by responses. */
import { orAborted } from "../util/abort-scope.js";
import type { Context } from "./context.js";
import { due, dueAt, needsImage, type Step } from "./life-cycle.js";
import { signedPath } from "./result-url.js";
import { nameOf, records } from "./store.js";
import { advanced, begun, slidersOf, statusOf, stepOf, type TaskRecord, wantsImage } from "./task.js";

interface Entry {
  record: TaskRecord;
  /** Cancels the timer of the task. */
  cancel?: () => void;
  /** Resolves when the image is made or has failed. */
  work: Promise<void>;
}

export class Tasks {
  readonly #context: Context;
  readonly #onStep: (task: TaskRecord, step: Step) => Promise<void>;
  readonly #entries = new Map<string, Entry>();
  readonly #queued: ReturnType<typeof queue>;

  /** @param onStep Called as each step begins, the first one included; the step is saved once it has resolved. */
  constructor(context: Context, onStep: (task: TaskRecord, step: Step) => Promise<void>) {
    this.#context = context;
    this.#onStep = onStep;
    this.#queued = queue(context.concurrency);
  }

  /** Resumes the tasks of an earlier run. */
  async restore(): Promise<void> {
    const found = await records<TaskRecord>(this.#context.store, "tasks");
    for (const record of found.sort((a, b) => a.createdAt - b.createdAt)) this.#add(record);
  }

  async create(task: Omit<TaskRecord, "createdAt" | "position" | "generated">, image: Uint8Array): Promise<TaskRecord> {
    const now = this.#context.time.now();
    const record = { ...task, createdAt: now, position: { index: 0, since: now, answers: 0 }, generated: [] };
    await this.#context.store.write(nameOf("images", task.id, "source"), image);
    await this.#save(record);
    const entry = this.#add(record);
    if (needsImage(stepOf(record))) await entry.work;
    await this.#begin(entry, begun(entry.record));
    return await this.#look(entry);
  }

  /** The task as a response about it shows it, which may advance it. */
  async look(id: string, owner: string): Promise<TaskRecord | undefined> {
    const entry = this.#entries.get(id);
    return entry?.record.owner === owner ? await this.#look(entry) : undefined;
  }

  /** Newest first, as they stand. */
  list(owner?: string): TaskRecord[] {
    const all = [...this.#entries.values()].map(({ record }) => record);
    return all.filter((record) => owner === undefined || record.owner === owner).reverse();
  }

  get(id: string): TaskRecord | undefined {
    return this.#entries.get(id)?.record;
  }

  /** Once the sandbox closes: cancels all timers. The result of an upscaler that still runs is dropped. */
  async close(): Promise<void> {
    for (const { cancel } of this.#entries.values()) cancel?.();
    await Promise.all([...this.#entries.values()].map(({ work }) => work));
  }

  #add(record: TaskRecord): Entry {
    const entry: Entry = { record, work: Promise.resolve() };
    this.#entries.set(record.id, entry);
    if (wantsImage(record)) entry.work = this.#queued(() => this.#work(entry));
    this.#setTimer(entry);
    return entry;
  }

  async #look(entry: Entry): Promise<TaskRecord> {
    for (;;) {
      const cause = due(entry.record.steps, entry.record.position, this.#context.time.now());
      // Time waits for the image in the background; a response that the script wants to be COMPLETED waits for it.
      if (cause === undefined || (cause === "time" && lacksImage(entry.record)) || this.#context.closing.aborted) break;
      await this.#advance(entry);
    }
    const { position } = entry.record;
    entry.record = { ...entry.record, position: { ...position, answers: position.answers + 1 } };
    return entry.record;
  }

  async #begin(entry: Entry, record: TaskRecord): Promise<void> {
    const { time, log } = this.#context;
    entry.record = this.#withImages(record);
    const step = stepOf(entry.record);
    const reason = step.status === "FAILED" && record.failure !== undefined ? { reason: record.failure } : {};
    log.add({ event: "task", at: time.now(), taskId: record.id, status: statusOf(record), ...reason });
    this.#setTimer(entry);
    // Announced first: a crash in between announces it twice instead of never.
    await this.#onStep(entry.record, step);
    await this.#save(entry.record);
  }

  #withImages(record: TaskRecord): TaskRecord {
    const { time, resultTtlMs, signingSecret } = this.#context;
    const { id, result, generated } = record;
    const step = stepOf(record);
    if (result === undefined || !needsImage(step) || generated.length > 0) return record;
    const expiresAt = time.now() + resultTtlMs;
    const paths = Array.from({ length: step.images ?? 1 }, (_, index) =>
      signedPath(id, index, result.type, expiresAt, signingSecret),
    );
    return { ...record, generated: paths, expiresAt };
  }

  /** Sets the timer of the next step, or of the removal of the images. */
  #setTimer(entry: Entry): void {
    const { time } = this.#context;
    entry.cancel?.();
    if (this.#context.closing.aborted) return;
    const { steps, position, expiresAt } = entry.record;
    const next = dueAt(steps, position);
    if (next !== undefined) {
      entry.cancel = time.after(next - time.now(), () => void this.#advance(entry));
    } else if (expiresAt !== undefined && position.index === steps.length - 1) {
      const left = expiresAt + 1000 - time.now();
      // The longest delay of a timer.
      if (left < 2 ** 31) entry.cancel = time.after(left, () => void this.#removeImages(entry.record.id));
    }
  }

  async #advance(entry: Entry): Promise<void> {
    const { index } = entry.record.position;
    if (lacksImage(entry.record)) await entry.work;
    // Something else may have advanced it meanwhile.
    if (this.#context.closing.aborted || entry.record.position.index !== index) return;
    await this.#begin(entry, advanced(entry.record, this.#context.time.now()));
  }

  async #removeImages(id: string): Promise<void> {
    for (const ending of ["source", "result"] as const) await this.#context.store.remove(nameOf("images", id, ending));
  }

  async #work(entry: Entry): Promise<void> {
    const { store, upscaler, closing } = this.#context;
    const { id, fields } = entry.record;
    try {
      closing.throwIfAborted();
      const image = await store.read(nameOf("images", id, "source"));
      if (image === undefined) throw new Error("the image is no longer there");
      const { bytes, type } = await orAborted(closing, upscaler(image, slidersOf(fields)));
      await store.write(nameOf("images", id, "result"), bytes);
      entry.record = { ...entry.record, result: { type, bytes: bytes.byteLength } };
    } catch (error) {
      // Left as it is: the next start resumes it.
      if (closing.aborted) return;
      entry.record = { ...entry.record, failure: error instanceof Error ? error.message : String(error) };
    }
    await this.#save(entry.record);
  }

  async #save(record: TaskRecord): Promise<void> {
    await this.#context.store.write(nameOf("tasks", record.id, "json"), JSON.stringify(record));
  }
}

function lacksImage({ steps, position, result, failure }: TaskRecord): boolean {
  const next = steps[position.index + 1];
  return next !== undefined && needsImage(next) && result === undefined && failure === undefined;
}

/** Runs jobs in their order, so many at a time. */
function queue(concurrency: number) {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (job: () => Promise<void>): Promise<void> => {
    // Where another waits, its place is handed on: the number that runs stays.
    if (running >= concurrency) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    await job().finally(() => (waiting.shift() ?? (() => running--))());
  };
}
