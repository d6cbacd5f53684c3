import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nodesOf, treeOf } from "../completion/tree.js";
import { programOf } from "../program.js";
import { terminalOf } from "../terminal.js";
import { type Built, builtCommand, environment, hasTerminal } from "./command.js";
import { objects, placeOf } from "./place.js";

let command: Built;
beforeAll(async () => {
  command = await builtCommand();
});
afterAll(() => command[Symbol.asyncDispose]());

const ONCE = ["--rate", "none", "--retry", "0"];
const FAST = ["--poll", "0.02", ...ONCE];
const NOBODY = "046b6c7f-0b8a-43b9-b35d-6489e6daee91";

describe("every command", () => {
  const commands = [
    ["upscale"],
    ["resume"],
    ["submit"],
    ["status"],
    ["wait"],
    ["list"],
    ["download"],
    ["webhook"],
    ["webhook", "listen"],
    ["webhook", "sign"],
    ["sandbox"],
    ["doctor"],
    ["completion"],
  ];

  it("is told by --help", async () => {
    const { code, stdout } = await command.run(["--help"]);
    expect(code).toBe(0);
    for (const [name = ""] of commands) expect(stdout).toMatch(new RegExp(`^ {2}${name} `, "m"));
    expect(stdout).toContain("Exit codes:");
    const { version } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));
    expect((await command.run(["--version"])).stdout).toBe(`${version}\n`);
  });

  it("is one of these", () => {
    const program = programOf({ terminal: terminalOf(process), debug: false, exit: () => {} });
    const paths = nodesOf(treeOf(program)).map(({ path }) => path);
    expect(paths.filter(({ length }) => length > 0).sort()).toEqual(commands.toSorted());
  });

  it("has a --help with an example", async () => {
    const helps = await Promise.all(commands.map((words) => command.run([...words, "--help"])));
    for (const [index, words] of commands.entries()) {
      expect(helps[index]?.code).toBe(0);
      expect(helps[index]?.stdout).toMatch(new RegExp(`^Examples?:\\n.*magnific ${words.join(" ")}`, "m"));
    }
  });
});

describe("single tasks", () => {
  it("are submitted, looked at, waited for, listed and downloaded, in a pipe", async () => {
    await using place = await placeOf(command, {
      lifeCycle: ["CREATED", { status: "IN_PROGRESS", ms: 50 }, "COMPLETED"],
    });
    const path = await place.image("a.png");
    const submitted = await place.run(["submit", "a.png", "--ultra-detail", "12", ...ONCE]);
    const id = submitted.stdout.trim();
    expect(submitted).toMatchObject({ code: 0, stdout: `${place.sandbox.tasks()[0]?.id}\n`, stderr: "" });
    expect(place.sandbox.tasks()[0]?.sliders.ultra_detail).toBe(12);

    const status = await place.run(["status", id, "--json", ...ONCE]);
    expect(objects(status.stdout)).toMatchObject([{ task: id, status: expect.any(String) }]);
    const waited = await place.run(["wait", id, ...FAST]);
    expect(waited.stdout).toMatch(new RegExp(`^${id} {2}COMPLETED\n {2}http://127\\.0\\.0\\.1:\\d+/`));
    expect(await place.run(["list", ...ONCE])).toMatchObject({ code: 0, stdout: `${id}  COMPLETED\n` });
    expect((await place.run(["list", "--status", "failed", ...ONCE])).stdout).toBe("");
    const saved = await place.run(["download", id, "--out", "big", "--json", ...FAST]);
    expect(objects(saved.stdout)).toEqual([
      { event: "saved", task: id, path: join(place.folder, "big", `${id}.png`), bytes: 300 },
    ]);
    expect(readFileSync(join(place.folder, "big", `${id}.png`))).toEqual(readFileSync(path));

    const there = await place.run(["download", id, "--out", "big", ...FAST]);
    expect(there).toMatchObject({ code: 2, stderr: expect.stringContaining("--overwrite") });
    expect(await place.run(["download", id, "--out", "big", "--overwrite", ...FAST])).toMatchObject({ code: 0 });
  });

  it("are not paid for again when the same image is submitted again, unless --again", async () => {
    await using place = await placeOf(command);
    await place.image("a.png");
    const first = await place.run(["submit", "a.png", ...ONCE]);
    const second = await place.run(["submit", "a.png", ...ONCE]);
    expect(second).toMatchObject({ code: 0, stdout: first.stdout, stderr: expect.stringContaining("--again") });
    expect(place.sandbox.counts.paid).toBe(1);
    await place.run(["submit", "a.png", "--again", ...ONCE]);
    await place.run(["submit", "a.png", "--store", "elsewhere", ...ONCE]);
    expect(place.sandbox.counts.paid).toBe(3);
  });

  it("whose outcome is unknown end with 4, failed ones with 1, unknown ids with 1, refused keys with 3", async () => {
    await using place = await placeOf(command);
    await place.image("a.png");
    place.sandbox.fault({ kind: "reset", on: "submit", handled: true });
    expect(await place.run(["submit", "a.png", ...ONCE])).toMatchObject({ code: 4 });
    expect(await place.run(["submit", "a.png", ...ONCE])).toMatchObject({
      code: 4,
      stderr: expect.stringContaining("magnific list"),
    });
    place.sandbox.script("failed");
    const { stdout } = await place.run(["submit", "a.png", "--again", ...ONCE]);
    expect(await place.run(["wait", stdout.trim(), ...FAST])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("failed"),
    });
    const gone = await place.run(["status", NOBODY, "--json", ...ONCE]);
    expect(gone.code).toBe(1);
    expect(objects(gone.stdout)).toMatchObject([{ event: "error", about: NOBODY, code: "not_found", status: 404 }]);
    expect(await place.run(["status", "no-id"])).toMatchObject({ code: 1 });
    expect(await place.run(["list"], { env: { MAGNIFIC_API_KEY: "wrong" } })).toMatchObject({ code: 3 });
  });

  it("can report to a webhook, whose deliveries `webhook listen` verifies and prints", async () => {
    await using place = await placeOf(command, { webhooks: { secret: "a secret of the test" } });
    await place.image("a.png");
    const listener = place.start(["webhook", "listen", "--port", "0", "--count", "1", "--json"]);
    const url = /http:\S+/.exec(await listener.seen("Listening"))?.[0] ?? "";
    const { stdout } = await place.run(["submit", "a.png", "--webhook-url", url, ...ONCE]);
    const { code, stdout: heard } = await listener.ended;
    expect(code).toBe(0);
    expect(objects(heard)).toMatchObject([{ event: "webhook", task: stdout.trim(), status: "COMPLETED" }]);
  });
});

