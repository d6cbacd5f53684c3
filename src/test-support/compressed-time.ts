import type { Time } from "../util/time.js";

/** Real time, only faster: for real sockets, where nothing but the clock knows that nothing comes any more. */
export class CompressedTime implements Time {
  readonly #factor: number;
  readonly #start: number;
  /** Every delay that was asked for, in order. */
  readonly delays: number[] = [];
  /** Called for every delay that is asked for. */
  onDelay: ((milliseconds: number) => void) | undefined;
  /** How many timers are waiting. */
  pending = 0;

  constructor(factor = 100, now: number = Date.now()) {
    this.#factor = factor;
    this.#start = now - performance.now() * factor;
  }

  readonly now = (): number => this.#start + performance.now() * this.#factor;
  readonly monotonic: () => number = this.now;
  readonly random = (): number => 0.5;

  after(milliseconds: number, run: () => void): () => void {
    this.delays.push(milliseconds);
    this.pending += 1;
    let waiting = true;
    const done = (): void => {
      if (waiting) this.pending -= 1;
      waiting = false;
    };
    const timer = setTimeout(() => {
      done();
      run();
    }, milliseconds / this.#factor);
    this.onDelay?.(milliseconds);
    return () => {
      clearTimeout(timer);
      done();
    };
  }
}
