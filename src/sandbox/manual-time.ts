import type { Time } from "../util/time.js";

interface Alarm {
  readonly at: number;
  readonly run: () => void;
}

/** Time that stands still until told, for sandbox and client alike: an hour's wait takes no time in a test. */
export class ManualTime implements Time {
  #now: number;
  readonly #alarms = new Set<Alarm>();

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
    const alarm: Alarm = { at: this.#now + Math.max(0, milliseconds), run };
    this.#alarms.add(alarm);
    return () => this.#alarms.delete(alarm);
  }

  /** Always the middle, so that no schedule varies. */
  random(): number {
    return 0.5;
  }

  /** How many calls are waiting for their time. */
  get pending(): number {
    return this.#alarms.size;
  }

  /** Lets milliseconds pass: what falls due is called in its order, each at its own time. */
  advance(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#alarms.delete(next);
      this.#now = next.at;
      next.run();
    }
    this.#now = end;
  }

  #next(end: number): Alarm | undefined {
    let first: Alarm | undefined;
    for (const alarm of this.#alarms) {
      if (alarm.at <= end && (first === undefined || alarm.at < first.at)) first = alarm;
    }
    return first;
  }
}
