import { expect, it } from "vitest";
import type { BatchEvent } from "../../../batch/options.js";
import { UnderWay } from "../under-way.js";

const task = "t";

it.each<[BatchEvent, string]>([
  [{ type: "started", path: "a" }, "reading"],
  [{ type: "sending", path: "a" }, "sending"],
  [{ type: "task", path: "a", task, resumed: false }, "sent"],
  [{ type: "task", path: "a", task, resumed: true }, "resumed"],
  [{ type: "status", path: "a", task, status: "IN_PROGRESS_NOW" }, "in progress now"],
  [{ type: "status", path: "a", task, status: "\x1b[31mODD\n" }, "odd?"],
  [{ type: "saving", path: "a", task }, "saving"],
])("a file that is %j is told as %s", (event, doing) => {
  const underWay = new UnderWay(1, () => 0);
  underWay.take(event);
  expect(underWay.lines(80, 24)).toEqual([`  a  ${doing}  0 s`, "0 of 1 done, 1 in progress"]);
});

it("a file's time counts from its begin, and ends with it", () => {
  let now = 1000;
  const underWay = new UnderWay(3, () => now);
  underWay.take({ type: "started", path: "a" });
  now = 3000;
  underWay.take({ type: "sending", path: "a" });
  underWay.take({ type: "started", path: "\x1b[31mb\n" });
  now = 61_000;
  expect(underWay.lines(80, 24)).toEqual([
    "  a  sending  1 min 0 s",
    "  b?  reading  58 s",
    "0 of 3 done, 2 in progress",
  ]);
  expect(underWay.done({ outcome: "stopped", path: "a" })).toBe(60_000);
  expect(underWay.lines(80, 24)).toEqual([
    "  b?  reading  58 s",
    "0 of 3 done, 1 stopped, 1 in progress, 1.0 per minute, about 2 min 0 s left",
  ]);
  // One that was never in progress took no time.
  expect(underWay.done({ outcome: "skipped", path: "c", outputs: [] })).toBe(0);
  expect(underWay.lines(80, 24).at(-1)).toBe(
    "1 of 3 done, 1 stopped, 1 in progress, 1.0 per minute, about 1 min 0 s left",
  );
});

function linesOf(files: number, columns: number, rows: number): string[] {
  const underWay = new UnderWay(files, () => 0);
  for (let n = 1; n <= files; n++) underWay.take({ type: "started", path: `f${n}` });
  return underWay.lines(columns, rows);
}

it.each([
  [16, 24, 16, undefined],
  [17, 24, 15, 2],
  [40, 24, 15, 25],
  [4, 6, 4, undefined],
  [5, 6, 3, 2],
  [5, 4, 1, 4],
  [5, 3, 0, 5],
  [1, 3, 1, undefined],
  [1, 2, 0, undefined],
  [1, 1, 0, undefined],
])("of %i files in %i rows %s are listed, and %s counted", (files, rows, listed, more) => {
  const list = Array.from({ length: listed }, (_, n) => `  f${n + 1}  reading  0 s`);
  const rest = more === undefined ? [] : [`  and ${more} more`];
  expect(linesOf(files, 80, rows)).toEqual([...list, ...rest, `0 of ${files} done, ${files} in progress`]);
});

it("a long name loses its begin while there is room for eight letters of it, then its line the end", () => {
  const underWay = new UnderWay(1, () => 0);
  underWay.take({ type: "started", path: "photos/a-long-name.png" });
  expect(underWay.lines(39, 24)[0]).toBe("  photos/a-long-name.png  reading  0 s");
  expect(underWay.lines(38, 24)[0]).toBe("  …otos/a-long-name.png  reading  0 s");
  expect(underWay.lines(25, 24)[0]).toBe("  …ame.png  reading  0 s");
  expect(underWay.lines(24, 24)[0]).toBe("  photos/a-long-name.p…");
  expect(underWay.lines(1, 24)).toEqual(["…", "…"]);
  expect(linesOf(3, 8, 4).slice(-2)).toEqual(["  and …", "0 of 3…"]);
});
