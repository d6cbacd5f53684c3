import { expect, it } from "vitest";
import { Pace } from "../pace.js";

const NONE = { done: 0, skipped: 0, failed: 0, unknown: 0, stopped: 0 };

function paceOf(total: number, worked: number, skipped = 0): Pace {
  const pace = new Pace(total, 1000);
  for (let n = 0; n < worked; n++) pace.count(false);
  for (let n = 0; n < skipped; n++) pace.count(true);
  return pace;
}

it("at the beginning only the total is known", () => {
  expect(paceOf(4, 0).text(1000, NONE, 0)).toBe("0 of 4 done");
  expect(paceOf(4, 0).text(61_000, NONE, 2)).toBe("0 of 4 done, 2 under way");
  // No time has passed, so there is no speed yet.
  expect(paceOf(4, 1).text(1000, { ...NONE, done: 1 }, 0)).toBe("1 of 4 done");
});

it("tells what became of files, finished ones of earlier runs among the done", () => {
  const counts = { done: 1, skipped: 2, failed: 3, unknown: 4, stopped: 5 };
  expect(paceOf(20, 0).text(1000, counts, 1)).toBe("3 of 20 done, 3 failed, 4 unknown, 5 stopped, 1 under way");
});

it("takes the speed from the files that were worked on, and the time left from it", () => {
  expect(paceOf(10, 4).text(121_000, { ...NONE, done: 4 }, 0)).toBe("4 of 10 done, 2.0 a minute, about 3 min 0 s left");
  expect(paceOf(10, 4, 2).text(121_000, { ...NONE, done: 4, skipped: 2 }, 0)).toBe(
    "6 of 10 done, 2.0 a minute, about 2 min 0 s left",
  );
  expect(paceOf(4, 0, 4).text(121_000, { ...NONE, skipped: 4 }, 0)).toBe("4 of 4 done");
  expect(paceOf(2, 2).text(61_000, { ...NONE, done: 2 }, 0)).toBe("2 of 2 done, 2.0 a minute");
  expect(paceOf(1, 3).text(61_000, { ...NONE, done: 3 }, 0)).toBe("3 of 1 done, 3.0 a minute");
});

it("gives high speeds without a fraction", () => {
  expect(paceOf(10, 10).text(61_000, { ...NONE, done: 10 }, 0)).toBe("10 of 10 done, 10 a minute");
  expect(paceOf(10, 9).text(55_000, { ...NONE, done: 9 }, 0)).toBe("9 of 10 done, 10 a minute, about 6 s left");
  expect(paceOf(20, 19).text(121_000, { ...NONE, done: 19 }, 0)).toBe("19 of 20 done, 9.5 a minute, about 6 s left");
});