describe("errors", () => {
  it("are a sentence with what to do, and have a stack only with --debug", async () => {
    await using place = await placeOf(command);
    const env = { MAGNIFIC_BASE_URL: "http://127.0.0.1:9" };
    const brief = await place.run(["list", "--retry", "0"], { env });
    expect(brief).toMatchObject({ code: 1, stdout: "" });
    expect(brief.stderr).toMatch(/^magnific: .*could not connect.*\n {2}Check the network.*doctor.*\n$/);
    const long = await place.run(["list", "--retry", "0", "--debug"], { env });
    expect(long.stderr).toMatch(/\n {4}at /);
    await writeFile(join(place.folder, "a.png"), "no image");
    const args = ["upscale", "a.png", "--out", "big", ...FAST];
    expect((await place.run(args)).stderr).toBe("");
    expect((await place.run([...args, "--debug"])).stderr).toMatch(/^InvalidRequestError: [\s\S]*\n {4}at /);
  });

  it("of a reader that has read enough end nothing", async () => {
    await using place = await placeOf(command);
    for (let n = 0; n < 30; n++) await place.image(`in/${n}.png`);
    const shell = spawnSyncLater(
      place.folder,
      `node ${command.path} upscale in --out big --yes ${FAST.join(" ")} | head -n 1`,
      {
        MAGNIFIC_BASE_URL: place.sandbox.url,
        MAGNIFIC_API_KEY: place.sandbox.key,
      },
    );
    expect(await shell).toMatch(/^done/);
    expect(place.sandbox.counts.paid).toBe(30);
    expect(place.sandbox.counts.downloads).toBe(30);
  });

  it.skipIf(!existsSync("/dev/full"))("of a full disk below stdout stop no work that is paid for", async () => {
    await using place = await placeOf(command);
    await place.image("a.png");
    const line = `node ${command.path} upscale a.png --out big ${FAST.join(" ")} 2>&1 >/dev/full; echo exit $?`;
    const env = { MAGNIFIC_BASE_URL: place.sandbox.url, MAGNIFIC_API_KEY: place.sandbox.key };
    const said = await spawnSyncLater(place.folder, line, env);
    expect(said).toMatch(/^magnific: stdout could not be written \(ENOSPC\); the work goes on\.\nexit 1\n$/);
    expect(place.sandbox.counts.downloads).toBe(1);
  });

  it("cannot be played by a file's name", async () => {
    await using place = await placeOf(command);
    await place.image("in/\x1b[31mred\n.png");
    const { stdout } = await place.run(["upscale", "in", "--out", "big", ...FAST]);
    expect(stdout).toMatch(/^done {4}in\/red\?\.png/);
  });
});

