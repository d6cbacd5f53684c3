import type { Time } from "../util/time.js";

/**
 * Pauses pass at once, and the clock moves on by them; deadlines pass only when the test says so. So a test of real
 * sockets waits for nothing, and does not depend on how busy the machine is.
 */
export class SteppingTime implements Time {
  readonly #isDeadline: (milliseconds: number) => boolean;
  #now: number;
  readonly #deadlines = new Set<() => void>();
  readonly #timers = new Set<unknown>();
  /** Milliseconds by which someone has set the wall clock. */
  wall = 0;
  /** Every pause that was asked for, in order. */
  readonly pauses: number[] = [];

  /** @param deadlines Delays of just so many milliseconds are taken for deadlines. */
  constructor(deadlines: number | readonly number[], now: number = Date.UTC(2026, 0, 1)) {
    const all = typeof deadlines === "number" ? [deadlines] : deadlines;
    this.#isDeadline = (milliseconds) => all.includes(milliseconds);
    this.#now = now;
  }

  now(): number {
    return this.#now + this.wall;
  }

  monotonic(): number {
    return this.#now;
  }

  random(): number {
    return 0.5;
  }

  after(milliseconds: number, run: () => void): () => void {
    if (this.#isDeadline(milliseconds)) {
      this.#deadlines.add(run);
      return () => this.#deadlines.delete(run);
    }
    this.pauses.push(milliseconds);
    const timer = setImmediate(() => {
      this.#timers.delete(timer);
      this.#now += milliseconds;
      run();
    });
    this.#timers.add(timer);
    return () => {
      clearImmediate(timer);
      this.#timers.delete(timer);
    };
  }

  /** Lets all deadlines pass. */
  expire(): void {
    for (const run of [...this.#deadlines]) {
      this.#deadlines.delete(run);
      run();
    }
  }

  /** How many timers are waiting. */
  get pending(): number {
    return this.#deadlines.size + this.#timers.size;
  }
}
