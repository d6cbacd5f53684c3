/**
 * `npm run check`: types, lint, generated files, import directions, and the package as a user gets it. Every step runs; the
 * last line counts. `-- --only <step>`, which may be repeated, runs single steps.
 */
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";
import { ROOT } from "../openapi/document/load.js";

const STEPS: Readonly<Record<string, string>> = {
  types: "tsc",
  "types of the core, without Node's": "tsc -p tsconfig.core.json",
  "lint and format": "biome check --error-on-warnings",
  "generated/ is fresh": "tsx scripts/generate.ts --check",
  "import directions":
    "depcruise --config .dependency-cruiser.cjs src scripts generated contract-tests openapi/document",
  "unused code and dependencies": "knip",
  build: "rolldown --config rolldown.config.ts",
  size: "tsx scripts/size.ts",
  publint: "publint --strict",
  "types of the package": "attw --pack .",
  "the package in a fresh project": "tsx scripts/check/fresh-project.ts",
};

const { only = Object.keys(STEPS) } = parseArgs({ options: { only: { type: "string", multiple: true } } }).values;
const unknown = only.filter((name) => STEPS[name] === undefined);
if (unknown.length > 0) {
  console.error(`${unknown.join(", ")}: not a step. The steps are:\n${Object.keys(STEPS).join("\n")}`);
  process.exit(2);
}
let failed = 0;
for (const name of only) {
  const args = ["--no-install", ...(STEPS[name] ?? "").split(" ")];
  const start = Date.now();
  const { status, stdout, stderr, error } = spawnSync("npx", args, { cwd: ROOT, encoding: "utf8", timeout: 300_000 });
  console.log(`${status === 0 ? "ok    " : "FAILED"} ${name}, ${Math.round((Date.now() - start) / 1000)} s`);
  if (status === 0 && name !== "size") continue;
  if (status !== 0) failed++;
  console.log(`${stdout}\n${stderr}\n${error?.message ?? ""}`.trim().replace(/^/gm, "       "));
}
console.log(`${only.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
