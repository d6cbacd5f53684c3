import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { shellOf } from "../../test/here.js";
import { type Interrupt, interruptOf } from "../interrupt.js";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

let before: readonly (readonly unknown[])[];
const own = (signal: (typeof SIGNALS)[number]) =>
  process.listeners(signal).filter((listener) => !before[SIGNALS.indexOf(signal)]?.includes(listener));
const listening = () => SIGNALS.filter((signal) => own(signal).length > 0);

const streams = ["stdin", "stdout", "stderr"] as const;
const set = streams.map((name) => Object.getOwnPropertyDescriptor(process[name], "isTTY"));

function terminalsOn(...names: readonly (typeof streams)[number][]): void {
  for (const name of streams)
    Object.defineProperty(process[name], "isTTY", { value: names.includes(name), configurable: true, writable: true });
}

beforeEach(() => {
  before = SIGNALS.map((signal) => process.listeners(signal));
  terminalsOn();
});
afterEach(() => {
  for (const signal of SIGNALS) for (const listener of own(signal)) process.off(signal, listener);
  for (const [index, name] of streams.entries()) {
    const own = set[index];
    if (own === undefined) Reflect.deleteProperty(process[name], "isTTY");
    else Object.defineProperty(process[name], "isTTY", own);
  }
  vi.restoreAllMocks();
});

function begun(): {
  interrupt: Interrupt;
  said: string[];
  send(signal: (typeof SIGNALS)[number]): void;
  aside: () => number;
} {
  const { shell, heard } = shellOf();
  let aside = 0;
  const interrupt = interruptOf(shell.terminal, (work) => {
    aside++;
    work();
  });
  return {
    interrupt,
    said: heard.said,
    aside: () => aside,
    send: (signal) => {
      for (const listener of own(signal)) (listener as () => void)();
    },
  };
}

const fates = ({ stop, hard }: Interrupt) => [stop.aborted, hard.aborted];

it("first stops what is not sent, then leaves what is under way, then ends with 130", () => {
  const exit = vi.spyOn(process, "exit").mockReturnValue(undefined as never);
  const { interrupt, said, send, aside } = begun();
  interrupt.event({ type: "started", path: "a" });
  interrupt.event({ type: "started", path: "b" });
  expect(fates(interrupt)).toEqual([false, false]);
  send("SIGINT");
  expect(fates(interrupt)).toEqual([true, false]);
  send("SIGTERM");
  expect(fates(interrupt)).toEqual([true, true]);
  expect(exit).not.toHaveBeenCalled();
  send("SIGINT");
  expect(exit.mock.calls).toEqual([[130]]);
  expect(said).toEqual([
    "Stopping: nothing more is sent, and 2 images under way are waited for. Ctrl-C again leaves them to the next run.",
    "Leaving 2 images under way: tasks go on at the provider, and the same command takes them up.",
  ]);
  expect(aside()).toBe(2);
});

it("a third one ends with 4 while sends are under way, and names them", () => {
  const exit = vi.spyOn(process, "exit").mockReturnValue(undefined as never);
  const { interrupt, said, send } = begun();
  for (const path of ["a\x1b[31m", "b", "c"]) {
    interrupt.event({ type: "started", path });
    interrupt.event({ type: "sending", path });
  }
  interrupt.event({ type: "task", path: "b", task: "t", resumed: false });
  interrupt.result({ outcome: "stopped", path: "c" });
  for (let times = 0; times < 3; times++) send("SIGINT");
  expect(exit.mock.calls).toEqual([[4]]);
  expect(said).toEqual([
    "Stopping: nothing more is sent, and 2 images under way are waited for. Ctrl-C again leaves them to the next run.",
    "Leaving 2 images under way: tasks go on at the provider, and the same command takes them up. Sends that have begun are still waited for; a third Ctrl-C leaves their outcome unknown.",
    "unknown a: it was being sent.",
  ]);
});

it("one image is spoken of as one", () => {
  const { interrupt, said, send } = begun();
  interrupt.event({ type: "started", path: "a" });
  interrupt.event({ type: "saving", path: "other", task: "t" });
  send("SIGINT");
  expect(said).toEqual([
    "Stopping: nothing more is sent, and 1 image under way is waited for. Ctrl-C again leaves it to the next run.",
  ]);
  interrupt.result({ outcome: "stopped", path: "a" });
  send("SIGINT");
  expect(said[1]).toMatch(/^Leaving 0 images under way/);
});

it("without a terminal SIGHUP stays as it is, so that nohup works", () => {
  const { interrupt } = begun();
  expect(listening()).toEqual(["SIGINT", "SIGTERM"]);
  interrupt.end();
  expect(listening()).toEqual([]);
});

it.each(streams)("a terminal on %s that is closed ends all at once, in silence", (name) => {
  terminalsOn(name);
  const { interrupt, said, send } = begun();
  expect(listening()).toEqual([...SIGNALS]);
  send("SIGHUP");
  expect(fates(interrupt)).toEqual([true, true]);
  expect(said).toEqual([]);
  interrupt.end();
  expect(listening()).toEqual([]);
});
