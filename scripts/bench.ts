/**
 * `npm run bench`: every benchmark, one after the other, into reports/bench/. `npm run bench -- <name> …` runs only those.
 * A benchmark is `bench/<name>/run.ts`; it exits 1 when a limit of its own does not hold.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../openapi/document/load.js";

const ALL = ["calls", "images", "weight", "waiting", "contract", "scale"] as const;

const asked = process.argv.slice(2).filter((each) => !each.startsWith("-"));
const rest = process.argv.slice(2).filter((each) => each.startsWith("-"));
const unknown = asked.filter((name) => !(ALL as readonly string[]).includes(name));
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(", ")}; there are ${ALL.join(", ")}.`);
  process.exit(2);
}

const start = Date.now();
const failed: string[] = [];
for (const name of asked.length > 0 ? asked : ALL) {
  const path = join(ROOT, "bench", name, "run.ts");
  if (!existsSync(path)) {
    console.log(`not run: ${name}, which is not there`);
    continue;
  }
  const { status } = spawnSync(process.execPath, ["--import", "tsx", path, ...rest], { cwd: ROOT, stdio: "inherit" });
  if (status !== 0) failed.push(name);
}
console.log(
  `${Math.round((Date.now() - start) / 1000)} s. ${failed.length === 0 ? "Every limit holds." : `Limits that do not hold: ${failed.join(", ")}.`}`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
