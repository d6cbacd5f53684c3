import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { beginOf, columnsOf, endOf } from "../columns.js";
import type { Terminal } from "../terminal.js";
import { Live } from "../upscale/live.js";
import { UnderWay } from "../upscale/under-way.js";

const LONG = "photos/日本語のとても長いファイル名前写真日本語のとても長いファイル名前 😀😀😀.png";

it("text is cut to its room, at its end or at its beginning, and never wider than that", () => {
  expect(columnsOf("a…é")).toBe(3);
  expect(columnsOf("日😀")).toBe(4);
  expect(beginOf("abcdef", 4)).toBe("abc…");
  expect(endOf("abcdef", 4)).toBe("…def");
  expect(endOf("日本.png", 6)).toBe("….png");
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 1, max: 40 }), (text, room) => {
      for (const cut of [beginOf(text, room), endOf(text, room)]) {
        expect(columnsOf(cut)).toBeLessThanOrEqual(room);
        if (columnsOf(text) <= room) expect(cut).toBe(text);
      }
    }),
  );
});

function batchOf(paths: readonly string[]): UnderWay {
  const underWay = new UnderWay(paths.length, () => 0);
  for (const path of paths) underWay.take({ type: "status", path, task: "t", status: "IN_PROGRESS" });
  return underWay;
}

describe("what is under way", () => {
  it("keeps a file's state in sight, however long its name is", () => {
    const [line = ""] = batchOf([LONG]).lines(60, 24);
    expect(line).toMatch(/^ {2}….*\.png {2}in progress {2}0 s$/);
  });

  it.each([
    [80, 24],
    [60, 8],
    [30, 3],
    [9, 2],
    [1, 1],
  ])("fits a terminal of %i columns and %i rows", (columns, rows) => {
    const names = Array.from({ length: 40 }, (_, n) => `${LONG}${n}`);
    const lines = batchOf(names).lines(columns, rows);
    expect(lines.length).toBeLessThan(Math.max(2, rows));
    for (const line of lines) expect(columnsOf(line)).toBeLessThan(Math.max(2, columns));
    if (columns > 20 && rows > 3) expect(lines.at(-2)).toMatch(/^ {2}and \d+ more$/);
  });
});

it("lines are drawn over as many rows as they took, also when the terminal was made narrower", () => {
  const drawn: string[] = [];
  const screen = {
    columns: 40,
    rows: 24,
    redraw: (text: string) => drawn.push(text),
    paint: (_: string, text: string) => text,
  };
  const live = new Live(screen as unknown as Terminal, batchOf(["photos/a-long-name-of-a-file.png"]));
  live.paint();
  expect(drawn.pop()).not.toContain("\x1b");
  live.paint();
  expect(drawn.pop()?.startsWith("\r\x1b[2A\x1b[J")).toBe(true);
  screen.columns = 20;
  live.clear();
  expect(drawn.pop()).toBe("\r\x1b[4A\x1b[J");
  live.end();
  expect(drawn).toEqual([]);
});
