import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { OPENAPI_DIR, ROOT } from "../../openapi/document/load.js";
import { generatedFiles, staleFiles } from "./files.js";

const scratch = mkdtempSync(join(tmpdir(), "generate-"));
const made = await generatedFiles();
afterAll(() => rmSync(scratch, { recursive: true }));

describe("generated/", () => {
  it("is what openapi/ makes, byte for byte", () => {
    expect([...staleFiles(join(ROOT, "generated"), made).keys()]).toEqual([]);
  });

  it("needs nothing at run time: no import, no require, no eval", () => {
    const files = [...made].filter(([name]) => name.endsWith("validators.js"));
    expect(files.length).toBeGreaterThan(0);
    // A helper of ajv's names in a text where it comes from.
    const code = files.map(([, text]) => text.replace(/\.code = '.*';$/gm, ""));
    for (const each of code) expect(each).not.toMatch(/\brequire\(|^import |\beval\(|new Function/m);
  });

  it("names no path of the machine it was made on", () => {
    for (const [name, text] of made) expect(text.includes(ROOT), name).toBe(false);
  });

  it("fails --check with the name of a file that was edited by hand, and of that one alone", () => {
    const dir = join(scratch, "generated");
    cpSync(join(ROOT, "generated"), dir, { recursive: true });
    writeFileSync(join(dir, "upscaler-precision", "schema.ts"), "// edited by hand\n");
    const args = ["--import", "tsx", "scripts/generate.ts", "--check", "--out", dir];
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: "utf8" });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^stale: generated\/upscaler-precision\/schema\.ts differs from openapi\/\nRun/);
  });

  it("fails for an overlay action that matches nothing, and writes nothing", async () => {
    const openapi = join(scratch, "openapi");
    cpSync(OPENAPI_DIR, openapi, { recursive: true });
    const overlay = join(openapi, "overlays", "upscaler-precision.10-task.overlay.yaml");
    writeFileSync(overlay, readFileSync(overlay, "utf8").replace("target: $.paths\n", "target: $.routes\n"));
    await expect(generatedFiles(openapi)).rejects.toThrow(/match nothing[\s\S]*\$\.routes/);
  });
});
