import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { BatchEvent, BatchResult } from "../../../batch/options.js";
import { ServerError } from "../../../errors/api-error.js";
import { columnsOf, truncate } from "../../terminal.js";
import { shellOf } from "../../test/here.js";
import { nearPath, progressOf } from "../progress.js";
import { UnderWay } from "../under-way.js";

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
});
afterEach(() => {
  vi.useRealTimers();
});

const task = "\x1b[31mt";
const error = new ServerError("It \x1b[31mwent\nwrong.", { status: 500 });

function progress({ total = 1, json = false, quiet = false, live = true, columns = 80, rows = 24 } = {}) {
  const { shell, heard } = shellOf({ terminal: { live, columns, rows } });
  shell.json = json;
  return { ...heard, ...progressOf(shell, new UnderWay(total), quiet), terminal: shell.terminal };
}

/** The lines on the terminal after the next drawing, without their styles. */
function lines({ drawn }: { readonly drawn: string[] }): string[] {
  vi.advanceTimersByTime(100);
  return [...(drawn.at(-1) ?? "").matchAll(/^.*?(?:dim|bold)\((.*)\)$/gm)].map(([, line = ""]) => line);
}

function told(options: Parameters<typeof progress>[0]) {
  const shown = progress({ total: 6, ...options });
  const outputs = ["/out/a.png", join(process.cwd(), "b\n.png")];
  const results: BatchResult[] = [
    { outcome: "done", path: "a\n", task: "t1", outputs, bytes: 1200, paid: true },
    { outcome: "skipped", path: "b\n", task: "t2", outputs: [] },
    { outcome: "stopped", path: "c\n", task },
    { outcome: "failed", path: "d\n", task, error },
    { outcome: "failed", path: "e", error },
    { outcome: "unknown", path: "f\n", error },
  ];
  shown.event({ type: "started", path: "a\n" });
  shown.event({ type: "task", path: "a\n", task: "t1", resumed: false });
  vi.setSystemTime(2000);
  for (const result of results) shown.result(result);
  shown.end();
  return { ...shown, results };
}

it("what became of each file is a line, in which no text of others can move the cursor", () => {
  const { out, json, said, drawn } = told({ live: false });
  expect({ json, said, drawn }).toEqual({ json: [], said: [], drawn: [] });
  expect(out).toEqual([
    "green(done   ) a? -> /out/a.png, b?.png  dim(1.2 kB, 2 s)",
    "dim(skipped) b?  dim(finished earlier)",
    "yellow(stopped) c?dim(  task t)",
    "red(failed ) d?: It went wrong.dim(  task t)",
    "red(failed ) e: It went wrong.",
    "yellow(unknown) f?: It went wrong.",
  ]);
});

it("with --quiet only failures and unknown outcomes are printed", () => {
  const { out, drawn } = told({ quiet: true });
  expect(out.map((line) => line.replace(/\).*/, ""))).toEqual(["red(failed ", "red(failed ", "yellow(unknown"]);
  expect(drawn).toEqual([]);
});

it.each([false, true])("with --json everything is an object (with --quiet: %s)", (quiet) => {
  const { json, out, drawn, results } = told({ json: true, quiet });
  expect({ out, drawn }).toEqual({ out: [], drawn: [] });
  const facts = { code: "server_error", message: "It \x1b[31mwent wrong.", status: 500 };
  expect(json).toEqual([
    { event: "task", path: "a\n", task: "t1", resumed: false },
    ...results.map((result) => ({ event: "result", ...result, ...("error" in result ? { error: facts } : {}) })),
  ]);
});

it.each<[BatchEvent, string]>([
  [{ type: "started", path: "a" }, "reading"],
  [{ type: "sending", path: "a" }, "sending"],
  [{ type: "task", path: "a", task, resumed: false }, "sent"],
  [{ type: "task", path: "a", task, resumed: true }, "resumed"],
  [{ type: "status", path: "a", task, status: "IN_PROGRESS_NOW" }, "in progress now"],
  [{ type: "status", path: "a", task, status: "\x1b[31mODD\n" }, "odd?"],
  [{ type: "saving", path: "a", task }, "saving"],
])("on a terminal a file that is %j is shown as %s", (event, doing) => {
  const shown = progress();
  shown.event(event);
  expect(lines(shown)).toEqual([`  a  ${doing}  0 s`, "0 of 1 done, 1 in progress"]);
});

it("a file's time counts from its start, and the total line shows the pace", () => {
  const shown = progress({ total: 3 });
  shown.event({ type: "started", path: "a" });
  vi.advanceTimersByTime(2000);
  shown.event({ type: "started", path: "\x1b[31mb\n" });
  vi.advanceTimersByTime(57_900);
  shown.event({ type: "sending", path: "a" });
  expect(lines(shown)).toEqual(["  a  sending  1 min 0 s", "  b?  reading  58 s", "0 of 3 done, 2 in progress"]);
  shown.result({ outcome: "stopped", path: "a" });
  const rest = "1 stopped, 1 in progress, 1.0 per minute, about";
  expect(lines(shown)).toEqual(["  b?  reading  58 s", `0 of 3 done, ${rest} 2 min 0 s left`]);
  shown.result({ outcome: "skipped", path: "c", outputs: [] });
  expect(lines(shown).at(-1)).toBe(`1 of 3 done, ${rest} 1 min 0 s left`);
});

