/** What only a process of its own can show: pipes, signals, terminals, what is installed next to it. */
import { execFile, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import http from "node:http";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SandboxOptions } from "../../sandbox/index.js";
import { type Built, builtCommand, environment, hasTerminal, type RunOptions } from "./command.js";
import { hereOf } from "./here.js";

let command: Built;
beforeAll(async () => {
  command = await builtCommand();
});
afterAll(() => command[Symbol.asyncDispose]());

const FAST = ["--poll", "0.02", "--rate", "none", "--retry", "0"];
const SLOW = ["CREATED", { status: "IN_PROGRESS", ms: 700 }, "COMPLETED"];

/** A folder and a sandbox, and the command in that folder against that sandbox. */
async function placeOf(sandbox?: SandboxOptions) {
  const here = await hereOf(sandbox);
  const { MAGNIFIC_BASE_URL, MAGNIFIC_API_KEY } = process.env;
  const own = <T extends RunOptions>({ env, ...more }: T = {} as T) => {
    return { cwd: here.folder, ...more, env: { MAGNIFIC_BASE_URL, MAGNIFIC_API_KEY, ...env } };
  };
  return {
    ...here,
    run: (args: readonly string[], more?: RunOptions) => command.run(args, own(more)),
    start: (args: readonly string[], more?: RunOptions) => command.start(args, own(more)),
    startInTerminal: (args: readonly string[]) => command.startInTerminal(args, own()),
    inTerminal: (args: readonly string[], more?: Parameters<Built["inTerminal"]>[1]) =>
      command.inTerminal(args, own(more)),
  };
}

/** Runs a line of shell while the sandbox of this process continues answering. */
async function shell(cwd: string, line: string, env: Record<string, string> = {}): Promise<string> {
  const { stdout } = await promisify(execFile)("bash", ["-c", line], { cwd, env: environment(env, cwd) });
  return stdout;
}

