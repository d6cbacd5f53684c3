/** What a batch has done and is doing, also as lines that fit a terminal. */
import type { BatchEvent, BatchResult } from "../../batch/options.js";
import { isRefused } from "../exit.js";
import { columnsOf, countsText, durationText, plain, truncate } from "../terminal.js";

/** More files than this are counted, not listed. */
const MOST_LINES = 16;

export class UnderWay {
  readonly total: number;
  readonly counts: Record<BatchResult["outcome"], number> = { done: 0, skipped: 0, failed: 0, unknown: 0, stopped: 0 };
  paid = 0;
  refused = 0;
  bytes = 0;
  readonly #start = Date.now();
  readonly #entries = new Map<string, { readonly since: number; doing: string }>();

  constructor(total: number) {
    this.total = total;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Images that are being sent, whose outcome would be unknown now. */
  get sending(): string[] {
    return [...this.#entries].filter(([, { doing }]) => doing === "sending").map(([path]) => path);
  }

  /** Files without a result that stays. */
  get left(): number {
    const { done, skipped, failed, unknown } = this.counts;
    return this.total - (done + skipped + failed + unknown);
  }

  /** Milliseconds since the start. */
  get took(): number {
    return Date.now() - this.#start;
  }

  event(event: BatchEvent): void {
    // A task is paid for when it is made, even if it fails.
    if (event.type === "task" && !event.resumed) this.paid++;
    const doing = doingOf(event);
    const entry = this.#entries.get(event.path);
    if (entry === undefined) this.#entries.set(event.path, { since: Date.now(), doing });
    else entry.doing = doing;
  }

  /** @returns How long it took; milliseconds. */
  result(result: BatchResult): number {
    const now = Date.now();
    const since = this.#entries.get(result.path)?.since ?? now;
    this.#entries.delete(result.path);
    this.counts[result.outcome]++;
    if (result.outcome === "done") this.bytes += result.bytes;
    if (result.outcome === "failed" && isRefused(result.error)) this.refused++;
    return now - since;
  }

  /** One line a file, and the total as the last. None is wider than the terminal, or redrawing them would go wrong. */
  lines(columns: number, rows: number): string[] {
    const now = Date.now();
    const room = Math.max(1, columns - 1);
    const entries = [...this.#entries];
    const most = Math.min(MOST_LINES, rows - 2);
    // The line for those that are not listed takes room too.
    const listed = entries.length <= most ? entries.length : Math.max(0, most - 1);
    const lines = entries.slice(0, listed).map(([path, { since, doing }]) => {
      const state = `  ${doing}  ${durationText(now - since)}`;
      const left = room - 2 - columnsOf(state);
      const whole = `  ${plain(path)}${state}`;
      return left < 8 ? truncate(whole, room, "start") : `  ${truncate(plain(path), left, "end")}${state}`;
    });
    if (entries.length > listed && rows > 2)
      lines.push(truncate(`  and ${entries.length - listed} more`, room, "start"));
    return [...lines, truncate(this.#totalLine(), room, "start")];
  }

  #totalLine(): string {
    const { done, skipped, failed, unknown, stopped } = this.counts;
    // Skipped files say nothing about the speed.
    const worked = done + failed + unknown + stopped;
    const left = this.total - worked - skipped;
    const others = countsText({ failed, unknown, stopped, "in progress": this.size });
    const parts = [`${done + skipped} of ${this.total} done`, ...others];
    const minutes = this.took / 60_000;
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
