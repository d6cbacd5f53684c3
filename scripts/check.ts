/**
 * `npm run check`: types, lint, generated files, and the package as a user gets it. Every step runs; the last line counts.
 * `-- --only <step>` runs one step, several times several.
 */
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";
import { ROOT } from "../openapi/document/load.js";

const bin = (name: string, ...args: string[]): [string, string[]] => ["npx", ["--no-install", name, ...args]];
const script = (path: string, ...args: string[]): [string, string[]] => [
  process.execPath,
  ["--import", "tsx", path, ...args],
];

const steps: readonly (readonly [name: string, command: [string, string[]]])[] = [
  ["types: everything", bin("tsc")],
  ["types: the core without Node", bin("tsc", "-p", "tsconfig.core.json")],
  ["lint and format", bin("biome", "check", "--error-on-warnings")],
  ["generated/ is fresh", script("scripts/generate.ts", "--check")],
  [
    "imports run one way",
    bin("depcruise", "--config", ".dependency-cruiser.cjs", "src", "scripts", "generated", "contract-tests"),
  ],
  ["build", script("scripts/build.ts")],
  ["budget of size", script("scripts/size.ts")],
  ["public API as written down", script("scripts/api-report.ts")],
  ["licences of what is shipped", script("scripts/licences.ts")],
  ["no dead code, no dependency too many", bin("knip")],
  ["package contents", script("scripts/check/contents.ts")],
  ["source maps resolve", script("scripts/check/source-maps.ts")],
  ["entry points share their classes", script("scripts/check/entry-points.ts")],
  ["publint", bin("publint", "--strict")],
  ["are the types wrong", bin("attw", "--pack", ".", "--profile", "esm-only")],
  ["the packed package in a fresh project", script("scripts/check/fresh-project.ts")],
];

const { only } = parseArgs({ options: { only: { type: "string", multiple: true } } }).values;
const unknown = only?.filter((one) => !steps.some(([name]) => name === one)) ?? [];
if (unknown.length > 0) {
  console.error(`There is no step ${unknown.join(", ")}; there are:\n${steps.map(([name]) => name).join("\n")}`);
  process.exit(2);
}
const chosen = steps.filter(([name]) => only === undefined || only.includes(name));
let failed = 0;
for (const [name, [command, args]] of chosen) {
  const result = spawnSync(command, args, { cwd: ROOT, encoding: "utf8", timeout: 300_000 });
  const ok = result.status === 0;
  if (!ok) failed++;
  console.log(`${ok ? "ok    " : "FAILED"} ${name}`);
  if (!ok)
    console.log(`${result.stdout}\n${result.stderr}\n${result.error?.message ?? ""}`.trim().replace(/^/gm, "       "));
}
console.log(`${chosen.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