describe("webhook", () => {
  it("sign and listen understand each other; forged and repeated deliveries are refused", async () => {
    await using place = await placeOf(command);
    const body = JSON.stringify({
      task_id: NOBODY,
      status: "COMPLETED",
      generated: ["https://cdn.magnific.com/a.png"],
    });
    await writeFile(join(place.folder, "body.json"), body);
    const listener = place.start(["webhook", "listen", "--port", "0", "--count", "2"]);
    const url = /http:\S+/.exec(await listener.seen("Listening"))?.[0] ?? "";
    const sign = (...args: string[]) => place.run(["webhook", "sign", "body.json", "--send", url, ...args]);
    expect(await sign("--id", "msg_1")).toMatchObject({ code: 0, stdout: "204\n" });
    expect(await sign("--id", "msg_1")).toMatchObject({ code: 0, stdout: "204\n" });
    const secret = join(place.folder, "secret");
    await writeFile(secret, "another", { mode: 0o600 });
    expect(await sign("--secret-file", secret)).toMatchObject({ code: 1, stdout: "400\n" });
    expect(await sign("--encoding", "base64", "--secret-file", secret)).toMatchObject({ code: 2 });
    await sign("--id", "msg_2");
    const { code, stdout, stderr } = await listener.ended;
    expect(code).toBe(0);
    expect(stdout.match(new RegExp(`${NOBODY} {2}COMPLETED`, "g"))).toHaveLength(2);
    expect(stdout).toContain("https://cdn.magnific.com/a.png");
    expect(stderr).toMatch(/refused: The delivery msg_1 came before/);
    expect(stderr).toMatch(/refused: No signature matches/);
  });

  it("sign prints the headers of a body from stdin", async () => {
    const env = { MAGNIFIC_WEBHOOK_SECRET: "s" };
    const { stdout } = await command.run(["webhook", "sign", "-", "--id", "m"], { env, stdin: "{}" });
    expect(stdout).toMatch(
      /^content-type: application\/json\nwebhook-id: m\nwebhook-timestamp: \d+\nwebhook-signature: v1,\S+\n$/,
    );
    const { stdout: json } = await command.run(["webhook", "sign", "-", "--json"], { env, stdin: "{}" });
    expect(objects(json)).toMatchObject([{ body: "{}", headers: { "webhook-id": expect.stringMatching(/^msg_/) } }]);
    expect(await command.run(["webhook", "sign", "-"], { stdin: "{}" })).toMatchObject({ code: 2 });
  });

  it("listen ends on Ctrl-C, and names a port that is taken", async () => {
    await using place = await placeOf(command);
    const first = place.start(["webhook", "listen", "--port", "0"]);
    const port = /:(\d+)\//.exec(await first.seen("Listening"))?.[1] ?? "";
    expect(await place.run(["webhook", "listen", "--port", port])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("EADDRINUSE"),
    });
    first.child.kill("SIGINT");
    expect(await first.ended).toMatchObject({ code: 0 });
  });
});

describe("doctor", () => {
  it("finds all well, a wrong key, no key, a key that others can read, and no network", async () => {
    await using place = await placeOf(command);
    const file = join(place.folder, "key");
    await writeFile(file, "secret-of-the-file");
    await chmod(file, 0o644);
    const doctor = (env: Record<string, string | undefined>, ...args: string[]) =>
      place.run(["doctor", ...args], { env });
    const [well, wrong, none, open, away] = await Promise.all([
      doctor({}),
      doctor({ MAGNIFIC_API_KEY: "wrong-key" }, "--json"),
      doctor({ MAGNIFIC_API_KEY: undefined }),
      doctor({}, "--key-file", file),
      doctor({ MAGNIFIC_BASE_URL: "http://127.0.0.1:9" }),
    ]);
    expect(well).toMatchObject({ code: 0, stderr: "" });
    for (const check of ["version", "key", "network", "clock"])
      expect(well?.stdout).toMatch(new RegExp(`^ok +${check}`, "m"));
    expect(wrong?.code).toBe(3);
    expect(objects(wrong?.stdout ?? "")).toContainEqual(
      expect.objectContaining({ check: "network", result: "failure" }),
    );
    expect(none).toMatchObject({ code: 1, stdout: expect.stringContaining("There is no API key") });
    expect(open).toMatchObject({ code: 1, stdout: expect.stringContaining("chmod 600") });
    expect(away).toMatchObject({ code: 1, stdout: expect.stringContaining("ECONNREFUSED") });
    for (const ran of [well, wrong, open]) expect(`${ran?.stdout}${ran?.stderr}`).not.toMatch(/wrong-key|secret-of/);
    expect(place.sandbox.counts.paid).toBe(0);
  });
});

