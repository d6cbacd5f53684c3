/** Installs tools that only one command needs, from the package-lock.json of a folder of their own. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** `npm ci` without install scripts, unless this lockfile is already installed. @throws when npm cannot do it. */
export function install(folder: string): void {
  const lock = readFileSync(join(folder, "package-lock.json"), "utf8");
  const modules = join(folder, "node_modules");
  const mark = join(modules, ".installed-lock");
  if (existsSync(mark) && readFileSync(mark, "utf8") === lock) return;
  const options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  try {
    execFileSync("npm", ["ci", ...options], { cwd: folder, stdio: "inherit", timeout: 600_000 });
  } catch (error) {
    // Half of it would look as if the rest could not be had.
    rmSync(modules, { recursive: true, force: true });
    throw error;
  }
  writeFileSync(mark, lock);
}
