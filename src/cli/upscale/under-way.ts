/** What is under way in a batch, as lines that fit a terminal. */
import type { BatchEvent, BatchResult } from "../../batch/options.js";
import { beginOf, columnsOf, endOf } from "../columns.js";
import { durationText, plain } from "../terminal.js";
import { Pace } from "./pace.js";

/** More files under way than this are counted, not listed. */
const MOST_LINES = 16;

interface Entry {
  readonly since: number;
  doing: string;
}

export class UnderWay {
  readonly #now: () => number;
  readonly #entries = new Map<string, Entry>();
  readonly #pace: Pace;
  readonly #counts: Record<BatchResult["outcome"], number> = { done: 0, skipped: 0, failed: 0, unknown: 0, stopped: 0 };

  constructor(total: number, now: () => number) {
    this.#now = now;
    this.#pace = new Pace(total, now());
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
    this.#pace.count(outcome === "skipped");
    return now - since;
  }

  /** One line a file, and the total as the last. None is wider than the terminal, or drawing them again would go astray. */
  lines(columns: number, rows: number): string[] {
    const now = this.#now();
    const room = Math.max(1, columns - 1);
    const entries = [...this.#entries];
    const most = Math.min(MOST_LINES, rows - 2);
    // What is not listed takes a line too.
    const listed = entries.length <= most ? entries.length : Math.max(0, most - 1);
    const lines = entries.slice(0, listed).map(([path, { since, doing }]) => {
      const state = `  ${doing}  ${durationText(now - since)}`;
      const left = room - 2 - columnsOf(state);
      return left < 8 ? beginOf(`  ${plain(path)}${state}`, room) : `  ${endOf(plain(path), left)}${state}`;
    });
    if (entries.length > listed && rows > 2) lines.push(beginOf(`  and ${entries.length - listed} more`, room));
    return [...lines, beginOf(this.#pace.text(now, this.#counts, entries.length), room)];
  }
}

function doingOf(event: BatchEvent): string {
  switch (event.type) {
    case "started":
      return "reading";
    case "sending":
      return "sending";
    case "task":
      return event.resumed ? "taken up" : "sent";
    case "status":
      return plain(event.status.toLowerCase().replaceAll("_", " "));
    case "saving":
      return "saving";
  }
}
