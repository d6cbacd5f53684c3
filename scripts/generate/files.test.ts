import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "../../openapi/document/load.js";
import { defaultRoot } from "../intake/test/roots.js";
import { generatedFiles, staleFiles } from "./files.js";

// Of the default document alone; `npm run check` has them all.
const scratch = defaultRoot();
const openapi = join(scratch, "openapi");
const made = await generatedFiles(openapi);

describe("generated/", () => {
  it("is what openapi/ makes, byte for byte", () => {
    const own = [...made].flatMap(([name, text]) => (name.includes("/") ? [[name, text] as const] : []));
    const folder = join("generated", dirname(own.find(([name]) => name.endsWith("/schema.ts"))?.[0] ?? ""));
    const inside = new Map(own.map(([name, text]) => [name.slice(name.indexOf("/") + 1), text]));
    expect([...staleFiles(join(ROOT, folder), inside).keys()]).toEqual([]);
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
    for (const [name, text] of [...made, ["upscaler-precision/schema.ts", "// edited by hand\n"] as const]) {
      mkdirSync(dirname(join(dir, name)), { recursive: true });
      writeFileSync(join(dir, name), text);
    }
    const args = ["--import", "tsx", "scripts/generate.ts", "--check", "--openapi", openapi, "--out", dir];
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: "utf8" });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^stale: generated\/upscaler-precision\/schema\.ts differs from openapi\/\nRun/);
  });

  it("fails for an overlay action that matches nothing, and writes nothing", async () => {
    const overlay = join(openapi, "overlays", "upscaler-precision.10-task.overlay.yaml");
    writeFileSync(overlay, readFileSync(overlay, "utf8").replace("target: $.paths\n", "target: $.routes\n"));
    await expect(generatedFiles(openapi)).rejects.toThrow(/match nothing[\s\S]*\$\.routes/);
  });
});