describe("completion", () => {
  const has = (shell: string): boolean => spawnSync(shell, ["-c", "exit 0"]).status === 0;

  it.skipIf(!has("bash"))("works in bash", async () => {
    const { stdout } = await command.run(["completion", "bash"]);
    const complete = (...words: string[]): string[] => {
      const script = `${stdout}\nCOMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}; _magnific; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const ran = spawnSync("bash", ["-c", script], { encoding: "utf8" });
      expect(ran.stderr).toBe("");
      return ran.stdout.trim().split("\n");
    };
    expect(complete("magnific", "up")).toEqual(["upscale"]);
    expect(complete("magnific", "webhook", "")).toEqual(["listen", "sign"]);
    expect(complete("magnific", "upscale", "in", "--resubmit-u")).toEqual(["--resubmit-unknown"]);
    expect(complete("magnific", "sandbox", "--upscaler", "")).toEqual(["sharp", "echo"]);
    expect(complete("magnific", "completion", "f")).toEqual(["fish"]);
  });

  it.skipIf(!has("zsh"))("is understood by zsh", async () => {
    const { stdout } = await command.run(["completion", "zsh"]);
    const ran = spawnSync(
      "zsh",
      ["-fc", `autoload -U compinit; compinit -D; eval "$1"; print $_comps[magnific]`, "-", stdout],
      {
        encoding: "utf8",
      },
    );
    expect(ran).toMatchObject({ stderr: "", stdout: "_magnific\n" });
  });

  it.skipIf(!has("fish"))("works in fish", async () => {
    const { stdout } = await command.run(["completion", "fish"]);
    const complete = (line: string): string =>
      spawnSync("fish", ["--no-config", "-c", `${stdout}\ncomplete -C '${line}'`], { encoding: "utf8" }).stdout;
    expect(complete("magnific up")).toMatch(/^upscale\t/);
    expect(complete("magnific webhook ")).toMatch(/^listen\t.*\nsign\t/);
    expect(complete("magnific upscale --resubmit-u")).toMatch(/^--resubmit-unknown\t/);
  });

  it("of zsh and fish names every command and option", async () => {
    const [zsh, fish, help] = await Promise.all([
      command.run(["completion", "zsh"]),
      command.run(["completion", "fish"]),
      command.run(["upscale", "--help"]),
    ]);
    for (const [, option = ""] of help.stdout.matchAll(/^ {2}(?:-\w, )?--([\w-]+)/gm)) {
      expect(zsh.stdout).toContain(`'--${option}[`);
      expect(fish.stdout).toContain(` -l ${option} `);
    }
    expect(await command.run(["completion", "tcsh"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("bash"),
    });
  });
});

describe.skipIf(!hasTerminal)("in a terminal", () => {
  it("wait tells each status as it comes", async () => {
    await using place = await placeOf(command, {
      lifeCycle: ["CREATED", { status: "IN_PROGRESS", answers: 2 }, "COMPLETED"],
    });
    await place.image("a.png");
    const { stdout: id } = await place.run(["submit", "a.png", ...ONCE]);
    const { stdout } = await place.inTerminal(["wait", id.trim(), ...FAST]);
    expect(stdout).toMatch(/IN_PROGRESS[\s\S]*COMPLETED/);
  });
});

/** Runs a line of shell while the sandbox of this process goes on answering. */
async function spawnSyncLater(cwd: string, line: string, env: Record<string, string>): Promise<string> {
  const { execFile } = await import("node:child_process");
  const { promisify } = await import("node:util");
  const { stdout } = await promisify(execFile)("bash", ["-c", line], { cwd, env: environment(env) });
  return stdout;
}
