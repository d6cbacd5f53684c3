/** Lines at the end of a terminal that are redrawn. */
import { columnsOf } from "../columns.js";
import type { Terminal } from "../terminal.js";
import type { UnderWay } from "./under-way.js";

/** Milliseconds between two drawings. */
const FRAME = 100;

export class Live {
  readonly #terminal: Terminal;
  readonly #underWay: UnderWay;
  #drawn: readonly string[] = [];
  #dirty = true;
  readonly #timer: NodeJS.Timeout;

  constructor(terminal: Terminal, underWay: UnderWay) {
    this.#terminal = terminal;
    this.#underWay = underWay;
    let frames = 0;
    this.#timer = setInterval(() => {
      // The seconds change also where nothing else does.
      if (this.#dirty || ++frames % 10 === 0) this.paint();
    }, FRAME);
    this.#timer.unref();
  }

  /** Something changed that the next drawing shows. */
  changed(): void {
    this.#dirty = true;
  }

  /** Removes the lines, for text that stays; the next drawing comes below it. */
  clear(): void {
    if (this.#drawn.length > 0) this.#terminal.redraw(this.#away());
    this.#drawn = [];
    this.#dirty = true;
  }

  paint(): void {
    const { columns, rows } = this.#terminal;
    const lines = this.#underWay.lines(columns, rows);
    const text = lines.map((line, index) => this.#terminal.paint(index < lines.length - 1 ? "dim" : "bold", line));
    this.#terminal.redraw(`${this.#away()}${text.join("\n")}\n`);
    this.#drawn = lines;
    this.#dirty = false;
  }

  end(): void {
    clearInterval(this.#timer);
    this.clear();
  }

  /** A typed ^C has moved the cursor from the start of its line; a terminal made narrower has wrapped lines. */
  #away(): string {
    if (this.#drawn.length === 0) return "";
    const { columns } = this.#terminal;
    const rows = this.#drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(columnsOf(line) / columns)), 0);
    return `\r\x1b[${rows}A\x1b[J`;
  }
}
