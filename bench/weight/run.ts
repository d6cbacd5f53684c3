/** What a client costs before its first call: bundle, disk, start-up and type-check. */
import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../openapi/document/load.js";
import { gzippedBundleOf } from "../../scripts/size/measure.js";
import { BENCH, PEERS, prepare } from "../lib/peers.js";
import { atMost, publish, QUICK, ratio, type Table, whole } from "../lib/report.js";
import { median, medianRatio, rotated } from "../lib/stats.js";

const START_ROUNDS = QUICK ? 1 : 7;
const TYPE_ROUNDS = QUICK ? 1 : 3;
/** Imports nothing: what every program costs. */
const BASE = "request";
const NAMES = ["ours", "ours-raw", ...PEERS];
/** A program that makes one call. */
const programOf = (name: string): string => join(BENCH, "peers", `${name}.mjs`);

await prepare();
const starts = timed(START_ROUNDS, "");
const checks = timed(
  TYPE_ROUNDS,
  `${join(BENCH, "node_modules/typescript/bin/tsc")} --noEmit --allowJs --checkJs --target es2022 --module nodenext --skipLibCheck --types node --typeRoots ${join(ROOT, "node_modules/@types")}`,
);
const weights: { name: string; gzipped: number; bytes: number; packages: number }[] = [];
for (const name of NAMES)
  weights.push({ name, gzipped: await gzippedBundleOf(programOf(name), "node"), ...installed(name) });
report();

/** Milliseconds of each run, by name, in interleaved rounds. A type error of a program does not matter here. */
function timed(rounds: number, command: string): Map<string, number[]> {
  const times = new Map<string, number[]>([BASE, ...NAMES].map((name) => [name, []]));
  for (let round = 0; round < rounds; round++)
    for (const [name, own] of rotated([...times], round)) {
      const start = performance.now();
      spawnSync(process.execPath, [...command.split(" ").filter(Boolean), programOf(name)], { cwd: BENCH });
      own.push(performance.now() - start);
    }
  return times;
}

/** Bytes and packages. */
function installed(name: string): { bytes: number; packages: number } {
  if (name === "hey-api") return { bytes: bytesOf(join(BENCH, "node_modules/.generated/hey-api")), packages: 0 };
  if (!name.startsWith("ours")) return closureOf(name === "fal" ? "@fal-ai/client" : name);
  const pack = ["pack", "--dry-run", "--json", "--ignore-scripts"];
  const [packed] = JSON.parse(execFileSync("npm", pack, { cwd: ROOT, encoding: "utf8", stdio: "pipe" }));
  // The one dependency of ours is one of the peers.
  const { bytes, packages } = closureOf("openapi-fetch");
  return { bytes: packed.unpackedSize + bytes, packages: packages + 1 };
}

/** A package with everything it depends on, where npm has put it. */
function closureOf(name: string): { bytes: number; packages: number } {
  const { packages } = JSON.parse(readFileSync(join(BENCH, "package-lock.json"), "utf8"));
  const paths = new Set<string>();
  const visit = (dependency: string, parent: string): void => {
    const nested = `${parent}/node_modules/${dependency}`;
    const path = nested in packages ? nested : `node_modules/${dependency}`;
    if (paths.has(path) || !(path in packages)) return;
    paths.add(path);
    for (const next of Object.keys(packages[path].dependencies ?? {})) visit(next, path);
  };
  visit(name, "");
  return { bytes: [...paths].reduce((sum, path) => sum + bytesOf(join(BENCH, path)), 0), packages: paths.size };
}

/** Bytes of the files below a folder, without the packages nested in it. */
function bytesOf(folder: string): number {
  const files = readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile());
  const own = files.filter(({ parentPath }) => !parentPath.slice(folder.length).includes("/node_modules/"));
  return own.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}

function report(): void {
  const times = (from: Map<string, number[]>, name: string): string =>
    ratio(medianRatio(from.get(name) ?? [], from.get(BASE) ?? []));
  const base = [starts, checks].map((from) => whole(median(from.get(BASE) ?? [])));
  const table: Table = {
    title: "Weight: a program that makes one call",
    about: `What it loads at its start, bundled for Node, minified and gzipped; "ours" is the facade, "ours-raw" the raw client only; kB and packages as installed, with all dependencies (hey-api's client is code in your own repository); start-up and type-check relative to a program that imports nothing, which takes ${base.join(" and ")} ms. Medians of ${START_ROUNDS} and ${TYPE_ROUNDS} interleaved rounds.`,
    columns: ["client", "gzip kB", "installed kB", "packages", "start-up", "type-check"],
    rows: weights.map(({ name, gzipped, bytes, packages }) => [
      ...[name, (gzipped / 1000).toFixed(1), whole(bytes / 1000), String(packages)],
      ...[times(starts, name), times(checks, name)],
    ]),
  };
  const [facade, raw] = weights;
  const limits = [
    atMost(30, "one call of the facade, gzipped", (facade?.gzipped ?? NaN) / 1000, " kB"),
    atMost(11, "one call of the raw client, gzipped", (raw?.gzipped ?? NaN) / 1000, " kB"),
    atMost(0.8, "installed", (facade?.bytes ?? NaN) / 1e6, " MB"),
  ];
  publish({ name: "weight", tables: [table], limits, data: { weights, starts: [...starts], checks: [...checks] } });
}
