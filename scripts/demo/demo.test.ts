import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ROOT } from "../../openapi/document/load.js";
import { startSandbox } from "../../src/sandbox/index.js";

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "demo-test-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function demo(args: readonly string[], env: Record<string, string> = {}): Promise<Outcome> {
  const command = [join(ROOT, "node_modules/tsx/dist/cli.mjs"), join(ROOT, "scripts/demo.ts"), ...args];
  const { MAGNIFIC_API_KEY: _, MAGNIFIC_BASE_URL: __, ...rest } = process.env;
  return new Promise((resolve) => {
    execFile(process.execPath, command, { env: { ...rest, ...env } }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

describe("npm run demo", () => {
  it("writes an image twice as wide and a before/after picture, and says who made it", async () => {
    const { code, stdout, stderr } = await demo(["--out", folder]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(await readdir(folder)).toEqual(["astronaut-before-after.png", "astronaut-upscaled.png"]);
    const source = await sharp(join(ROOT, "scripts/demo/astronaut.jpg")).metadata();
    const result = await sharp(join(folder, "astronaut-upscaled.png")).metadata();
    expect([result.width, result.height]).toEqual([2 * source.width, 2 * source.height]);
    const both = await sharp(join(folder, "astronaut-before-after.png")).metadata();
    expect(both.width).toBeGreaterThan(2 * result.width);
    expect(stdout).toContain("nothing is sent out");
    expect(stdout).toContain("512 x 512 pixels");
    expect(stdout).toContain("1024 x 1024 pixels");
    // Not a terminal: a plain line for each status, no control characters.
    expect(stdout).toMatch(/CREATED \([\d.]+ s\)\n.*IN_PROGRESS \([\d.]+ s\)\n.*COMPLETED \([\d.]+ s\)\n/);
    expect(stdout).not.toContain("\x1b");
  });

  it("sends with --live to the API, with the key of the environment, after saying that it costs", async () => {
    await using provider = await startSandbox({ lifeCycle: "immediate", resultFormat: "source" });
    const env = { MAGNIFIC_API_KEY: provider.key, MAGNIFIC_BASE_URL: provider.url };
    const { code, stdout } = await demo(["--live", "--out", folder], env);
    expect(code).toBe(0);
    expect(stdout).toContain("one paid call");
    expect(stdout).not.toContain("nothing is sent out");
    expect(provider.counts.paid).toBe(1);
    expect(await readdir(folder)).toContain("astronaut-upscaled.jpeg");
  });

  it("sends nothing with --live and without a key", async () => {
    const { code, stdout, stderr } = await demo(["--live", "--out", folder]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain("MAGNIFIC_API_KEY");
  });

  it("says how it is called when called wrongly, and what failed when it fails", async () => {
    const wrong = await demo(["--lives"]);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toMatch(/--lives[\s\S]*npm run demo/);
    const missing = await demo(["--image", join(folder, "none.jpg"), "--out", folder]);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toMatch(/The demo failed: .*none\.jpg/);
    expect(missing.stderr).not.toMatch(/\n\s+at /);
  });
});
