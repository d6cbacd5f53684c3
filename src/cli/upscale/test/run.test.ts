import { PassThrough } from "node:stream";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { SandboxOptions } from "../../../sandbox/index.js";
import { type CallOptions, type Heard, type Here, hereOf, run, withStdin } from "../../test/here.js";

let here: Here;
beforeEach(async () => {
  here = await hereOf();
});
afterEach(() => here[Symbol.asyncDispose]());

const FAST = ["--poll", "0.01", "--rate", "none", "--retry", "0"];

/** A batch of the folder `in` into the folder `out`. */
function batch(more: readonly string[] = [], options: CallOptions = {}): Promise<Heard> {
  return run(["upscale", here.at("in"), "--out", here.at("out"), ...FAST, ...more], options);
}

async function other(options: SandboxOptions): Promise<void> {
  await here[Symbol.asyncDispose]();
  here = await hereOf(options);
}

async function images(...names: string[]): Promise<void> {
  for (const name of names) await here.image(`in/${name}`);
}

const last = ({ out }: Heard): string | undefined => out.at(-1)?.replace(/\d+ s$/, "n s");

it("sends each image once, and counts what was paid", async () => {
  await images("a.png", "b.png");
  const first = await batch();
  expect(first).toMatchObject({ code: 0, said: [], json: [] });
  expect(last(first)).toBe("2 done; 2 paid calls, 600 B, n s");
  const again = await batch();
  expect(again.code).toBe(0);
  expect(last(again)).toBe("0 done, 2 finished earlier; 0 paid calls, 0 B, n s");
  expect(here.sandbox.counts.paid).toBe(2);
});

it("tells all in a summary for --json", async () => {
  await images("a.png", "b.png");
  await here.file("in/c.png", "no image");
  const { code, json, out } = await batch(["--json"]);
  expect({ code, out }).toEqual({ code: 1, out: [] });
  const counts = { total: 3, done: 2, skipped: 0, failed: 1, unknown: 0, left: 0, paid: 2, bytes: 600 };
  expect(json.at(-1)).toEqual({ event: "summary", ...counts, milliseconds: expect.any(Number) });
  expect((json.at(-1)?.milliseconds as number) < 5000).toBe(true);
  expect(json.filter(({ event }) => event === "task")).toHaveLength(2);
  const tasks = here.sandbox.tasks().map(({ id }) => id);
  expect(
    json
      .filter(({ event }) => event === "task")
      .map(({ task }) => task)
      .sort(),
  ).toEqual(tasks.sort());
});

it("a task that failed was paid for, and how to submit it again is shown once", async () => {
  await images("a.png", "b.png");
  here.sandbox.script("failed", 2);
  const heard = await batch();
  expect(heard.code).toBe(1);
  expect(last(heard)).toBe("0 done, 2 failed; 2 paid calls, 0 B, n s");
  expect(heard.said).toEqual([expect.stringContaining("--resubmit-failed")]);
  // What is resumed is not paid again.
  const again = await batch();
  expect(last(again)).toBe("0 done, 2 failed; 0 paid calls, 0 B, n s");
});

it("an unknown outcome ends with 4 before all else, and says what to do", async () => {
  await images("a.png", "b.png");
  here.sandbox.fault({ kind: "reset", on: "submit", handled: true });
  here.sandbox.script("failed", 2);
  const heard = await batch(["-c", "1"]);
  expect(heard.code).toBe(4);
  expect(last(heard)).toBe("0 done, 1 failed, 1 with unknown outcome; 1 paid call, 0 B, n s");
  expect(heard.said[0]).toMatch(/^An unknown outcome means.*--resubmit-unknown/);
  const quiet = await batch(["--json"]);
  expect(quiet).toMatchObject({ code: 4 });
  expect(quiet.said.join()).not.toContain("An unknown outcome means");
});

it("a refusal ends with 3, and leaves the rest", async () => {
  await images("a.png", "b.png", "c.png");
  here.sandbox.fault({ kind: "error", status: 402, on: "submit" });
  const heard = await batch(["-c", "1"]);
  expect(heard.code).toBe(3);
  expect(last(heard)).toBe("0 done, 1 failed, 2 left; 0 paid calls, 0 B, n s");
  expect(heard.said.filter((line) => line.includes("Buy credits"))).toHaveLength(1);
});

it("what ends the whole batch has an exit code of its own", async () => {
  await images("a.png");
  await here.file("out/magnific-journal.jsonl", "no journal\n");
  const plainly = await batch(["--yes"]);
  expect(plainly.code).toBe(4);
  expect(last(plainly)).toBe("0 done, 1 left; 0 paid calls, 0 B, n s");
  expect(plainly.said[0]).toMatch(/^red\(magnific:\) .*journal/);
  const { json } = await batch(["--json"]);
  expect(json.map(({ event }) => event)).toEqual(["error", "summary"]);
  expect(here.sandbox.counts.requests).toBe(0);
});

it("with --quiet tells failures and the summary", async () => {
  await images("a.png");
  expect((await batch(["--quiet"])).out).toHaveLength(1);
});

