/** Lines at the end of a terminal that are redrawn. */
import { columnsOf } from "../columns.js";
import type { Terminal } from "../terminal.js";
import type { UnderWay } from "./under-way.js";

/** Milliseconds between two drawings. */
const FRAME = 100;

export function liveOf(terminal: Terminal, underWay: UnderWay) {
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
    /** Something changed that the next drawing shows. */
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
