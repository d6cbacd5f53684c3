import type { Time } from "../util/time.js";

/** A clock that stands still until it is advanced, for sandbox and client alike: an hour takes no time in a test. */
export class ManualTime implements Time {
  #now: number;
  readonly #timers = new Set<{ readonly at: number; readonly run: () => void }>();

  /** @param start Milliseconds since the epoch. Default: 2026-01-01T00:00:00Z. */
  constructor(start: number = Date.UTC(2026, 0, 1)) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  after(milliseconds: number, run: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, milliseconds), run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Always 0.5, so that no schedule varies. */
  random(): number {
    return 0.5;
  }

  /** How many timers are set. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Advances by milliseconds: timers that fall due run in their order, each at its own time. */
  advance(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (;;) {
      const [next] = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#now = next.at;
      next.run();
    }
    this.#now = end;
  }
}
