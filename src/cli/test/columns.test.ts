import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { columnsOf, truncateEnd, truncateStart } from "../columns.js";
import { UnderWay } from "../upscale/under-way.js";

const LONG = "photos/日本語のとても長いファイル名前写真日本語のとても長いファイル名前 😀😀😀.png";

it.each([
  ["", 0],
  ["abc", 3],
  ["é", 1],
  ["\u10ff", 1],
  ["\u1100", 2],
  ["\u200f", 2],
  ["\u2010", 1],
  ["\u2013\u2026", 2],
  ["\u2027", 1],
  ["\u2028", 2],
  ["日本", 4],
  ["😀", 2],
])("%j takes %i columns", (text, columns) => {
  expect(columnsOf(text)).toBe(columns);
});

it.each([
  ["abcd", 4, "abcd", "abcd"],
  ["abcde", 4, "abc…", "…cde"],
  ["日本語", 6, "日本語", "日本語"],
  ["日本語", 5, "日本…", "…本語"],
  ["日本語", 4, "日…", "…語"],
  ["😀😀", 3, "😀…", "…😀"],
  ["abc", 1, "…", "…"],
  ["日a", 2, "…", "…a"],
])("%s in %i columns is %s without its end and %s without its start", (text, columns, end, start) => {
  expect([truncateEnd(text, columns), truncateStart(text, columns)]).toEqual([end, start]);
});

it("text never takes more room than there is", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 1, max: 40 }), (text, room) => {
      for (const cut of [truncateEnd(text, room), truncateStart(text, room)]) {
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

describe("what is in progress", () => {
  it("keeps a file's state in sight, however long its name is", () => {
    const [line = ""] = batchOf([LONG]).lines(60, 24);
    expect(line).toMatch(/^ {2}….*\.png {2}in progress {2}0 s$/);
  });

  it.each([
    [80, 24],
    [80, 6],
    [60, 8],
    [30, 3],
    [9, 2],
    [1, 1],
  ])("fits a terminal of %i columns and %i rows", (columns, rows) => {
    const names = Array.from({ length: 40 }, (_, n) => `${LONG}${n}`);
    const lines = batchOf(names).lines(columns, rows);
    expect(lines.length).toBeLessThan(Math.max(2, rows));
    for (const line of lines) expect(columnsOf(line)).toBeLessThan(Math.max(2, columns));
    const listed = Math.min(15, rows - 3);
    if (columns > 20 && rows > 3) expect(lines.at(-2)).toBe(`  and ${40 - listed} more`);
  });
});
