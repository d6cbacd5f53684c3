import type { Time } from "../util/time.js";

/** Real time, only faster: for real sockets, where nothing but the clock knows that nothing comes any more. */
export class CompressedTime implements Time {
  readonly #factor: number;
  readonly #start: number;
  readonly #realStart: number = performance.now();
  readonly #timers = new Set<unknown>();
  /** Every delay that was asked for, in order. */
  readonly delays: number[] = [];
  /** Called for every delay that is asked for. */
  onDelay: ((milliseconds: number) => void) | undefined;

  constructor(factor = 100, now: number = Date.now()) {
    this.#factor = factor;
    this.#start = now;
  }

  now(): number {
    return this.#start + (performance.now() - this.#realStart) * this.#factor;
  }

  monotonic(): number {
    return this.now();
  }

  random(): number {
    return 0.5;
  }

  after(milliseconds: number, run: () => void): () => void {
    this.delays.push(milliseconds);
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, milliseconds / this.#factor);
    this.#timers.add(timer);
    this.onDelay?.(milliseconds);
    return () => {
      clearTimeout(timer);
      this.#timers.delete(timer);
    };
  }

  /** How many timers are waiting. */
  get pending(): number {
    return this.#timers.size;
  }
}
