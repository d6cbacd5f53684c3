import { readdirSync, readFileSync } from "node:fs";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Built, builtCommand, hasTerminal } from "./command.js";
import { objects, placeOf } from "./place.js";

let command: Built;
beforeAll(async () => {
  command = await builtCommand();
});
afterAll(() => command[Symbol.asyncDispose]());

const FAST = ["--poll", "0.02", "--rate", "none", "--retry", "0"];

describe("magnific upscale", () => {
  it("upscales files, folders and patterns, each once, and says so in plain lines", async () => {
    await using place = await placeOf(command);
    await place.image("one.png");
    await place.image("photos/a.png");
    await place.image("photos/2026/b.png");
    await place.image("more/c.png");
    await place.image("more/c.txt");
    const args = [
      "upscale",
      "one.png",
      "photos",
      "photos/a.png",
      "more/*.p{ng,df}",
      "--out",
      "big",
      "--sharpen",
      "60",
      ...FAST,
    ];
    const { code, stdout, stderr } = await place.run(args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).not.toContain("\x1b");
    expect(stdout).toMatch(/^done {4}photos\/2026\/b\.png -> big\/2026\/b\.png {2}300 B, \d+ s$/m);
    expect(stdout).toMatch(/^4 done; 4 paid calls, 1\.2 kB, \d+ s$/m);
    expect(readFileSync(join(place.folder, "big/2026/b.png"))).toEqual(
      readFileSync(join(place.folder, "photos/2026/b.png")),
    );
    expect(place.sandbox.tasks().map(({ sliders }) => sliders.sharpen)).toEqual([60, 60, 60, 60]);

    const again = await place.run(args);
    expect(again).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("0 done, 4 finished before; 0 paid calls"),
    });
  });

  it("leaves results that lie among their sources alone", async () => {
    await using place = await placeOf(command);
    await place.image("photos/a.png");
    const args = ["upscale", "photos", "--out", "photos/big", ...FAST];
    await place.run(args);
    await place.run(args);
    expect(readdirSync(join(place.folder, "photos/big")).sort()).toEqual(["a.png", "magnific-journal.jsonl"]);
    expect(place.sandbox.counts.paid).toBe(1);
  });

  it("takes the image on stdin", async () => {
    await using place = await placeOf(command);
    const bytes = readFileSync(await place.image("a.png"));
    const args = ["upscale", "-", "--out", "big", ...FAST];
    expect(await place.run(args, { stdin: bytes })).toMatchObject({ code: 0 });
    expect(readFileSync(join(place.folder, "big/stdin.png"))).toEqual(bytes);
    const again = await place.run(["upscale", "-", ...args.slice(1)], { stdin: bytes });
    expect(again.stdout).toMatch(/^skipped - {2}finished before\n.*1 finished before/);
    expect(await readFile(join(place.folder, "big/magnific-journal.jsonl"), "utf8")).toContain('"source":"-"');
    expect(place.sandbox.counts.paid).toBe(1);
  });

  it("gives one JSON object a line", async () => {
    await using place = await placeOf(command);
    await place.image("a.png");
    await writeFile(join(place.folder, "b.png"), "no image");
    const { code, stdout } = await place.run(["upscale", "a.png", "b.png", "--out", "big", "--json", ...FAST]);
    expect(code).toBe(1);
    const all = objects(stdout);
    const [task] = place.sandbox.tasks();
    expect(all).toContainEqual({ event: "task", path: "a.png", task: task?.id, resumed: false });
    expect(all).toContainEqual(
      expect.objectContaining({
        event: "result",
        outcome: "done",
        path: "a.png",
        task: task?.id,
        paid: true,
        bytes: 300,
      }),
    );
    expect(all).toContainEqual(
      expect.objectContaining({
        outcome: "failed",
        path: "b.png",
        error: expect.objectContaining({ code: "invalid_request" }),
      }),
    );
    expect(all.at(-1)).toMatchObject({ event: "summary", total: 2, done: 1, failed: 1, unknown: 0, left: 0, paid: 1 });
  });

  it("shows with --dry-run what would be sent, needs no key for it, and sends and writes nothing", async () => {
    await using place = await placeOf(command);
    await place.image("a.png");
    await place.run(["upscale", "a.png", "--out", "big", ...FAST]);
    await place.image("b.png");
    await writeFile(join(place.folder, "c.png"), "no image");
    const before = place.sandbox.counts.requests;
    const journal = await readFile(join(place.folder, "big/magnific-journal.jsonl"), "utf8");
    const { code, stdout } = await place.run(["upscale", "a.png", "b.png", "c.png", "--out", "big", "--dry-run"], {
      env: { MAGNIFIC_API_KEY: undefined },
    });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^skip {4}a\.png$/m);
    expect(stdout).toMatch(/^send {4}b\.png -> big\/b\.\{ext\}$/m);
    expect(stdout).toMatch(/^refuse {2}c\.png: .*text, not an image/m);
    expect(stdout).toContain("1 paid call for 3 files; nothing was sent");
    expect(place.sandbox.counts.requests).toBe(before);
    expect(await readFile(join(place.folder, "big/magnific-journal.jsonl"), "utf8")).toBe(journal);
  });

  it("asks before many paid calls, and without a terminal wants --yes", async () => {
    await using place = await placeOf(command);
    for (const name of ["a.png", "b.png", "c.png"]) await place.image(`in/${name}`);
    const args = ["upscale", "in", "--out", "big", "--confirm-above", "2", ...FAST];
    const refused = await place.run(args);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("up to 3 paid calls") });
    const byEnvironment = await place.run(
      args.filter((arg) => arg !== "--confirm-above" && arg !== "2"),
      {
        env: { MAGNIFIC_CONFIRM_ABOVE: "1" },
      },
    );
    expect(byEnvironment.code).toBe(2);
    expect(place.sandbox.counts.requests).toBe(0);
    expect(await place.run([...args, "--yes"])).toMatchObject({ code: 0 });
    // What is finished costs nothing, so there is nothing to ask.
    expect(await place.run(args)).toMatchObject({ code: 0 });
  });

  it("names results by its template and overwrites only when told", async () => {
    await using place = await placeOf(command);
    await place.image("in/a.png");
    await mkdir(join(place.folder, "big"));
    await writeFile(join(place.folder, "big/a@2x.png"), "mine");
    const args = ["upscale", "in", "--out", "big", "--name", "{name}@2x.{ext}", ...FAST];
    expect(await place.run(args)).toMatchObject({ code: 1, stdout: expect.stringContaining("already exists") });
    expect(place.sandbox.counts.submits).toBe(0);
    expect(await place.run([...args, "--overwrite"])).toMatchObject({ code: 0 });
    expect(readFileSync(join(place.folder, "big/a@2x.png")).byteLength).toBe(300);
  });
});

