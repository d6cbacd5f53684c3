/** Installs what a benchmark compares with, as its lockfile says, once. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { ROOT } from "../../openapi/document/load.js";

/** The folder of this package's benchmarks. */
export const BENCH: string = join(ROOT, "bench");

/** `npm ci` in a folder, unless its lockfile was installed already. Runs no install script. */
export function installPeers(folder: string): void {
  const lock = readFileSync(join(folder, "package-lock.json"), "utf8");
  const mark = join(folder, "node_modules", ".installed-lock");
  if (existsSync(mark) && readFileSync(mark, "utf8") === lock) return;
  console.log(`Installing ${folder.slice(ROOT.length + 1)} …`);
  execFileSync("npm", ["ci", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], {
    stdio: "inherit",
  });
  writeFileSync(mark, lock);
}

/** The client that hey-api generates from the same document, as one module. */
export async function generateHeyApi(): Promise<void> {
  const out = join(BENCH, "node_modules", ".generated");
  if (existsSync(join(out, "hey-api.mjs"))) return;
  const options = [
    "-i",
    join(ROOT, "generated/openapi.json"),
    "-o",
    join(out, "hey-api"),
    "-c",
    "@hey-api/client-fetch",
  ];
  execFileSync(join(BENCH, "node_modules/.bin/openapi-ts"), options, { stdio: "ignore", cwd: BENCH });
  await build({
    stdin: {
      contents: 'export * from "./sdk.gen.js"; export { client } from "./client.gen.js";',
      resolveDir: join(out, "hey-api"),
    },
    bundle: true,
    format: "esm",
    platform: "neutral",
    outfile: join(out, "hey-api.mjs"),
  });
}

/** The package as users get it. */
export function buildOurs(): void {
  execFileSync("npx", ["rolldown", "--config", "rolldown.config.ts"], { cwd: ROOT, stdio: "inherit" });
}
