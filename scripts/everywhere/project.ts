/** A fresh project with the packed package in it, and the runtimes that exist for this machine. */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, readFileSync, statfsSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../openapi/document/load.js";
import { install } from "../install.js";

export const HERE: string = join(ROOT, "scripts/everywhere");
const MODULES = join(HERE, "node_modules");

/** Bytes that the runtimes and compilers occupy while they are installed, npm's cache included. */
const ROOM = 3_000_000_000;

/** Installs what package-lock.json next to this file says, once. @returns Why it could not, where it could not. */
export function installRuntimes(): string | undefined {
  const { bavail, bsize } = statfsSync(HERE);
  if (!existsSync(MODULES) && bavail * bsize < ROOM) return `it is not installed: less than ${ROOM / 1e9} GB are free`;
  try {
    install(HERE);
  } catch {
    return "npm could not install it";
  }
  return undefined;
}

/** Installs the package, as it is packed, in an empty project, and packages in the versions that this repository uses. */
export function makeProject(folder: string, names: readonly string[] = []): void {
  const npm = (cwd: string, ...args: string[]): string =>
    execFileSync("npm", args, { cwd, encoding: "utf8", timeout: 240_000, stdio: ["ignore", "pipe", "pipe"] });
  const output = npm(ROOT, "pack", "--json", "--ignore-scripts", "--pack-destination", folder);
  const [{ filename }] = JSON.parse(output) as [{ filename: string }];
  const { devDependencies } = readJson(join(ROOT, "package.json")) as { devDependencies: Record<string, string> };
  const packages = names.map((name) => `${name}@${devDependencies[name]}`);
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "fresh", private: true, type: "module" }));
  npm(folder, "install", "--prefer-offline", "--no-audit", "--no-fund", `./${filename}`, ...packages);
}

/** Adds the tests that run there, and the libraries that they use. */
export function addTests(folder: string): void {
  cpSync(join(HERE, "test"), folder, { recursive: true });
  for (const name of ["msw", "nock"]) symlinkSync(join(MODULES, name), join(folder, "node_modules", name));
}

/** A runtime's command, or why it cannot be run here. */
export type Runtime =
  | { readonly name: string; readonly command: readonly string[] }
  | { readonly name: string; readonly missing: string };

/** Those that run the driver as a process of their own, next to the Node that runs this. */
export function processes(): Runtime[] {
  return [
    ...["22", "24", "26"].map((major) => runtime("Node", [join(MODULES, `node-${major}/bin/node`)])),
    runtime("Bun", [join(MODULES, "@oven/bun-linux-x64/bin/bun"), "run"]),
    runtime("Deno", [join(MODULES, "@deno/linux-x64-glibc/deno"), "run", "-A", "--node-modules-dir=manual"]),
  ];
}

function runtime(name: string, command: readonly [string, ...string[]]): Runtime {
  if (!existsSync(command[0])) return { name, missing: "npm has no binary for this machine" };
  try {
    const version = /\d+\.\d+\.\d+/.exec(execFileSync(command[0], ["--version"], { encoding: "utf8" }))?.[0];
    return { name: `${name} ${version}`, command };
  } catch (error) {
    return { name, missing: `its binary does not start: ${(error as Error).message.split("\n")[0]}` };
  }
}

/** The major versions of undici: the file of each, or why this version of Node cannot use it. */
export function undicis(node: string): { readonly name: string; readonly path: string; readonly missing?: string }[] {
  return ["6", "7", "8"].map((major) => {
    const [name, path] = [`undici ${major}`, join(MODULES, `undici-${major}`, "index.js")];
    const { engines } = readJson(join(MODULES, `undici-${major}`, "package.json")) as { engines: { node: string } };
    const least = engines.node.replace(">=", "");
    const isTooOld = node.localeCompare(least, "en", { numeric: true }) < 0;
    return isTooOld ? { name, path, missing: `it needs Node ${least}` } : { name, path };
  });
}

/** TypeScript compilers by their name in package.json. */
export function compilers(): { readonly name: string; readonly path: string }[] {
  const { dependencies } = readJson(join(HERE, "package.json")) as { dependencies: Record<string, string> };
  return Object.entries(dependencies)
    .filter(([name]) => name.startsWith("typescript-"))
    .map(([name, spec]) => ({ name: `TypeScript ${spec.split("@").at(-1)}`, path: join(MODULES, name, "bin/tsc") }));
}

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, "utf8"));
