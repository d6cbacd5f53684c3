import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ROOT } from "../../openapi/document/load.js";
import { startSandbox } from "../../src/sandbox/index.js";
import { tempFolder } from "../../src/test-support/temp-folder.js";
import { demo } from "./command.js";
import { showProgress } from "./progress.js";

async function emptyFolder(): Promise<string> {
  const folder = tempFolder("demo-test-");
  return folder;
}

async function demoProcess(args: readonly string[], env: Record<string, string> = {}) {
  const folder = await emptyFolder();
  const command = [
    join(ROOT, "node_modules/tsx/dist/cli.mjs"),
    join(ROOT, "scripts/demo.ts"),
    "--out",
    folder,
    ...args,
  ];
  const { MAGNIFIC_API_KEY: _, MAGNIFIC_BASE_URL: __, ...rest } = process.env;
  return new Promise<{ folder: string; code: unknown; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, command, { env: { ...rest, ...env } }, (error, stdout, stderr) => {
      resolve({ folder, code: error?.code ?? 0, stdout, stderr });
    });
  });
}

it("The demo writes an image twice as wide and a before/after picture, and says that an embedded server made it", async () => {
  const { folder, code, stdout, stderr } = await demoProcess([]);
  expect([code, stderr]).toEqual([0, ""]);
  expect(await readdir(folder)).toEqual(["astronaut-before-after.png", "astronaut-upscaled.png"]);
  expect(await sharp(join(folder, "astronaut-upscaled.png")).metadata()).toMatchObject({ width: 1024, height: 1024 });
  const both = sharp(join(folder, "astronaut-before-after.png"));
  expect(await both.metadata()).toMatchObject({ width: 2 * 1024 + 3 * 16, height: 1024 + 56 + 16 });
  // The captions: something bright on the dark head.
  const head = await both.extract({ left: 16, top: 0, width: 200, height: 56 }).toBuffer();
  const { channels } = await sharp(head).stats();
  expect(channels[0]).toMatchObject({ min: 0x22, max: 0xee });
  expect(stdout).toMatch(/^An embedded server \(the sandbox\) stands in for the provider/);
  expect(stdout).toMatch(/512 x 512 pixels.*1024 x 1024 pixels/s);
  expect(stdout).toMatch(/CREATED \([\d.]+ s\)\n.*IN_PROGRESS \([\d.]+ s\)\n.*COMPLETED \([\d.]+ s\)\n/);
  expect(stdout).not.toContain("\x1b");
});

describe("The demo", () => {
  /** In this process, which costs less. */
  async function run(args: readonly string[], env: Record<string, string | undefined> = {}) {
    const folder = await emptyFolder();
    for (const [name, value] of Object.entries({ MAGNIFIC_API_KEY: undefined, ...env })) vi.stubEnv(name, value);
    const [out, err] = [vi.spyOn(console, "log"), vi.spyOn(console, "error")];
    for (const spy of [out, err]) spy.mockImplementation(() => {});
    const code = await demo(["--out", folder, ...args]);
    return { folder, code, stdout: out.mock.calls.join("\n"), stderr: err.mock.calls.join("\n") };
  }
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  it("sends with --live to the API, and says before that it costs", async () => {
    await using provider = await startSandbox({ lifeCycle: "immediate", resultFormat: "source" });
    const env = { MAGNIFIC_API_KEY: provider.key, MAGNIFIC_BASE_URL: provider.url };
    const { folder, code, stdout } = await run(["--live"], env);
    expect([code, provider.counts.paid]).toEqual([0, 1]);
    expect(stdout).toMatch(/^LIVE: .*one paid call/);
    expect(await readdir(folder)).toContain("astronaut-upscaled.jpeg");
  });

  it.each([
    [["--live"], 2, /--live needs your key in the environment: MAGNIFIC_API_KEY=/],
    [["--lives"], 2, /--lives[\s\S]*npm run demo \[-- options\]/],
    [["--image", "/none.jpg"], 1, /^\nThe demo failed: .*none\.jpg[^\n]*$/],
  ])("with %j ends with %i and says why", async (args, code, message) => {
    const { folder, ...ended } = await run(args);
    expect(ended).toMatchObject({ code, stderr: expect.stringMatching(message) });
    expect(await readdir(folder)).toEqual([]);
  });
});

it("The progress on a terminal is one line that ends with a mark", () => {
  const written: string[] = [];
  const progress = showProgress({ isTTY: true, write: (text) => written.push(text) });
  for (const status of ["CREATED", "COMPLETED"]) progress.show(status);
  progress.end();
  expect(written.slice(0, -1).every((text) => text.startsWith("\r\x1b[K"))).toBe(true);
  expect(written.slice(-2)).toEqual([expect.stringContaining("✓ CREATED → COMPLETED  0.0 s"), "\n"]);
});
