/**
 * `npm run examples`: installs every example with what it needs of its own, and runs its test against the sandbox.
 * `npm run examples -- webhook-express …` runs only those. Needs a build of the package, which `npm run examples` makes.
 */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../openapi/document/load.js";

const FOLDER = join(ROOT, "examples");

const all = readdirSync(FOLDER).filter((name) => /^(?:webhook|test)-/.test(name));
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  console.error(`There is no example ${unknown.join(", ")}; there are ${all.join(", ")}.`);
  process.exit(2);
}

const npm = (folder: string, ...args: string[]): boolean =>
  spawnSync("npm", args, { cwd: folder, stdio: ["ignore", "inherit", "inherit"], timeout: 300_000 }).status === 0;

const failed: string[] = [];
for (const name of asked.length > 0 ? asked : all) {
  console.log(`\n== ${name}`);
  const folder = join(FOLDER, name);
  const install = ["install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts", "--loglevel=error"];
  if (!npm(folder, ...install) || !npm(folder, "--silent", "test")) failed.push(name);
}
console.log(`\n${failed.length === 0 ? "Every example works." : `Failed: ${failed.join(", ")}.`}`);
process.exitCode = failed.length === 0 ? 0 : 1;
