/** Where the command writes: results to stdout, everything else to stderr. */
import { stripVTControlCharacters, styleText } from "node:util";

/** Characters that control a terminal or the direction of text. Joiners stay: some scripts and emoji need them. */
const CONTROLS = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

export type Terminal = Readonly<ReturnType<typeof terminalOf>>;

/** `NO_COLOR` (https://no-color.org) and terminals that cannot show it switch colour off. */
export function terminalOf(process: NodeJS.Process) {
  const { stdin, stdout, stderr, env } = process;
  const colour = stdout.isTTY === true && stderr.isTTY === true && !env.NO_COLOR && env.TERM !== "dumb";
  let broken: string | undefined;
  // The work continues even where its output is lost: it may be paid for.
  stdout.on("error", ({ code, message }: NodeJS.ErrnoException) => {
    // The reader may have read enough (`| head`), or the terminal is gone.
    if (code === "EPIPE" || code === "EIO" || broken !== undefined) return;
    broken = code ?? message;
    stderr.write(`magnific: stdout could not be written (${broken}); the work continues.\n`);
  });
  stderr.on("error", () => {});
  return {
    /** A line of the command's result. */
    out: (line: string) => void stdout.write(`${line}\n`),
    /** A remark for the person who watches. */
    say: (line: string) => void stderr.write(`${line}\n`),
    /** Draws on the terminal as it is, control sequences included. */
    redraw: (text: string) => void stderr.write(text),
    json: (object: object) => void stdout.write(`${JSON.stringify(object).replace(CONTROLS, escaped)}\n`),
    /** Whether stderr is a terminal, so that lines may be redrawn. */
    live: stderr.isTTY === true && env.TERM !== "dumb",
    /** Whether there is somebody to ask. */
    asks: stdin.isTTY === true && stderr.isTTY === true,
    get columns() {
      return stderr.columns || 80;
    },
    get rows() {
      return stderr.rows || 24;
    },
    /** Why stdout cannot be written any more, unless its reader has just stopped reading. */
    get broken() {
      return broken;
    },
    paint: (style: "green" | "red" | "yellow" | "dim" | "bold", text: string) =>
      colour ? styleText(style, text, { validateStream: false }) : text,
  };
}

/** Text of others, such as a file's name, so that it can neither colour, nor move the cursor, nor reorder a line. */
export function plain(text: string): string {
  return stripVTControlCharacters(text).replace(CONTROLS, "?");
}

/** As JSON writes it where it must be ASCII. */
function escaped(character: string): string {
  const units = character.split("");
  return units.map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
}

/** A number of things, e.g. "1 file", "2 files". */
export function countText(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? "" : "s"}`;
}

/** Those of the counts that are not zero, each with what it counts. */
export function countsText(counts: Readonly<Record<string, number>>): string[] {
  return Object.entries(counts).flatMap(([what, count]) => (count > 0 ? `${count} ${what}` : []));
}

export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const [unit, size] = bytes < 1e6 ? ["kB", 1e3] : bytes < 1e9 ? ["MB", 1e6] : ["GB", 1e9];
  const value = bytes / size;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}

export function durationText(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Columns that a text takes at most: terminals differ about what is wide, and too much room does no harm. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const letter of text) {
    const code = letter.codePointAt(0) ?? 0;
    // Dashes, quotation marks and the ellipsis are in the range of wide characters, and are not wide.
    columns += code < 0x1100 || (code >= 0x2010 && code <= 0x2027) ? 1 : 2;
  }
  return columns;
}

/** The text, without its end (or its start) where there is no room for it. Of a path, the end says most. */
export function truncate(text: string, columns: number, keep: "start" | "end"): string {
  if (columnsOf(text) <= columns) return text;
  const letters = keep === "start" ? [...text] : [...text].reverse();
  let left = columns - 1;
  const fitting = letters.findIndex((letter) => {
    left -= columnsOf(letter);
    return left < 0;
  });
  const kept = letters.slice(0, fitting);
  return keep === "start" ? `${kept.join("")}…` : `…${kept.reverse().join("")}`;
}
