/** How a batch is doing: one line a file and a total that change on a terminal, plain lines elsewhere, objects with --json. */
import type { BatchEvent, BatchResult } from "../../batch/options.js";
import { errorFacts, sentenceOf } from "../exit.js";
import { bytesText, durationText, plain, type Terminal } from "../terminal.js";
import { Pace } from "./pace.js";

export interface Progress {
  event(event: BatchEvent): void;
  result(result: BatchResult): void;
  /** Takes away what changes; nothing is drawn after it. */
  end(): void;
}

/** Milliseconds between two drawings. */
const FRAME = 100;
/** More files under way than this are counted, not listed. */
const MOST_LINES = 16;

interface UnderWay {
  readonly since: number;
  doing: string;
}

export interface ProgressOptions {
  readonly terminal: Terminal;
  readonly total: number;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly now?: () => number;
}

export function progressOf(options: ProgressOptions): Progress {
  const { terminal, json, quiet } = options;
  const lines = new Lines(options);
  const live = terminal.live && !json && !quiet ? new Live(terminal, lines) : undefined;
  return {
    event(event) {
      lines.take(event);
      if (json && event.type === "task")
        terminal.json({ event: "task", path: event.path, task: event.task, resumed: event.resumed });
      live?.draw();
    },
    result(result) {
      const since = lines.done(result);
      if (json) terminal.json(resultFacts(result));
      else if (!quiet || result.outcome === "failed" || result.outcome === "unknown") {
        live?.clear();
        terminal.out(resultLine(terminal, result, since));
      }
      live?.draw();
    },
    end: () => live?.end(),
  };
}

/** What is under way, as text. */
class Lines {
  readonly #now: () => number;
  readonly #terminal: Terminal;
  readonly #underWay = new Map<string, UnderWay>();
  readonly #pace: Pace;
  readonly #counts: Record<BatchResult["outcome"], number> = { done: 0, skipped: 0, failed: 0, unknown: 0, stopped: 0 };

  constructor({ terminal, total, now = Date.now }: ProgressOptions) {
    this.#now = now;
    this.#terminal = terminal;
    this.#pace = new Pace(total, now());
  }

  take(event: BatchEvent): void {
    const doing = doingOf(event);
    const entry = this.#underWay.get(event.path);
    if (entry === undefined) this.#underWay.set(event.path, { since: this.#now(), doing });
    else entry.doing = doing;
  }

  /** @returns How long it took; milliseconds. */
  done({ path, outcome }: BatchResult): number {
    const now = this.#now();
    const since = this.#underWay.get(path)?.since ?? now;
    this.#underWay.delete(path);
    this.#counts[outcome]++;
    this.#pace.count(now, outcome === "skipped");
    return now - since;
  }

  text(): string[] {
    const now = this.#now();
    const entries = [...this.#underWay];
    const lines = entries
      .slice(0, MOST_LINES)
      .map(([path, { since, doing }]) => this.#cut(`  ${plain(path)}  ${doing}  ${durationText(now - since)}`, "dim"));
    if (entries.length > MOST_LINES) lines.push(this.#cut(`  and ${entries.length - MOST_LINES} more`, "dim"));
    return [...lines, this.#cut(this.#pace.text(now, this.#counts, entries.length), "bold")];
  }

  #cut(line: string, style: "dim" | "bold"): string {
    const most = Math.max(20, this.#terminal.columns - 1);
    return this.#terminal.paint(style, line.length > most ? `${line.slice(0, most - 1)}…` : line);
  }
}

/** Lines at the end of the terminal that are drawn again and again. */
class Live {
  readonly #terminal: Terminal;
  readonly #lines: Lines;
  #drawn = 0;
  #ended = false;
  #dirty = true;
  readonly #timer: NodeJS.Timeout;

  constructor(terminal: Terminal, lines: Lines) {
    this.#terminal = terminal;
    this.#lines = lines;
    let frames = 0;
    this.#timer = setInterval(() => {
      // The seconds change also where nothing else does.
      if (this.#dirty || ++frames % 10 === 0) this.#paint();
    }, FRAME);
    this.#timer.unref();
  }

  draw(): void {
    this.#dirty = true;
  }

  clear(): void {
    if (this.#drawn > 0) this.#terminal.redraw(`\x1b[${this.#drawn}A\x1b[J`);
    this.#drawn = 0;
  }

  end(): void {
    clearInterval(this.#timer);
    this.clear();
    this.#ended = true;
  }

  #paint(): void {
    if (this.#ended) return;
    const text = this.#lines.text();
    const up = this.#drawn > 0 ? `\x1b[${this.#drawn}A\x1b[J` : "";
    this.#terminal.redraw(`${up}${text.join("\n")}\n`);
    this.#drawn = text.length;
    this.#dirty = false;
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

function resultLine(terminal: Terminal, result: BatchResult, took: number): string {
  const path = plain(result.path);
  const task = result.task === undefined ? "" : terminal.paint("dim", `  task ${plain(result.task)}`);
  switch (result.outcome) {
    case "done": {
      const facts = `${bytesText(result.bytes)}, ${durationText(took)}`;
      return `${terminal.paint("green", "done   ")} ${path} -> ${result.outputs.map(plain).join(", ")}  ${terminal.paint("dim", facts)}`;
    }
    case "skipped":
      return `${terminal.paint("dim", "skipped")} ${path}  ${terminal.paint("dim", "finished before")}`;
    case "stopped":
      return `${terminal.paint("yellow", "stopped")} ${path}${task}`;
    case "failed":
      return `${terminal.paint("red", "failed ")} ${path}: ${plain(sentenceOf(result.error))}${task}`;
    case "unknown":
      return `${terminal.paint("yellow", "unknown")} ${path}: ${plain(sentenceOf(result.error))}`;
  }
}

function resultFacts(result: BatchResult): object {
  const { outcome, path, task } = result;
  return {
    event: "result",
    outcome,
    path,
    task,
    ...("outputs" in result ? { outputs: result.outputs } : {}),
    ...("bytes" in result ? { bytes: result.bytes, paid: result.paid } : {}),
    ...("error" in result ? { error: errorFacts(result.error) } : {}),
  };
}
