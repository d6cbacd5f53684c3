import { expect, it } from "vitest";
import { ManualTime } from "./manual-time.js";

it("calls back in the order of time, with the time at which each fell due", () => {
  const time = new ManualTime(1000);
  const calls: [string, number][] = [];
  const note = (name: string) => () => calls.push([name, time.now()]);
  time.after(30, note("late"));
  time.after(10, () => {
    note("early")();
    time.after(5, note("nested"));
  });
  const takeBack = time.after(10, note("dropped"));
  takeBack();
  time.advance(20);
  expect(calls).toEqual([
    ["early", 1010],
    ["nested", 1015],
  ]);
  expect(time.now()).toBe(1020);
  expect(time.pending).toBe(1);
});