describe("in a pipe", () => {
  it("upscale and download write one result to stdout with --out -, and all else to stderr", async () => {
    await using place = await placeOf();
    const image = await readFile(await place.image("a.png"));
    const { MAGNIFIC_BASE_URL = "", MAGNIFIC_API_KEY = "" } = process.env;
    const env = { MAGNIFIC_BASE_URL, MAGNIFIC_API_KEY, TMPDIR: place.at("tmp") };
    mkdirSync(env.TMPDIR);
    const upscale = `node ${command.path} upscale ${FAST.join(" ")} -o -`;
    await shell(place.folder, `${upscale} a.png > b.png 2> said; ${upscale} - < a.png > c.png`, env);
    expect([await readFile(place.at("b.png")), await readFile(place.at("c.png"))]).toEqual([image, image]);
    const said = await readFile(place.at("said"), "utf8");
    expect(said).toMatch(/^done {4}a\.png -> stdout {2}300 B, \d+ s\n1 done; 1 paid call, 300 B, \d+ s\n$/);
    expect(place.sandbox.counts.paid).toBe(1);
    const [task] = place.sandbox.tasks();
    await shell(place.folder, `node ${command.path} download ${task?.id} ${FAST.join(" ")} -o - > d.png`, env);
    expect(await readFile(place.at("d.png"))).toEqual(image);
    expect(await readdir(env.TMPDIR)).toEqual([]);
    const refused = await place.inTerminal(["upscale", "a.png", "-o", "-"]);
    expect(refused).toMatchObject({ code: 2, stdout: expect.stringContaining("which is a terminal") });
  });

  it("upscale prints plain lines, reads stdin, and continues when its reader stops reading", async () => {
    await using place = await placeOf();
    for (let n = 0; n < 12; n++) await place.image(`in/${n}.png`);
    const env = { MAGNIFIC_BASE_URL: place.sandbox.url, MAGNIFIC_API_KEY: place.sandbox.key };
    const run = `node ${command.path} upscale`;
    const [first, ...more] = (
      await shell(place.folder, `${run} in --out big --yes ${FAST.join(" ")} | head -n 1`, env)
    ).split("\n");
    expect(first).toMatch(/^done {4}in\/\d+\.png -> big\/\d+\.png {2}300 B, \d+ s$/);
    expect(more).toEqual([""]);
    expect(place.sandbox.counts).toMatchObject({ paid: 12, downloads: 12 });
    const piped = await shell(place.folder, `${run} - --out big ${FAST.join(" ")} < in/0.png`, env);
    expect(piped).toMatch(/^done {4}- -> big\/stdin\.png/);
    expect(await readFile(join(place.folder, "big/stdin.png"))).toEqual(await readFile(join(place.folder, "in/0.png")));
    if (!existsSync("/dev/full")) return;
    const full = `${run} in/1.png --out other ${FAST.join(" ")} 2>&1 >/dev/full; echo exit $?`;
    expect(await shell(place.folder, full, env)).toMatch(
      /^magnific: stdout could not be written \(ENOSPC\); the work continues\.\nexit 1\n$/,
    );
    expect(place.sandbox.counts.paid).toBe(13);
  });

  it("a file's name cannot colour, move the cursor or reorder the line", async () => {
    await using place = await placeOf();
    for (const name of ["\x1b[31mred\n.png", "a\u202egnp.exe.png"]) await place.image(`in/${name}`);
    const { stdout } = await place.run(["upscale", "in", "--out", "big", ...FAST]);
    expect(stdout).toMatch(/^done {4}in\/red\?\.png/m);
    expect(stdout).toMatch(/^done {4}in\/a\?gnp\.exe\.png/m);
    const { stdout: json, stderr } = await place.run(["upscale", "in", "none\u202e.png", "--out", "big", "--json"]);
    expect(`${stdout}${json}${stderr}`.replaceAll("\n", "")).not.toMatch(/(?![\u200c\u200d])[\p{Cc}\p{Cf}]/u);
    expect(JSON.parse(json)).toMatchObject({ message: expect.stringContaining("none\u202e.png") });
  });

  it("a second process gets an error that names the one that uses the journal", async () => {
    await using place = await placeOf({ lifeCycle: "stuck" });
    await place.image("a.png");
    const first = place.start(["upscale", "a.png", "--out", "big/", ...FAST]);
    await expect.poll(() => place.sandbox.counts.paid).toBe(1);
    const second = await place.run(["upscale", "a.png", "--out", "big/", ...FAST]);
    expect(second).toMatchObject({ code: 1, stderr: expect.stringContaining(`in use by process ${first.child.pid}`) });
    first.child.kill("SIGKILL");
    await first.ended;
  });
});

