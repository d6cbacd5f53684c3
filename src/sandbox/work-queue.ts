/** Runs jobs in their order, a bounded number at a time. */
export class WorkQueue {
  readonly #concurrency: number;
  readonly #waiting: (() => void)[] = [];
  readonly #running = new Set<Promise<unknown>>();
  #closed = false;

  constructor(concurrency: number) {
    this.#concurrency = concurrency;
  }

  /** The job's outcome; never settles when the queue is closed before the job began. */
  run<T>(job: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve) => {
      this.#waiting.push(() => {
        const running = job();
        resolve(running);
        const done = running.then(
          () => undefined,
          () => undefined,
        );
        this.#running.add(done);
        void done.then(() => {
          this.#running.delete(done);
          this.#next();
        });
      });
      this.#next();
    });
  }

  /** Begins nothing more, and waits for what runs. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#waiting.length = 0;
    await Promise.all(this.#running);
  }

  #next(): void {
    if (this.#closed || this.#running.size >= this.#concurrency) return;
    this.#waiting.shift()?.();
  }
}
