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
