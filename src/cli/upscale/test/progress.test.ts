import { join } from "node:path";
import { expect, it, vi } from "vitest";
import type { BatchResult } from "../../../batch/options.js";
import { ServerError } from "../../../errors/api-error.js";
import { type Heard, shellOf } from "../../test/here.js";
import { nearPath, type Progress, progressOf } from "../progress.js";

const error = new ServerError("It \x1b[31mwent\nwrong.", { status: 500 });
const task = "\x1b[31mt";
const results: readonly BatchResult[] = [
  {
    outcome: "done",
    path: "a\n",
    task: "t1",
    outputs: ["/out/a.png", join(process.cwd(), "b\n.png")],
    bytes: 1200,
    paid: true,
  },
  { outcome: "skipped", path: "b\n", task: "t2", outputs: [] },
  { outcome: "stopped", path: "c\n", task },
  { outcome: "failed", path: "d\n", task, error },
  { outcome: "failed", path: "e", error },
  { outcome: "unknown", path: "f\n", error },
];

function told(options: { json?: boolean; quiet?: boolean; live?: boolean } = {}): { heard: Heard; progress: Progress } {
  const { json = false, quiet = false, live = false } = options;
  const { shell, heard } = shellOf({ terminal: { live } });
  let now = 0;
  const progress = progressOf({ terminal: shell.terminal, total: 6, json, quiet, now: () => now });
  progress.event({ type: "started", path: "a\n" });
  progress.event({ type: "task", path: "a\n", task: "t1", resumed: false });
  now = 2000;
  for (const result of results) progress.result(result);
  return { heard, progress };
}

it("what became of each file is a line, in which nothing of others can move the cursor", () => {
  const { heard, progress } = told();
  expect(heard).toMatchObject({ json: [], said: [], drawn: [] });
  expect(heard.out).toEqual([
    "green(done   ) a? -> /out/a.png, b?.png  dim(1.2 kB, 2 s)",
    "dim(skipped) b?  dim(finished earlier)",
    "yellow(stopped) c?dim(  task t)",
    "red(failed ) d?: It went wrong.dim(  task t)",
    "red(failed ) e: It went wrong.",
    "yellow(unknown) f?: It went wrong.",
  ]);
  progress.end();
});

it("with --quiet only what failed or is unknown is told", () => {
  const { heard } = told({ quiet: true, live: true });
  expect(heard.out.map((line) => line.replace(/\).*/, ""))).toEqual(["red(failed ", "red(failed ", "yellow(unknown"]);
  expect(heard.drawn).toEqual([]);
});

it("with --json all is told as objects, quiet or not", () => {
  const facts = { code: "server_error", message: "It \x1b[31mwent wrong.", status: 500 };
  const expected = [
    { event: "task", path: "a\n", task: "t1", resumed: false },
    {
      event: "result",
      outcome: "done",
      path: "a\n",
      task: "t1",
      outputs: ["/out/a.png", join(process.cwd(), "b\n.png")],
      bytes: 1200,
      paid: true,
    },
    { event: "result", outcome: "skipped", path: "b\n", task: "t2", outputs: [] },
    { event: "result", outcome: "stopped", path: "c\n", task },
    { event: "result", outcome: "failed", path: "d\n", task, error: facts },
    { event: "result", outcome: "failed", path: "e", error: facts },
    { event: "result", outcome: "unknown", path: "f\n", error: facts },
  ];
  for (const quiet of [false, true]) {
    const { heard } = told({ json: true, quiet, live: true });
    expect(heard).toMatchObject({ out: [], drawn: [] });
    expect(heard.json).toEqual(expected);
  }
});

it("on a terminal changing lines give way to what stays, and show what happens", () => {
  vi.useFakeTimers();
  try {
    const order: string[] = [];
    const { shell } = shellOf({
      terminal: {
        live: true,
        redraw: (text) => void order.push(text === "\r\x1b[2A\x1b[J" ? "away" : text),
        out: (line) => void order.push(line),
        say: (line) => void order.push(line),
      },
    });
    const progress = progressOf({ terminal: shell.terminal, total: 1, json: false, quiet: false });
    progress.event({ type: "sending", path: "e" });
    vi.advanceTimersByTime(100);
    progress.aside(() => shell.terminal.say("aside"));
    vi.advanceTimersByTime(100);
    progress.event({ type: "saving", path: "e", task: "t" });
    vi.advanceTimersByTime(100);
    progress.result({ outcome: "failed", path: "e", error });
    vi.advanceTimersByTime(100);
    progress.end();
    vi.advanceTimersByTime(10_000);
    expect(order).toEqual([
      "dim(  e  sending  0 s)\nbold(0 of 1 done, 1 in progress)\n",
      "away",
      "aside",
      "dim(  e  sending  0 s)\nbold(0 of 1 done, 1 in progress)\n",
      "\r\x1b[2A\x1b[Jdim(  e  saving  0 s)\nbold(0 of 1 done, 1 in progress)\n",
      "away",
      "red(failed ) e: It went wrong.",
      expect.stringMatching(/^bold\(0 of 1 done, 1 failed, [\d.]+ per minute\)\n$/),
      "\r\x1b[1A\x1b[J",
    ]);
  } finally {
    vi.useRealTimers();
  }
});

it("a change is drawn at once, also of a file that was skipped in silence", () => {
  vi.useFakeTimers();
  try {
    const { shell, heard } = shellOf({ terminal: { live: true } });
    const progress = progressOf({ terminal: shell.terminal, total: 1, json: false, quiet: false });
    vi.advanceTimersByTime(100);
    progress.aside(() => {});
    expect(heard.drawn).toEqual(["bold(0 of 1 done)\n", "\r\x1b[1A\x1b[J"]);
    progress.end();
  } finally {
    vi.useRealTimers();
  }
});

it.each([
  [join(process.cwd(), "a/b.png"), "a/b.png"],
  [join(process.cwd(), "..b/c.png"), "..b/c.png"],
  [process.cwd(), process.cwd()],
  [join(process.cwd(), "../b.png"), join(process.cwd(), "../b.png")],
  ["/", "/"],
])("%s is told as %s", (path, near) => {
  expect(nearPath(path)).toBe(near);
});
