/** The progress of a batch: changing lines on a terminal, plain lines elsewhere, objects with --json. */
import { isAbsolute, relative, sep } from "node:path";
import type { BatchEvent, BatchResult } from "../../batch/options.js";
import type { Shell } from "../commands/command.js";
import { errorFacts, sentenceOf } from "../exit.js";
import { bytesText, columnsOf, durationText, plain, type Terminal } from "../terminal.js";
import type { UnderWay } from "./under-way.js";

/** @param quiet Whether only failures are printed. */
export function progressOf(shell: Shell, underWay: UnderWay, quiet = false) {
  const { terminal, json } = shell;
  const live = terminal.live && !json && !quiet ? liveOf(terminal, underWay) : undefined;
  const say = (line: string): void => {
    live?.clear();
    terminal.say(line);
  };
  shell.above = say;
  return {
    event(event: BatchEvent): void {
      underWay.event(event);
      if (json && event.type === "task")
        terminal.json({ event: "task", path: event.path, task: event.task, resumed: event.resumed });
      live?.changed();
    },
    result(result: BatchResult): void {
      const took = underWay.result(result);
      const error = "error" in result ? { error: errorFacts(result.error) } : {};
      if (json) terminal.json({ event: "result", ...result, ...error });
      else if (!quiet || result.outcome === "failed" || result.outcome === "unknown") {
        live?.clear();
        terminal.out(resultLine(terminal, result, took));
        if (result.outcome === "done") for (const note of result.notes ?? []) terminal.say(plain(note));
      }
      live?.changed();
    },
    say,
    /** Removes what changes; nothing is drawn after it. */
    end(): void {
      live?.end();
      shell.above = undefined;
    },
  };
}

/** As one would type it: relative to the current folder, where it is inside. */
export function nearPath(path: string): string {
  const near = relative(process.cwd(), path);
  return near === "" || near.split(sep)[0] === ".." || isAbsolute(near) ? path : near;
}

const STYLES = { done: "green", skipped: "dim", stopped: "yellow", failed: "red", unknown: "yellow" } as const;

function resultLine({ paint }: Terminal, result: BatchResult, took: number): string {
  const head = `${paint(STYLES[result.outcome], result.outcome.padEnd(7))} ${plain(result.path)}`;
  if (result.outcome === "skipped") return `${head}  ${paint("dim", "finished earlier")}`;
  if (result.outcome === "done") {
    const outputs = result.outputs.map((output) => plain(nearPath(output))).join(", ");
    return `${head} -> ${outputs}  ${paint("dim", `${bytesText(result.bytes)}, ${durationText(took)}`)}`;
  }
  const why = result.outcome === "stopped" ? "" : `: ${plain(sentenceOf(result.error, result.path))}`;
  return head + why + (result.task === undefined ? "" : paint("dim", `  task ${plain(result.task)}`));
}

/** Milliseconds between two drawings. */
const FRAME = 100;

/** Lines at the end of a terminal that are redrawn. */
function liveOf(terminal: Terminal, underWay: UnderWay) {
  let drawn: readonly string[] = [];
  let dirty = true;
  let frames = 0;
  /** Removes the lines. A typed ^C has moved the cursor from their start; a terminal made narrower has wrapped them. */
  const away = (): string => {
    if (drawn.length === 0) return "";
    const rows = drawn.map((line) => Math.max(1, Math.ceil(columnsOf(line) / terminal.columns)));
    return `\r\x1b[${rows.reduce((sum, each) => sum + each)}A\x1b[J`;
  };
  const draw = (lines: readonly string[]): void => {
    const text = lines.map((line, index) => `${terminal.paint(index < lines.length - 1 ? "dim" : "bold", line)}\n`);
    const drawing = away() + text.join("");
    if (drawing !== "") terminal.redraw(drawing);
    drawn = lines;
    dirty = lines.length === 0;
  };
  const timer = setInterval(() => {
    // The seconds change also where nothing else does.
    if (dirty || ++frames % 10 === 0) draw(underWay.lines(terminal.columns, terminal.rows));
  }, FRAME);
  timer.unref();
  return {
    changed(): void {
      dirty = true;
    },
    /** Removes the lines, for text that stays; the next drawing comes below it. */
    clear: () => draw([]),
    end(): void {
      clearInterval(timer);
      draw([]);
    },
  };
}
