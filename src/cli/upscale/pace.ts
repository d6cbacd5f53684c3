/** How fast a batch goes and how long it will take. Pure. */
import type { BatchResult } from "../../batch/options.js";
import { durationText } from "../terminal.js";

export class Pace {
  readonly #total: number;
  readonly #start: number;
  /** Files that were worked on in this run. Skipped ones say nothing about the speed. */
  #worked = 0;
  #finished = 0;

  constructor(total: number, now: number) {
    this.#total = total;
    this.#start = now;
  }

  count(skipped: boolean): void {
    this.#finished++;
    if (!skipped) this.#worked++;
  }

  text(now: number, counts: Readonly<Record<BatchResult["outcome"], number>>, underWay: number): string {
    const left = Math.max(0, this.#total - this.#finished);
    const parts = [`${counts.done + counts.skipped} of ${this.#total} done`];
    for (const outcome of ["failed", "unknown", "stopped"] as const)
      if (counts[outcome] > 0) parts.push(`${counts[outcome]} ${outcome}`);
    if (underWay > 0) parts.push(`${underWay} under way`);
    const minutes = (now - this.#start) / 60_000;
    if (this.#worked > 0 && minutes > 0) {
      const rate = this.#worked / minutes;
      parts.push(`${rate < 10 ? rate.toFixed(1) : Math.round(rate)} a minute`);
      if (left > 0) parts.push(`about ${durationText((left / rate) * 60_000)} left`);
    }
    return parts.join(", ");
  }
}
