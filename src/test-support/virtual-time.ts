import type { Time } from "../util/time.js";

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** A clock that stands still until a test moves it. */
export class VirtualTime implements Time {
  #now: number;
  #order = 0;
  readonly #timers = new Set<Timer>();
  readonly #random: () => number;
  /** Every delay that was asked for, in order. */
  readonly delays: number[] = [];

  constructor(options: { readonly now?: number; readonly random?: () => number } = {}) {
    this.#now = options.now ?? Date.UTC(2026, 0, 1);
    // In the middle: jitter changes nothing.
    this.#random = options.random ?? (() => 0.5);
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  random(): number {
    return this.#random();
  }

  after(milliseconds: number, run: () => void): () => void {
    this.delays.push(milliseconds);
    const timer = { at: this.#now + milliseconds, order: this.#order++, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** How many timers are waiting. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Moves on, firing what falls due on the way and letting the code behind it run. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    await settle();
    for (let next = this.#next(); next !== undefined && next.at <= end; next = this.#next()) {
      this.#fire(next);
      await settle();
    }
    this.#now = end;
  }

  /** Fires one timer after the other until the promise is settled; for real sockets under virtual timers, see `settle`. */
  async until<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const mark = (): void => {
      settled = true;
    };
    promise.then(mark, mark);
    await settle();
    while (!settled) {
      const next = this.#next();
      if (next !== undefined) this.#fire(next);
      await settle();
    }
    return promise;
  }

  #next(): Timer | undefined {
    return [...this.#timers].sort((a, b) => a.at - b.at || a.order - b.order)[0];
  }

  #fire(timer: Timer): void {
    this.#timers.delete(timer);
    this.#now = Math.max(this.#now, timer.at);
    timer.run();
  }
}

/** Lets everything run that waits for promises only. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}