describe("a signal", () => {
  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "%s once stops sending and finishes what is in progress, and resume finishes the rest",
    async (signal) => {
      await using place = await placeOf({ lifeCycle: SLOW });
      for (const name of ["a.png", "b.png", "c.png"]) await place.image(`in/${name}`);
      const run = place.start(["upscale", "in", "--out", "big", "-c", "1", "--sharpen", "33", ...FAST]);
      await expect.poll(() => place.sandbox.counts.paid).toBe(1);
      run.child.kill(signal);
      const { code, stdout, stderr } = await run.ended;
      expect(code).toBe(130);
      expect(stderr).toContain("waiting for 1 image in progress");
      expect(stdout).toContain("1 done, 2 left; 1 paid call,");
      expect(place.sandbox.counts.paid).toBe(1);
      if (signal !== "SIGINT") return;
      const resumed = await place.run(["resume", "../big", ...FAST], { cwd: join(place.folder, "in") });
      expect(resumed).toMatchObject({ code: 0, stdout: expect.stringContaining("2 done, 1 finished earlier") });
      expect(place.sandbox.tasks().map(({ sliders }) => sliders.sharpen)).toEqual([33, 33, 33]);
    },
  );

  it("twice leaves the task to the next run, which resumes it", async () => {
    await using place = await placeOf({ lifeCycle: SLOW });
    await place.image("a.png");
    const args = ["upscale", "a.png", "--out", "big/", ...FAST];
    const run = place.start(args);
    await expect.poll(() => place.sandbox.counts.reads).toBeGreaterThan(0);
    run.child.kill("SIGINT");
    await run.seen("waiting for");
    run.child.kill("SIGINT");
    const { code, stdout, stderr } = await run.ended;
    expect(code).toBe(130);
    expect(stderr).toContain("Leaving 1 image in progress");
    expect(stdout).toMatch(/^stopped a\.png {2}task /m);
    expect(await place.run(args)).toMatchObject({ code: 0 });
    expect(place.sandbox.counts.paid).toBe(1);
  });

  it("three times exits at once and names what was being sent, which is not retried", async () => {
    await using place = await placeOf();
    await place.image("a.png");
    place.sandbox.fault({ kind: "stall", on: "submit" });
    const args = ["upscale", "a.png", "--out", "big/", ...FAST];
    const run = place.start(args);
    await expect.poll(() => place.sandbox.counts.faults).toBe(1);
    for (const text of ["waiting for", "a third Ctrl-C"]) {
      run.child.kill("SIGINT");
      await run.seen(text);
    }
    run.child.kill("SIGINT");
    expect(await run.ended).toMatchObject({
      code: 4,
      stderr: expect.stringContaining("unknown a.png: it was being sent."),
    });
    expect(await place.run(args)).toMatchObject({ code: 4 });
    expect(place.sandbox.counts.submits).toBe(1);
  });

  it("while stdin is read leaves nothing behind", async () => {
    await using place = await placeOf();
    const run = place.start(["upscale", "-", "--out", "big/"], { env: { TMPDIR: place.folder }, open: true });
    run.child.stdin.write("part of an image");
    await expect.poll(() => readdir(place.folder)).toHaveLength(1);
    run.child.kill("SIGINT");
    expect(await run.ended).toMatchObject({ code: 130 });
    expect(await readdir(place.folder)).toEqual([]);
  });
});

