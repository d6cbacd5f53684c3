import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Built, builtCommand, environment, hasTerminal } from "./command.js";
import { placeOf } from "./place.js";

let command: Built;
beforeAll(async () => {
  command = await builtCommand();
});
afterAll(() => command[Symbol.asyncDispose]());

const FAST = ["--poll", "0.02", "--rate", "none", "--retry", "0"];

describe("Ctrl-C", () => {
  const slow = ["CREATED", { status: "IN_PROGRESS", ms: 700 }, "COMPLETED"];

  it("once stops sending, finishes what is in flight, and says so; resume goes on", async () => {
    await using place = await placeOf(command, { lifeCycle: slow });
    for (const name of ["a.png", "b.png", "c.png"]) await place.image(`in/${name}`);
    const run = place.start(["upscale", "in", "--out", "big", "-c", "1", "--sharpen", "33", ...FAST]);
    await expect.poll(() => place.sandbox.counts.paid).toBe(1);
    run.child.kill("SIGINT");
    const { code, stdout, stderr } = await run.ended;
    expect(code).toBe(130);
    expect(stderr).toContain("1 image under way is waited for");
    expect(stdout).toContain("1 done, 2 left; 1 paid call,");
    expect(place.sandbox.counts.paid).toBe(1);

    const resumed = await place.run(["resume", "../big", ...FAST], { cwd: join(place.folder, "in") });
    expect(resumed).toMatchObject({ code: 0, stdout: expect.stringContaining("2 done, 1 finished before") });
    expect(place.sandbox.tasks().map(({ sliders }) => sliders.sharpen)).toEqual([33, 33, 33]);
    const journal = join(place.folder, "big/magnific-journal.jsonl");
    await writeFile(journal, (await readFile(journal, "utf8")).replaceAll('"cwd":"', '"cwd":"/gone'));
    expect(await place.run(["resume", "big"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("where this batch was begun"),
    });
  });

  it("twice leaves what is in flight to the next run, which takes it up", async () => {
    await using place = await placeOf(command, { lifeCycle: slow });
    await place.image("a.png");
    const args = ["upscale", "a.png", "--out", "big", ...FAST];
    const run = place.start(args);
    await expect.poll(() => place.sandbox.counts.reads).toBeGreaterThan(0);
    run.child.kill("SIGINT");
    await run.seen("waited for");
    run.child.kill("SIGINT");
    const { code, stdout, stderr } = await run.ended;
    expect(code).toBe(130);
    expect(stderr).toContain("Leaving 1 image under way");
    expect(stdout).toMatch(/^stopped a\.png {2}task /m);
    expect(stdout).toContain("0 done, 1 left; 1 paid call,");
    expect(await place.run(args)).toMatchObject({ code: 0 });
    expect(place.sandbox.counts.paid).toBe(1);
  });

  it("three times ends at once, and names what was being sent", async () => {
    await using place = await placeOf(command);
    await place.image("a.png");
    place.sandbox.fault({ kind: "stall", on: "submit" });
    const args = ["upscale", "a.png", "--out", "big", ...FAST];
    const run = place.start(args);
    await expect.poll(() => place.sandbox.counts.faults).toBe(1);
    for (const text of ["waited for", "a third Ctrl-C"]) {
      run.child.kill("SIGINT");
      await run.seen(text);
    }
    run.child.kill("SIGINT");
    expect(await run.ended).toMatchObject({
      code: 4,
      stderr: expect.stringContaining("unknown a.png: it was being sent."),
    });
    // It is listed, and not sent again.
    expect(await place.run(args)).toMatchObject({ code: 4 });
    expect(place.sandbox.counts.submits).toBe(1);
  });

  it("while stdin is read leaves nothing of it behind", async () => {
    await using place = await placeOf(command);
    const env = environment({ TMPDIR: place.folder, MAGNIFIC_API_KEY: "k" });
    const child = spawn(process.execPath, [command.path, "upscale", "-", "--out", "big"], { cwd: place.folder, env });
    const ended = once(child, "exit");
    try {
      child.stdin.write("part of an image");
      await expect.poll(() => readdir(place.folder)).toHaveLength(1);
      child.kill("SIGINT");
      expect(await ended).toEqual([130, null]);
      expect(await readdir(place.folder)).toEqual([]);
    } finally {
      child.kill("SIGKILL");
      await ended;
    }
  });

  it("during submit waits for the answer, so that the task is known", async () => {
    await using place = await placeOf(command, { lifeCycle: "immediate", latencyMs: 400 });
    await place.image("a.png");
    const run = place.start(["submit", "a.png", "--rate", "none"]);
    await expect.poll(() => place.sandbox.counts.submits).toBe(1);
    run.child.kill("SIGINT");
    const { code, stdout, stderr } = await run.ended;
    expect({ code, id: stdout.trim() }).toEqual({ code: 0, id: place.sandbox.tasks()[0]?.id });
    expect(stderr).toContain("its answer is waited for");
  });
});

describe.skipIf(!hasTerminal)("in a terminal", () => {
  it("hears Ctrl-C as typed", async () => {
    await using place = await placeOf(command, { lifeCycle: "stuck" });
    await place.image("a.png");
    const keys = [
      { after: "created", type: "\x03" },
      { after: "waited for", type: "\x03" },
    ];
    const { code, stdout } = await place.inTerminal(["upscale", "a.png", "--out", "big", ...FAST], { keys });
    expect(code).toBe(130);
    expect(stdout).toContain("Leaving 1 image under way");
  });

  it("Ctrl-C leaves no trace of what was drawn, and progress is shown on", async () => {
    await using place = await placeOf(command, {
      lifeCycle: ["CREATED", { status: "IN_PROGRESS", ms: 600 }, "COMPLETED"],
    });
    await place.image("a.png");
    await place.image("b.png");
    const keys = [{ after: "in progress", type: "\x03" }];
    const args = ["upscale", "a.png", "b.png", "--out", "big", "-c", "1", ...FAST];
    const { code, stdout } = await place.inTerminal(args, { keys });
    expect(code).toBe(130);
    const [, after] = stdout.split("\r\x1b[2A\x1b[JStopping");
    expect(after).toMatch(/a\.png {2}in progress[\s\S]*done/);
  });

  it("one that is closed leaves what is in flight to the next run, with nothing unknown", async () => {
    await using place = await placeOf(command, {
      lifeCycle: ["CREATED", { status: "IN_PROGRESS", ms: 600 }, "COMPLETED"],
    });
    await place.image("a.png");
    await place.image("b.png");
    const args = ["upscale", "a.png", "b.png", "--out", "big", "-c", "1", ...FAST];
    const run = place.startInTerminal(args);
    await run.seen("in progress");
    run.child.kill("SIGKILL");
    await once(run.child, "close");
    // The lock is let go of when the command has ended in order.
    await expect
      .poll(() => place.run(args).then(({ code, stdout }) => ({ code, stdout })), { timeout: 10_000 })
      .toMatchObject({ code: 0, stdout: expect.stringMatching(/^2 done; 1 paid call,/m) });
    expect(place.sandbox.counts.paid).toBe(2);
  });
});
