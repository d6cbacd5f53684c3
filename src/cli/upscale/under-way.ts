/** The images being processed in a batch, as lines that fit a terminal, with the pace of the whole. */
import type { BatchEvent, BatchResult } from "../../batch/options.js";
import { columnsOf, truncateEnd, truncateStart } from "../columns.js";
import { durationText, plain } from "../terminal.js";

/** More files than this are counted, not listed. */
const MOST_LINES = 16;

interface Entry {
  readonly since: number;
  doing: string;
}

export class UnderWay {
  readonly #now: () => number;
  readonly #entries = new Map<string, Entry>();
  readonly #total: number;
  readonly #start: number;
  readonly #counts: Record<BatchResult["outcome"], number> = { done: 0, skipped: 0, failed: 0, unknown: 0, stopped: 0 };

  constructor(total: number, now: () => number) {
    this.#now = now;
    this.#total = total;
    this.#start = now();
  }

  take(event: BatchEvent): void {
    const doing = doingOf(event);
    const entry = this.#entries.get(event.path);
    if (entry === undefined) this.#entries.set(event.path, { since: this.#now(), doing });
    else entry.doing = doing;
  }

  /** @returns How long it took; milliseconds. */
  done({ path, outcome }: BatchResult): number {
    const now = this.#now();
    const since = this.#entries.get(path)?.since ?? now;
    this.#entries.delete(path);
    this.#counts[outcome]++;
    return now - since;
  }

  /** One line a file, and the total as the last. None is wider than the terminal, or redrawing them would go wrong. */
  lines(columns: number, rows: number): string[] {
    const now = this.#now();
    const room = Math.max(1, columns - 1);
    const entries = [...this.#entries];
    const most = Math.min(MOST_LINES, rows - 2);
    // The line for those that are not listed takes room too.
    const listed = entries.length <= most ? entries.length : Math.max(0, most - 1);
    const lines = entries.slice(0, listed).map(([path, { since, doing }]) => {
      const state = `  ${doing}  ${durationText(now - since)}`;
      const left = room - 2 - columnsOf(state);
      return left < 8 ? truncateEnd(`  ${plain(path)}${state}`, room) : `  ${truncateStart(plain(path), left)}${state}`;
    });
    if (entries.length > listed && rows > 2) lines.push(truncateEnd(`  and ${entries.length - listed} more`, room));
    return [...lines, truncateEnd(this.#totalLine(now), room)];
  }

  #totalLine(now: number): string {
    const { done, skipped, failed, unknown, stopped } = this.#counts;
    // Skipped files say nothing about the speed.
    const worked = done + failed + unknown + stopped;
    const left = Math.max(0, this.#total - worked - skipped);
    const parts = [`${done + skipped} of ${this.#total} done`];
    for (const [count, what] of [
      [failed, "failed"],
      [unknown, "unknown"],
      [stopped, "stopped"],
      [this.#entries.size, "in progress"],
    ] as const)
      if (count > 0) parts.push(`${count} ${what}`);
    const minutes = (now - this.#start) / 60_000;
    if (worked > 0 && minutes > 0) {
      const rate = worked / minutes;
      parts.push(`${rate < 10 ? rate.toFixed(1) : Math.round(rate)} per minute`);
      if (left > 0) parts.push(`about ${durationText((left / rate) * 60_000)} left`);
    }
    return parts.join(", ");
  }
}

function doingOf(event: BatchEvent): string {
  if (event.type === "started") return "reading";
  if (event.type === "task") return event.resumed ? "resumed" : "sent";
  return event.type === "status" ? plain(event.status.toLowerCase().replaceAll("_", " ")) : event.type;
}