describe("exit codes", () => {
  it("2: called in a way that cannot work", async () => {
    await using place = await placeOf(command);
    await place.image("a.png");
    const calls: [string[], RegExp][] = [
      [["upscale", "a.png"], /--out/],
      [["upscale", "none.png", "--out", "big"], /There is no file or folder none\.png/],
      [["upscale", "*.jpg", "--out", "big"], /No file matches/],
      [["upscale", ".", "--out", "."], /folder for results too/],
      [["upscale", "a.png", "--out", "big", "--key-file", "."], /is a folder/],
      [["upscale", "a.png", "--out", "big", "--sharpen", "101"], /from 0 to 100/],
      [["upscale", "a.png", "--out", "big", "--name", "x.png"], /\{name\}/],
      [["upscale", "a.png", "--out", "big", "--api-key", "secret"], /MAGNIFIC_API_KEY/],
      [["upscal"], /Did you mean upscale/],
      [["upscale", "a.png", "--out", "big", "--base-url", "http://example.com"], /https/],
    ];
    const ran = await Promise.all(calls.map(([args]) => place.run(args)));
    for (const [index, [args, message]] of calls.entries()) {
      expect(ran[index]?.code, args.join(" ")).toBe(2);
      expect(ran[index]?.stderr, args.join(" ")).toMatch(message);
      expect(ran[index]?.stderr).not.toMatch(/\n {4}at /);
    }
    expect(place.sandbox.counts.requests).toBe(0);
    const { stdout } = await place.run(["upscale", "a.png", "--out", "big", "--sharpen", "x", "--json"]);
    expect(objects(stdout)).toEqual([{ event: "error", message: expect.stringContaining("--sharpen") }]);
  });

  it("3: refused by the provider, which also stops the batch", async () => {
    await using place = await placeOf(command);
    for (const name of ["a.png", "b.png", "c.png"]) await place.image(`in/${name}`);
    const args = ["upscale", "in", "--out", "big", "-c", "1", ...FAST];
    const { code, stdout, stderr } = await place.run(args, { env: { MAGNIFIC_API_KEY: "wrong" } });
    expect({ code, submits: place.sandbox.counts.submits }).toEqual({ code: 3, submits: 1 });
    expect(stdout).toContain("1 failed, 2 left");
    expect(stderr).toContain("magnific doctor");
    expect(stdout + stderr).not.toContain("wrong");
    place.sandbox.fault({ kind: "error", status: 402, on: "submit" });
    expect(await place.run(args)).toMatchObject({ code: 3, stderr: expect.stringContaining("Buy credits") });
    expect(await place.run(args)).toMatchObject({ code: 0 });
  });

  it("4: unknown outcomes, which are sent again only when told", async () => {
    await using place = await placeOf(command);
    await place.image("a.png");
    place.sandbox.fault({ kind: "reset", on: "submit", handled: true });
    const args = ["upscale", "a.png", "--out", "big", ...FAST];
    const first = await place.run(args);
    expect(first).toMatchObject({ code: 4, stderr: expect.stringContaining("--resubmit-unknown") });
    expect(await place.run(args)).toMatchObject({ code: 4, stdout: expect.stringMatching(/^unknown a\.png/m) });
    expect(place.sandbox.counts.paid).toBe(1);
    expect(await place.run([...args, "--resubmit-unknown"])).toMatchObject({ code: 0 });
    expect(place.sandbox.counts.paid).toBe(2);
  });

  it("1: some failed; --resubmit-failed and --resubmit-changed pay again", async () => {
    await using place = await placeOf(command);
    await place.image("a.png");
    place.sandbox.script("failed");
    const args = ["upscale", "a.png", "--out", "big", ...FAST];
    const failed = await place.run(args);
    // It was paid for although it failed.
    expect(failed).toMatchObject({ code: 1, stdout: expect.stringContaining("1 failed; 1 paid call,") });
    expect(failed.stderr).toContain("--resubmit-failed");
    expect(await place.run([...args, "--resubmit-failed"])).toMatchObject({ code: 0 });
    await place.image("a.png", 400);
    const changed = await place.run(args);
    expect(changed).toMatchObject({ code: 1, stdout: expect.stringContaining("other content") });
    expect(changed.stderr).toContain("--resubmit-changed");
    expect(await place.run([...args, "--resubmit-changed"])).toMatchObject({ code: 0 });
    expect(place.sandbox.counts.paid).toBe(3);
    expect(await place.run([...args, "--verify"])).toMatchObject({ code: 0 });
  });

  it("1: a task that does not end in time is taken up by the next run", async () => {
    await using place = await placeOf(command, { lifeCycle: "stuck" });
    await place.image("a.png");
    const args = ["upscale", "a.png", "--out", "big", "--wait-timeout", "0.1", ...FAST];
    expect(await place.run(args)).toMatchObject({ code: 1, stderr: expect.stringContaining("nothing is sent twice") });
    expect(await place.run(args)).toMatchObject({ code: 1 });
    expect(place.sandbox.counts.paid).toBe(1);
  });

  it("1: another process works with the journal", async () => {
    await using place = await placeOf(command, { lifeCycle: "stuck" });
    await place.image("a.png");
    const first = place.start(["upscale", "a.png", "--out", "big", ...FAST]);
    await expect.poll(() => place.sandbox.counts.paid).toBe(1);
    const second = await place.run(["upscale", "a.png", "--out", "big", ...FAST]);
    expect(second).toMatchObject({ code: 1, stderr: expect.stringContaining(`in use by process ${first.child.pid}`) });
    first.child.kill("SIGKILL");
    await first.ended;
  });
});

