/** A fresh project with the packed package in it, and the runtimes that exist for this machine. */
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync, rmSync, statfsSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../openapi/document/load.js";

export const HERE: string = join(ROOT, "scripts/everywhere");
const MODULES = join(HERE, "node_modules");

/** Bytes that the runtimes and compilers take up while they are installed, npm's cache included. */
const ROOM = 3_000_000_000;

/** Installs what package-lock.json beside this file says, once. @returns Why it could not, where it could not. */
export function installRuntimes(): string | undefined {
  const lock = readFileSync(join(HERE, "package-lock.json"), "utf8");
  const mark = join(MODULES, ".installed-lock");
  if (existsSync(mark) && readFileSync(mark, "utf8") === lock) return undefined;
  const { bavail, bsize } = statfsSync(HERE);
  if (bavail * bsize < ROOM) return `it is not installed: less than ${ROOM / 1e9} GB are free`;
  console.log("Installing the runtimes …");
  const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  try {
    execFileSync("npm", ["ci", "--prefix", HERE, ...flags], { stdio: "inherit", timeout: 600_000 });
  } catch {
    // Half of it would look as if the rest could not be had.
    rmSync(MODULES, { recursive: true, force: true });
    return "npm could not install it";
  }
  writeFileSync(mark, lock);
  return undefined;
}

export function makeProject(folder: string): void {
  const output = execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], {
    cwd: ROOT,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [{ filename }] = JSON.parse(output) as [{ filename: string }];
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "fresh", private: true, type: "module" }));
  const flags = ["--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"];
  execFileSync("npm", ["install", ...flags, `./${filename}`], { cwd: folder, stdio: "inherit" });
  for (const name of ["program.mjs", "driver.mjs", "interception.mjs"])
    copyFileSync(join(HERE, name), join(folder, name));
  for (const name of ["msw", "nock"])
    if (existsSync(MODULES)) symlinkSync(join(MODULES, name), join(folder, "node_modules", name));
}

/** A runtime's command, or why it cannot be run here. */
export type Runtime =
  | { readonly name: string; readonly command: string; readonly args: readonly string[] }
  | { readonly name: string; readonly missing: string };

/** Those that run the driver as a process of their own. @param lacking Why no other runtimes are installed. */
export function processes(lacking: string | undefined): Runtime[] {
  const list: Runtime[] = [{ name: `Node ${process.versions.node}`, command: process.execPath, args: [] }];
  for (const major of ["22", "24", "26"])
    list.push(binary(`Node ${major}`, join(MODULES, `node-${major}`, "bin", "node"), [], lacking));
  list.push(binary("Bun", join(MODULES, "@oven/bun-linux-x64/bin/bun"), ["run"], lacking));
  list.push(
    binary("Deno", join(MODULES, "@deno/linux-x64-glibc/deno"), ["run", "-A", "--node-modules-dir=manual"], lacking),
  );
  return list;
}

function binary(name: string, command: string, args: readonly string[], lacking: string | undefined): Runtime {
  if (!existsSync(command)) return { name, missing: lacking ?? "npm has no binary for this machine" };
  try {
    const version = /\d+\.\d+\.\d+/.exec(execFileSync(command, ["--version"], { encoding: "utf8" }))?.[0] ?? "?";
    return { name: `${name.split(" ")[0]} ${version}`, command, args };
  } catch (error) {
    return { name, missing: `its binary does not start: ${(error as Error).message.split("\n")[0]}` };
  }
}

/** A major version of undici, and why a runtime cannot take it, where it cannot. */
export interface Undici {
  readonly name: string;
  readonly path: string;
  readonly missing?: string;
}

/** @param version Of Node. */
export function undicis(version: string, lacking: string | undefined): Undici[] {
  return ["6", "7", "8"].map((major) => {
    const path = join(MODULES, `undici-${major}`);
    if (lacking !== undefined) return { name: `undici ${major}`, path, missing: lacking };
    const { engines } = JSON.parse(readFileSync(join(path, "package.json"), "utf8")) as { engines: { node: string } };
    const least = engines.node.replace(">=", "");
    const name = `undici ${major}`;
    return isBelow(version, least) ? { name, path, missing: `it asks for Node ${least}` } : { name, path };
  });
}

function isBelow(version: string, least: string): boolean {
  return version.localeCompare(least, "en", { numeric: true }) < 0;
}

/** TypeScript compilers by their name in package.json. */
export function compilers(): { readonly name: string; readonly path: string }[] {
  const { dependencies } = JSON.parse(readFileSync(join(HERE, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  return Object.entries(dependencies)
    .filter(([name]) => name.startsWith("typescript-"))
    .map(([name, spec]) => ({ name: `TypeScript ${spec.split("@").at(-1)}`, path: join(MODULES, name, "bin/tsc") }));
}
