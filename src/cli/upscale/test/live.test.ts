import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { shellOf } from "../../test/here.js";
import { Live } from "../live.js";
import { UnderWay } from "../under-way.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function liveOf(terminal: { columns?: number; rows?: number } = {}) {
  const size = { columns: 80, rows: 24, ...terminal };
  const { shell, heard } = shellOf({ terminal: size });
  const underWay = new UnderWay(2, () => Date.now());
  underWay.take({ type: "started", path: "a" });
  return { live: new Live(shell.terminal, underWay), drawn: heard.drawn, underWay, terminal: shell.terminal };
}

const FIRST = "dim(  a  reading  0 s)\nbold(0 of 2 done, 1 in progress)\n";

it("is drawn soon after a change, and once a second without one", () => {
  const { live, drawn } = liveOf();
  vi.advanceTimersByTime(99);
  expect(drawn).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(drawn).toEqual([FIRST]);
  vi.advanceTimersByTime(900);
  expect(drawn).toHaveLength(1);
  vi.advanceTimersByTime(100);
  expect(drawn).toHaveLength(2);
  expect(drawn[1]).toBe("\r\x1b[2A\x1b[Jdim(  a  reading  1 s)\nbold(0 of 2 done, 1 in progress)\n");
  live.changed();
  vi.advanceTimersByTime(100);
  expect(drawn).toHaveLength(3);
  live.end();
});

it("goes over as many rows as it took, on a terminal made narrower too", () => {
  const { live, drawn, terminal } = liveOf();
  live.paint();
  Object.assign(terminal, { columns: 10 });
  live.clear();
  expect(drawn).toEqual([FIRST, "\r\x1b[5A\x1b[J"]);
  live.clear();
  expect(drawn).toHaveLength(2);
  live.end();
});

it("counts a line that fills the terminal's width as one row, and one of nothing too", () => {
  const { live, drawn, terminal } = liveOf();
  live.paint();
  Object.assign(terminal, { columns: "0 of 2 done, 1 in progress".length });
  live.clear();
  expect(drawn[1]).toBe("\r\x1b[2A\x1b[J");
  live.end();
});

it("after it was taken away is drawn again below, by itself", () => {
  const { live, drawn } = liveOf();
  live.paint();
  live.clear();
  vi.advanceTimersByTime(100);
  expect(drawn).toEqual([FIRST, "\r\x1b[2A\x1b[J", FIRST]);
  live.end();
});

it("leaves nothing behind at its end, and draws no more", () => {
  const { live, drawn } = liveOf();
  live.paint();
  live.end();
  live.changed();
  vi.advanceTimersByTime(5000);
  expect(drawn).toEqual([FIRST, "\r\x1b[2A\x1b[J"]);
  expect(vi.getTimerCount()).toBe(0);
});

it("keeps no process alive", () => {
  vi.useRealTimers();
  const unref = vi.spyOn(Object.getPrototypeOf(setTimeout(() => {}, 0)), "unref");
  const { live } = liveOf();
  expect(unref).toHaveBeenCalledOnce();
  live.end();
  unref.mockRestore();
});