it("lines that change give way to those that stay, are drawn soon after a change and once a second without one", () => {
  const { terminal, event, say, end, result, drawn, out, said } = progress();
  const away = (rows: number): string => `\r\x1b[${rows}A\x1b[J`;
  const of = (doing: string, seconds = 0): string =>
    `dim(  e  ${doing}  ${seconds} s)\nbold(0 of 1 done, 1 in progress)\n`;
  event({ type: "sending", path: "e" });
  vi.advanceTimersByTime(99);
  expect(drawn).toEqual([]);
  vi.advanceTimersByTime(1);
  say("aside");
  expect(drawn).toEqual([of("sending"), away(2)]);
  vi.advanceTimersByTime(100);
  event({ type: "saving", path: "e", task: "t" });
  vi.advanceTimersByTime(100);
  expect(drawn.slice(2)).toEqual([of("sending"), `${away(2)}${of("saving")}`]);
  vi.advanceTimersByTime(900);
  expect(drawn).toHaveLength(4);
  vi.advanceTimersByTime(100);
  expect(drawn.slice(4)).toEqual([`${away(2)}${of("saving", 1)}`]);
  result({ outcome: "failed", path: "e", error });
  vi.advanceTimersByTime(100);
  // A terminal that was made narrower has wrapped the line; one that it just fits is a row.
  const [, total = ""] = /bold\((.*)\)/.exec(drawn.at(-1) ?? "") ?? [];
  expect(total).toMatch(/^0 of 1 done, 1 failed, \d+ per minute$/);
  for (const [columns, rows] of [
    [total.length, 1],
    [total.length - 1, 2],
  ] as const) {
    Object.assign(terminal, { columns });
    say("more");
    expect(drawn.at(-1)).toBe(away(rows));
    Object.assign(terminal, { columns: 80 });
    vi.advanceTimersByTime(100);
  }
  end();
  expect(drawn.at(-1)).toBe(away(1));
  const count = drawn.length;
  vi.advanceTimersByTime(10_000);
  expect([drawn.length, vi.getTimerCount()]).toEqual([count, 0]);
  expect([out, said]).toEqual([["red(failed ) e: It went wrong."], ["aside", "more", "more"]]);
});

it.each([
  [join(process.cwd(), "a/b.png"), "a/b.png"],
  [join(process.cwd(), "..b/c.png"), "..b/c.png"],
  [process.cwd(), process.cwd()],
  [join(process.cwd(), "../b.png"), join(process.cwd(), "../b.png")],
  ["/", "/"],
])("%s is shown as %s", (path, near) => {
  expect(nearPath(path)).toBe(near);
});

it.each([
  [80, 24],
  [80, 6],
  [60, 8],
  [30, 3],
  [9, 2],
  [1, 1],
])("files in progress with long names fit a terminal of %i columns and %i rows", (columns, rows) => {
  const long = "photos/日本語のとても長いファイル名前写真日本語のとても長いファイル名前 😀😀😀.png";
  const shown = progress({ total: 40, columns, rows });
  for (let n = 0; n < 40; n++) shown.event({ type: "status", path: `${n}${long}`, task: "t", status: "IN_PROGRESS" });
  const drawn = lines(shown);
  expect(drawn.length).toBeLessThan(Math.max(2, rows));
  for (const line of drawn) expect(columnsOf(line)).toBeLessThan(Math.max(2, columns));
  if (columns <= 20 || rows <= 3) return;
  expect(drawn.at(-2)).toBe(`  and ${40 - Math.min(15, rows - 3)} more`);
  expect(drawn[0]).toMatch(/^ {2}.*\.png {2}in progress {2}0 s$/);
});

it.each([
  ["", 0],
  ["é\u10ff", 2],
  ["\u1100", 2],
  ["\u200f", 2],
  ["\u2010\u2013\u2026\u2027", 4],
  ["\u2028", 2],
  ["日本😀", 6],
])("%j takes %i columns", (text, columns) => {
  expect(columnsOf(text)).toBe(columns);
});

it.each([
  ["abcd", 4, "abcd", "abcd"],
  ["abcde", 4, "abc…", "…cde"],
  ["日本語", 5, "日本…", "…本語"],
  ["日本語", 4, "日…", "…語"],
  ["😀😀", 3, "😀…", "…😀"],
  ["abc", 1, "…", "…"],
])("%s in %i columns is %s without its end and %s without its start", (text, columns, start, end) => {
  expect([truncate(text, columns, "start"), truncate(text, columns, "end")]).toEqual([start, end]);
});

it("a truncated text never takes more room than there is", () => {
  const keep = fc.constantFrom("start" as const, "end" as const);
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 1, max: 40 }), keep, (text, room, keep) => {
      const cut = truncate(text, room, keep);
      expect(columnsOf(cut)).toBeLessThanOrEqual(room);
      if (columnsOf(text) <= room) expect(cut).toBe(text);
    }),
  );
});