describe.skipIf(!hasTerminal)("in a terminal", () => {
  it("upscale shows what is in progress and a total, in colour unless NO_COLOR", async () => {
    await using place = await placeOf({ lifeCycle: SLOW });
    await place.image("in/a.png");
    await place.image("in/b.png");
    const { code, stdout } = await place.inTerminal(["upscale", "in", "--out", "big", "-c", "1", ...FAST]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/in\/a\.png {2}in progress {2}\d s/);
    expect(stdout).toMatch(/1 of 2 done, 1 in progress, [\d.]+ per minute, about \d+ s left/);
    expect(stdout).toContain("\x1b[32mdone   \x1b[39m in/a.png");
    const grey = await place.inTerminal(["upscale", "in", "--out", "big"], { env: { NO_COLOR: "1" } });
    expect(grey.stdout).toContain("skipped in/a.png");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a sequence that would colour.
    expect(grey.stdout).not.toMatch(/\x1b\[\d+m/);
    const dumb = await place.inTerminal(["upscale", "in", "--out", "big"], { env: { TERM: "dumb" } });
    expect(dumb.stdout).not.toContain("\x1b");
  });

  it("upscale asks before many paid calls, and takes no for an answer", async () => {
    await using place = await placeOf();
    for (const name of ["a.png", "b.png"]) await place.image(`in/${name}`);
    const args = ["upscale", "in", "--out", "big", "--confirm-above", "1", ...FAST];
    for (const type of ["n\n", "\x03", "\x04"]) {
      const no = await place.inTerminal(args, { keys: [{ after: "[y/N]", type }] });
      expect(no).toMatchObject({ code: 2, stdout: expect.stringContaining("2 paid calls (2 files). Continue?") });
      expect(no.stdout).toContain("Nothing was sent.");
    }
    expect(place.sandbox.counts.requests).toBe(0);
    expect(await place.inTerminal(args, { keys: [{ after: "[y/N]", type: "y\n" }] })).toMatchObject({ code: 0 });
    expect(place.sandbox.counts.paid).toBe(2);
  });

  it("a typed Ctrl-C leaves no trace of what was drawn, and progress is still shown", async () => {
    await using place = await placeOf({ lifeCycle: SLOW });
    await place.image("a.png");
    await place.image("b.png");
    const keys = [{ after: "a.png  in progress", type: "\x03" }];
    const args = ["upscale", "a.png", "b.png", "--out", "big", "-c", "1", ...FAST];
    const { code, stdout } = await place.inTerminal(args, { keys });
    expect(code).toBe(130);
    const [, after] = stdout.split("\r\x1b[2A\x1b[JStopping");
    expect(after).toMatch(/a\.png {2}in progress[\s\S]*done/);
  });

  it("a terminal that is closed leaves nothing unknown and nothing paid twice", async () => {
    await using place = await placeOf({ lifeCycle: SLOW });
    await place.image("a.png");
    await place.image("b.png");
    const args = ["upscale", "a.png", "b.png", "--out", "big", "-c", "1", ...FAST];
    const run = place.startInTerminal(args);
    await run.seen(/in progress {2}\d/);
    run.child.kill("SIGKILL");
    await once(run.child, "close");
    // The lock is released when the command has ended in order.
    await expect
      .poll(() => place.run(args).then(({ code, stdout }) => ({ code, stdout })), { timeout: 10_000 })
      .toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^(?:1 done, 1 finished earlier|2 done); 1 paid call,/m),
      });
    expect(place.sandbox.counts.paid).toBe(2);
  });
});

describe("a proxy in the environment", () => {
  const own = "setGlobalProxyFromEnv" in http;
  it.skipIf(own)(
    "ends with 2 and the line that installs undici, where neither Node nor undici can use it",
    async () => {
      await using place = await placeOf();
      // A copy with no packages around it.
      const folder = join(place.folder, "app");
      mkdirSync(folder);
      for (const name of await readdir(join(command.path, "..")))
        copyFileSync(join(command.path, "..", name), join(folder, name));
      const env = { HTTPS_PROXY: "http://127.0.0.1:2", MAGNIFIC_API_KEY: "k" };
      const list = (more: Record<string, string | undefined>) =>
        shell(place.folder, `node app/main.mjs list --retry 0 2>&1; echo exit $?`, { ...env, ...more } as never);
      const refused = await list({});
      expect(refused).toMatch(/^magnific: The environment names a proxy\. .*npm install undici.*\nexit 2\n$/);
      const local = await list({ MAGNIFIC_BASE_URL: place.sandbox.url, MAGNIFIC_API_KEY: place.sandbox.key });
      expect(local).toBe("exit 0\n");
    },
  );
});

it.skipIf(spawnSync("bash", ["-c", "exit 0"]).status !== 0)("bash completes commands, options and values", async () => {
  const { stdout } = await command.run(["completion", "bash"]);
  await writeFile(join(command.path, "..", "completion.bash"), stdout);
  const complete = (...words: string[]): string[] => {
    const script = `magnific() { node '${command.path}' "$@"; }; . '${join(command.path, "..", "completion.bash")}'
COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}; _magnific; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const ran = spawnSync("bash", ["-c", script], { encoding: "utf8" });
    expect(ran.stderr).toBe("");
    return ran.stdout.trim().split("\n");
  };
  expect(complete("magnific", "up")).toEqual(["upscale"]);
  expect(complete("magnific", "upscale", "in", "--resubmit-u")).toEqual(["--resubmit-unknown"]);
  expect(complete("magnific", "upscale", "--out", "")).toEqual([""]);
});
