import { expect, it } from "vitest";
import { ManualClock } from "./clock.js";

it("calls back in the order of time, with the time at which each fell due", () => {
  const clock = new ManualClock(1000);
  const calls: [string, number][] = [];
  const note = (name: string) => () => calls.push([name, clock.now()]);
  clock.setTimeout(note("late"), 30);
  clock.setTimeout(() => {
    note("early")();
    clock.setTimeout(note("nested"), 5);
  }, 10);
  const dropped = clock.setTimeout(note("dropped"), 10);
  clock.clearTimeout(dropped);
  clock.advance(20);
  expect(calls).toEqual([
    ["early", 1010],
    ["nested", 1015],
  ]);
  expect(clock.now()).toBe(1020);
  expect(clock.pending).toBe(1);
});
