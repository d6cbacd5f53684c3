/**
 * `npm run bench`: runs every benchmark in turn and writes the reports to reports/bench/. `npm run bench -- <name> …` runs
 * only the named ones; `--quick` makes few measurements and checks no limits; `-- contract --all` plays
 * every fault, `-- scale --all` the contract of all operations.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "../openapi/document/load.js";

const ALL = ["faults", "calls", "images", "weight", "waiting", "contract", "scale"];

const names = process.argv.slice(2).filter((each) => !each.startsWith("-"));
const flags = process.argv.slice(2).filter((each) => each.startsWith("-"));
const unknown = [
  ...names.filter((name) => !ALL.includes(name)),
  ...flags.filter((flag) => !["--quick", "--all"].includes(flag)),
];
if (unknown.length > 0) {
  console.error(`Unknown: ${unknown.join(", ")}. Benchmarks: ${ALL.join(", ")}. Options: --quick, --all.`);
  process.exit(2);
}

const start = Date.now();
const failed = (names.length > 0 ? names : ALL).filter((name) => {
  const program = join(ROOT, "bench", name, "run.ts");
  const args = ["--import", "tsx", program, ...flags];
  return spawnSync(process.execPath, args, { cwd: ROOT, stdio: "inherit" }).status !== 0;
});
console.log(`${Math.round((Date.now() - start) / 1000)} s. Failed: ${failed.join(", ") || "none"}.`);
process.exitCode = failed.length === 0 ? 0 : 1;
