import { expect, it } from "vitest";
import { ManualTime } from "../index.js";

it("ManualTime begins with the year 2026, has a constant for chance, and runs timers in their order, each at its time", () => {
  const time = new ManualTime();
  expect([time.now(), time.random()]).toEqual([Date.parse("2026-01-01T00:00:00Z"), 0.5]);
  const calls: [string, number][] = [];
  const note = (name: string) => () => calls.push([name, time.now() - Date.UTC(2026, 0, 1)]);
  time.after(30, note("late"));
  time.after(10, () => {
    note("early")();
    time.after(5, note("nested"));
  });
  time.after(10, note("dropped"))();
  time.after(-5, note("overdue"));
  time.advance(0);
  time.advance(20);
  expect(calls).toEqual([
    ["overdue", 0],
    ["early", 10],
    ["nested", 15],
  ]);
  expect([time.now() - Date.UTC(2026, 0, 1), time.pending]).toEqual([20, 1]);
  time.advance(10);
  expect([calls.at(-1), time.pending]).toEqual([["late", 30], 0]);
});
