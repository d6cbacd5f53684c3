import { expect, it } from "vitest";
import { ManualTime } from "../index.js";

it("ManualTime runs timers in their order, each at its own time", () => {
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

it("ManualTime begins with the year 2026, has a constant for chance, and runs what is overdue at once", () => {
  const time = new ManualTime();
  expect([time.now(), time.random()]).toEqual([Date.parse("2026-01-01T00:00:00Z"), 0.5]);
  const calls: string[] = [];
  time.after(-5, () => calls.push(`overdue ${time.now() - Date.UTC(2026, 0, 1)}`));
  time.after(0, () => calls.push("now"));
  time.after(1, () => calls.push("soon"));
  time.advance(0);
  expect([calls, time.pending]).toEqual([["overdue 0", "now"], 1]);
  time.advance(1);
  expect([calls.at(-1), time.pending]).toEqual(["soon", 0]);
});