describe.skipIf(!hasTerminal)("in a terminal", () => {
  it("shows what is under way and a total, in colour unless NO_COLOR", async () => {
    await using place = await placeOf(command, {
      lifeCycle: ["CREATED", { status: "IN_PROGRESS", ms: 600 }, "COMPLETED"],
    });
    await place.image("in/a.png");
    await place.image("in/b.png");
    const { code, stdout } = await place.inTerminal(["upscale", "in", "--out", "big", "-c", "1", ...FAST]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/in\/a\.png {2}in progress {2}\d s/);
    expect(stdout).toMatch(/1 of 2 done, 1 under way, [\d.]+ a minute, about \d+ s left/);
    expect(stdout).toContain("\x1b[32mdone   \x1b[39m in/a.png");
    expect(stdout).toMatch(/2 done; 2 paid calls/);

    const args = ["upscale", "in", "--out", "other", ...FAST];
    const grey = await place.inTerminal(args, { env: { NO_COLOR: "1" } });
    expect(grey.stdout).toContain("done    in/a.png");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a sequence that would colour.
    expect(grey.stdout).not.toMatch(/\x1b\[\d+m/);
    const dumb = await place.inTerminal(["upscale", "in", "--out", "third", ...FAST], { env: { TERM: "dumb" } });
    expect(dumb.stdout).not.toContain("\x1b");
  });

  it("asks before many paid calls, and takes no for an answer", async () => {
    await using place = await placeOf(command);
    for (const name of ["a.png", "b.png"]) await place.image(`in/${name}`);
    const args = ["upscale", "in", "--out", "big", "--confirm-above", "1", ...FAST];
    const no = await place.inTerminal(args, { keys: [{ after: "[y/N]", type: "n\n" }] });
    expect(no).toMatchObject({
      code: 2,
      stdout: expect.stringContaining("This makes up to 2 paid calls (2 files). Go on?"),
    });
    for (const key of ["\x03", "\x04"]) {
      const ended = await place.inTerminal(args, { keys: [{ after: "[y/N]", type: key }] });
      expect(ended).toMatchObject({ code: 2, stdout: expect.stringContaining("Nothing was sent.") });
    }
    expect(place.sandbox.counts.requests).toBe(0);
    const yes = await place.inTerminal(args, { keys: [{ after: "[y/N]", type: "y\n" }] });
    expect(yes).toMatchObject({ code: 0 });
    expect(place.sandbox.counts.paid).toBe(2);
  });
});

describe("the key", () => {
  it("comes from a file that only its owner may read", async () => {
    await using place = await placeOf(command);
    await place.image("a.png");
    const file = join(place.folder, "key");
    await writeFile(file, `${place.sandbox.key}\n`, { mode: 0o600 });
    const env = { MAGNIFIC_API_KEY: undefined };
    const args = ["upscale", "a.png", "--out", "big", "--key-file", file, ...FAST];
    expect(await place.run(args, { env })).toMatchObject({ code: 0 });
    expect(await place.run(["list"], { env: { ...env, MAGNIFIC_API_KEY_FILE: file } })).toMatchObject({ code: 0 });
    await mkdir(join(place.folder, "config/magnific"), { recursive: true });
    await writeFile(join(place.folder, "config/magnific/key"), place.sandbox.key, { mode: 0o600 });
    const configured = { ...env, XDG_CONFIG_HOME: join(place.folder, "config") };
    expect(await place.run(["list"], { env: configured })).toMatchObject({ code: 0 });
    await chmod(file, 0o640);
    expect(await place.run(args, { env })).toMatchObject({ code: 2, stderr: expect.stringContaining("chmod 600") });
    expect(await place.run(["list"], { env })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("MAGNIFIC_API_KEY"),
    });
  });
});