it("draws what is in progress where someone watches, and takes it away at the end", async () => {
  await other({ lifeCycle: ["CREATED", { status: "IN_PROGRESS", ms: 250 }, "COMPLETED"] });
  await images("a.png");
  const { drawn } = await batch([], { terminal: { live: true } });
  expect(drawn.join("")).toMatch(/a\.png {2}in progress {2}0 s/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what takes lines away.
  expect(drawn.at(-1)).toMatch(/^\r\x1b\[\dA\x1b\[J$/);
  expect((await batch(["--json"], { terminal: { live: true } })).drawn).toEqual([]);
});

it("a dry run tells each action, needs no key, and sends nothing", async () => {
  await images("a.png");
  await batch();
  vi.stubEnv("MAGNIFIC_API_KEY", undefined);
  await images("b.png");
  await here.file("in/c\x1b[31m.png", "no image");
  const requests = here.sandbox.counts.requests;
  const { code, out, said } = await batch(["--dry-run"]);
  expect(code).toBe(1);
  expect(said).toEqual(["skip    finished", "send    a paid call", "refuse  fails without being sent"]);
  expect(out).toEqual([
    `skip    ${here.at("in/a.png")}`,
    `send    ${here.at("in/b.png")} -> ${here.at("out/b")}.{ext}`,
    expect.stringMatching(/^refuse {2}.*\/in\/c\.png: .*not an image/),
    "1 paid call for 3 files; nothing was sent",
  ]);
  const { json } = await batch(["--dry-run", "--json"]);
  expect(json).toMatchObject([
    { event: "planned", path: here.at("in/a.png"), action: "skip", task: here.sandbox.tasks()[0]?.id },
    { event: "planned", path: here.at("in/b.png"), action: "send", output: `${here.at("out/b")}.{ext}` },
    { event: "planned", action: "refuse", reason: expect.stringContaining("image") },
    { event: "summary", total: 3, paid: 1 },
  ]);
  expect(here.sandbox.counts.requests).toBe(requests);
});

it("a dry run counts what is retried, and shows what is resumed", async () => {
  await images("a.png", "b.png");
  here.sandbox.script("failed");
  here.sandbox.script("stuck");
  await batch(["-c", "1", "--wait-timeout", "0.5"]);
  const { out, code } = await batch(["--dry-run", "--resubmit-failed"]);
  expect(code).toBe(0);
  expect(out).toEqual([
    `again   ${here.at("in/a.png")} -> ${here.at("out/a")}.{ext}`,
    `resume  ${here.at("in/b.png")} -> ${here.at("out/b")}.{ext}`,
    "1 paid call for 2 files; nothing was sent",
  ]);
});

it("asks before more paid calls than were agreed to, and counts only these", async () => {
  await images("a.png", "b.png", "c.png");
  const refused = await batch(["--confirm-above", "2"]);
  expect(refused.code).toBe(2);
  expect(refused.said).toEqual([
    "red(magnific:) This makes up to 3 paid calls (3 files). Nothing was sent. Allow them with --yes, or see them first with --dry-run.",
  ]);
  expect(here.sandbox.counts.requests).toBe(0);
  expect(await batch(["--confirm-above", "3"])).toMatchObject({ code: 0 });
  // Finished ones cost nothing.
  expect(await batch(["--confirm-above", "0"])).toMatchObject({ code: 0 });
  await images("d.png");
  expect((await batch(["--confirm-above", "0"])).said.join()).toContain("up to 1 paid call (4 files)");
  expect(await batch(["--confirm-above", "1"])).toMatchObject({ code: 0 });
  await images("e.png");
  expect(await batch(["--confirm-above", "0", "--yes"])).toMatchObject({ code: 0 });
  expect(here.sandbox.counts.paid).toBe(5);
});

it.each([
  ["y\n", 0],
  ["yes\n", 0],
  [" Y \n", 0],
  ["YES\n", 0],
  ["n\n", 2],
  ["\n", 2],
  ["yess\n", 2],
  ["oy\n", 2],
  ["", 2],
])("the answer %j to the question ends with %i", async (typed, code) => {
  await images("a.png");
  const asked = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  const keys = new PassThrough();
  keys.end(typed);
  const heard = await withStdin(keys, () => batch(["--confirm-above", "0"], { terminal: { asks: true } }));
  const written = asked.mock.calls.map(([text]) => text).join("");
  asked.mockRestore();
  expect(heard.code).toBe(code);
  expect(written).toContain("This makes up to 1 paid call (1 file). Continue? [y/N] ");
  expect(written.endsWith("\n")).toBe(typed === "");
  if (code === 2) expect(heard.said).toEqual(["red(magnific:) Nothing was sent."]);
  expect(here.sandbox.counts.paid).toBe(code === 0 ? 1 : 0);
});

it("--max-paid ends a batch softly with exit code 5, and a higher one resumes it", async () => {
  await images("a.png", "b.png", "c.png");
  const first = await batch(["--max-paid", "1"]);
  expect(first.code).toBe(5);
  expect(last(first)).toBe("1 done, 2 left; 1 paid call, 300 B, n s");
  expect(first.said).toEqual([
    expect.stringContaining("1 is counted in the journal"),
    expect.stringMatching(/higher --max-paid/),
  ]);
  const { code, json } = await batch(["--max-paid", "1", "--json"]);
  expect(code).toBe(5);
  expect(json.filter(({ outcome }) => outcome === "stopped")).toMatchObject([
    { error: { code: "submit_limit_reached", submission: "not_sent" } },
    { error: { code: "submit_limit_reached", submission: "not_sent" } },
  ]);
  expect((await run(["resume", here.at("out"), "--max-paid", "2", ...FAST])).code).toBe(5);
  expect((await run(["resume", here.at("out"), ...FAST])).code).toBe(0);
  expect(here.sandbox.counts.paid).toBe(3);
});

it("what --max-paid allows is not asked about", async () => {
  await images("a.png", "b.png", "c.png");
  expect((await batch(["--confirm-above", "1", "--max-paid", "1"])).code).toBe(5);
  const asked = await batch(["--confirm-above", "1", "--max-paid", "3"]);
  expect(asked).toMatchObject({ code: 2, said: [expect.stringContaining("up to 2 paid calls")] });
});
