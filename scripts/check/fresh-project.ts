/**
 * Installs the packed package in an empty project, as a user would; type-checks every TypeScript example of the README
 * there, as printed; and runs them against the package's own sandbox.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../document/load.js";

/** Runs the examples: the first as it stands, the others by the one function that each exports. */
const HARNESS = `
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { Magnific } from "magnific-client";
import { startSandbox } from "magnific-client/sandbox";
import { signWebhook } from "magnific-client/webhook";

const sandbox = await startSandbox();
const secret = "a secret for this test";
Object.assign(process.env, { MAGNIFIC_BASE_URL: sandbox.url, MAGNIFIC_API_KEY: sandbox.key, MAGNIFIC_WEBHOOK_SECRET: secret });
const image = await readFile("portrait.jpg");
try {
  await import("./example1.js");

  const { upscaleCarefully } = await import("./example2.js");
  assert.match(await upscaleCarefully(new Magnific(), image), /out\\.png$/);
  assert.match(await upscaleCarefully(new Magnific(), new Uint8Array()), /^invalid_request: /);

  const { once } = await import("./example3.js");
  const before = sandbox.counts.submits;
  assert.equal(await once("portrait.jpg"), await once("portrait.jpg"));
  assert.equal(sandbox.counts.submits - before, 1);

  const { POST } = await import("./example4.js");
  const body = JSON.stringify({ task_id: "046b6c7f-0b8a-43b9-b35d-6489e6daee91", status: "IN_PROGRESS", generated: [] });
  const { headers } = await signWebhook({ secret, body });
  assert.equal((await POST(new Request("https://example.com/", { method: "POST", headers, body }))).status, 204);
  await assert.rejects(POST(new Request("https://example.com/", { method: "POST", headers, body: body + " " })));

  const { failsAsScripted } = await import("./example5.js");
  assert.equal(await failsAsScripted(image), "task_failed");
} finally {
  await sandbox.close();
}
`;

const project = mkdtempSync(join(tmpdir(), "fresh-project-"));
const run = (command: string, args: readonly string[]): string =>
  execFileSync(command, args, { cwd: project, encoding: "utf8", timeout: 240_000 });

try {
  const pack = ["pack", "--json", "--ignore-scripts", "--pack-destination", project];
  const [{ filename }] = JSON.parse(execFileSync("npm", pack, { cwd: ROOT, encoding: "utf8" })) as [
    { filename: string },
  ];
  const { devDependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    devDependencies: Record<string, string>;
  };
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "fresh", private: true, type: "module" }));
  const packages = [`./${filename}`, `sharp@${devDependencies.sharp}`, `@types/node@${devDependencies["@types/node"]}`];
  run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", ...packages]);

  const examples = [...readFileSync(join(ROOT, "README.md"), "utf8").matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(
    ([, code]) => code ?? "",
  );
  const files = examples.map((code, index) => {
    const file = `example${index + 1}.ts`;
    writeFileSync(join(project, file), code);
    return file;
  });
  const runs = HARNESS.match(/import\("\.\/example\d+\.js"\)/g)?.length ?? 0;
  if (runs !== files.length)
    throw new Error(
      `README.md has ${files.length} examples, ${runs} are run: extend ${"scripts/check/fresh-project.ts"}.`,
    );
  const tsc = [join(ROOT, "node_modules/typescript/bin/tsc"), "--strict", "--target", "es2022", "--module", "nodenext"];
  run(process.execPath, [...tsc, "--types", "node", ...files]);

  copyFileSync(join(ROOT, "scripts/demo/astronaut.jpg"), join(project, "portrait.jpg"));
  writeFileSync(join(project, "run.js"), HARNESS);
  console.log(run(process.execPath, ["run.js"]).trimEnd());
  // The command, as npm installs it: with no package but those of the library.
  console.log(`magnific ${run(join(project, "node_modules/.bin/magnific"), ["--version"]).trimEnd()}`);
  const lines = examples[0]?.trimEnd().split("\n").length ?? 0;
  const saved = statSync(join(project, "portrait@2x.png")).size;
  console.log(
    `${files.length} examples of the README compile and run; the first has ${lines} lines and saved ${saved} bytes.`,
  );
} catch (error) {
  // The child's words say more than that it failed.
  const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
  console.error(`${stdout}${stderr}`);
  throw error;
} finally {
  rmSync(project, { recursive: true, force: true });
}
