import { EventEmitter } from "node:events";
import { describe, expect, it } from "vitest";
import { bytesText, countText, durationText, plain, type Terminal, terminalOf } from "../terminal.js";

interface Screen {
  readonly terminal: Terminal;
  readonly out: string[];
  readonly err: string[];
  readonly stdout: EventEmitter;
  readonly stderr: EventEmitter & { columns?: number; rows?: number };
}

interface Watched {
  readonly stdin?: boolean;
  readonly stdout?: boolean;
  readonly stderr?: boolean;
}

function screenOf(
  { stdin = true, stdout = true, stderr = true }: Watched = {},
  env: Record<string, string> = {},
): Screen {
  const streamOf = (isTTY: boolean, into: string[]) =>
    Object.assign(new EventEmitter(), { isTTY, write: (text: string) => into.push(text) });
  const [out, err]: [string[], string[]] = [[], []];
  const streams = { stdin: { isTTY: stdin }, stdout: streamOf(stdout, out), stderr: streamOf(stderr, err) };
  return { ...streams, terminal: terminalOf({ ...streams, env } as unknown as NodeJS.Process), out, err };
}

describe("a terminal", () => {
  it("has results on stdout, and all else on stderr", () => {
    const { terminal, out, err } = screenOf();
    terminal.out("a");
    terminal.json({ b: 1 });
    terminal.say("c");
    terminal.redraw("d");
    expect({ out, err }).toEqual({ out: ["a\n", '{"b":1}\n'], err: ["c\n", "d"] });
  });

  it.each<[Watched, Record<string, string>, { colour: boolean; live: boolean; asks: boolean }]>([
    [{}, {}, { colour: true, live: true, asks: true }],
    [{ stdin: false }, {}, { colour: true, live: true, asks: false }],
    [{ stdout: false }, {}, { colour: false, live: true, asks: true }],
    [{ stderr: false }, {}, { colour: false, live: false, asks: false }],
    [{}, { NO_COLOR: "1" }, { colour: false, live: true, asks: true }],
    [{}, { NO_COLOR: "" }, { colour: true, live: true, asks: true }],
    [{}, { TERM: "dumb" }, { colour: false, live: false, asks: true }],
    [{}, { TERM: "xterm" }, { colour: true, live: true, asks: true }],
  ])("watched by %j with %j is %j", (watched, env, { colour, live, asks }) => {
    const { terminal } = screenOf(watched, env);
    expect({ live: terminal.live, asks: terminal.asks }).toEqual({ live, asks });
    expect(terminal.paint("red", "text")).toBe(colour ? "\x1b[31mtext\x1b[39m" : "text");
  });

  it("has a colour for each style, which ends with the text", () => {
    const { paint } = screenOf().terminal;
    const painted = (["green", "red", "yellow", "dim", "bold"] as const).map((style) => paint(style, "-"));
    expect(painted).toEqual([
      "\x1b[32m-\x1b[39m",
      "\x1b[31m-\x1b[39m",
      "\x1b[33m-\x1b[39m",
      "\x1b[2m-\x1b[22m",
      "\x1b[1m-\x1b[22m",
    ]);
  });

  it("has the size that it has now, or the usual one", () => {
    const { terminal, stderr } = screenOf();
    expect([terminal.columns, terminal.rows]).toEqual([80, 24]);
    Object.assign(stderr, { columns: 100, rows: 50 });
    expect([terminal.columns, terminal.rows]).toEqual([100, 50]);
  });

  it("reports once what keeps stdout from being written, and continues", () => {
    const { terminal, stdout, stderr, err } = screenOf();
    for (const code of ["EPIPE", "EIO"]) stdout.emit("error", Object.assign(new Error("gone"), { code }));
    expect({ broken: terminal.broken, err }).toEqual({ broken: undefined, err: [] });
    stderr.emit("error", new Error("gone too"));
    for (const code of ["ENOSPC", "EBADF"]) stdout.emit("error", Object.assign(new Error("no room"), { code }));
    expect(terminal.broken).toBe("ENOSPC");
    expect(err).toEqual(["magnific: stdout could not be written (ENOSPC); the work continues.\n"]);
  });

  it("tells an error without a code by its message", () => {
    const { terminal, stdout } = screenOf();
    stdout.emit("error", new Error("torn off"));
    expect(terminal.broken).toBe("torn off");
  });
});

it("text of others neither colours nor moves the cursor", () => {
  expect(plain("\x1b[31mred\x1b[39m\n\t\x00\x1f\x7f\x80\x9f é~ ")).toBe("red??????? é~ ");
});

it("numbers of things, bytes and times are written for people", () => {
  expect([0, 1, 2].map((count) => countText(count, "file"))).toEqual(["0 files", "1 file", "2 files"]);
  const bytes = { 0: "0 B", 999: "999 B", 1000: "1.0 kB", 1234: "1.2 kB", 9949: "9.9 kB", 10500: "11 kB" };
  const more = { 999000: "999 kB", 1e6: "1.0 MB", 25e6: "25 MB", 1e9: "1.0 GB", 25e11: "2500 GB" };
  for (const [count, text] of Object.entries({ ...bytes, ...more })) expect(bytesText(Number(count))).toBe(text);
  const short = { 0: "0 s", 499: "0 s", 500: "1 s", 59400: "59 s", 60000: "1 min 0 s", 61000: "1 min 1 s" };
  const long = { 3599000: "59 min 59 s", 3600000: "1 h 0 min", 7380000: "2 h 3 min" };
  for (const [time, text] of Object.entries({ ...short, ...long })) expect(durationText(Number(time))).toBe(text);
});
