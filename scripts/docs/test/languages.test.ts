import { execFile, spawnSync } from "node:child_process";
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { ROOT } from "../../../openapi/document/load.js";
import { startSandbox } from "../../../src/sandbox/index.js";
import { tempFolder } from "../../../src/test-support/temp-folder.js";

/** How the snippet of each page is run. */
const RUN: Readonly<Record<string, readonly string[]>> = { curl: ["bash", "-eu", "-c"], python: ["python3", "-c"] };

for (const [page, [program = "", ...args]] of Object.entries(RUN)) {
  const needed = page === "curl" ? "curl" : program;
  const absent = spawnSync(needed, ["--version"]).status !== 0;
  const title = `the ${page} snippet of the site submits once, and saves the picture`;
  it.skipIf(absent)(absent ? `${title} (skipped: there is no ${needed})` : title, async () => {
    const text = readFileSync(join(ROOT, `docs/guides/${page}.md`), "utf8");
    const snippet = /<!-- run as a test -->\n```\w+\n([\s\S]*?)```/.exec(text)?.[1] ?? "";
    const cwd = tempFolder("snippet-");
    await using sandbox = await startSandbox({ upscaler: "echo", lifeCycle: "immediate" });
    const photograph = join(ROOT, "scripts/demo/astronaut.jpg");
    copyFileSync(photograph, join(cwd, "portrait.jpg"));
    const env = { ...process.env, MAGNIFIC_BASE_URL: sandbox.url, MAGNIFIC_API_KEY: sandbox.key };
    const { stdout } = await promisify(execFile)(program, [...args, snippet], { cwd, env, timeout: 50_000 });
    expect(stdout).toMatch(/^paid once: [\da-f-]{36}\n$/);
    expect(readFileSync(join(cwd, "portrait@2x.jpg")).equals(readFileSync(photograph))).toBe(true);
    expect(sandbox.counts.paid).toBe(1);
  });
}
