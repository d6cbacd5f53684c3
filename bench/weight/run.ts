/** What a dependency costs before its first call: bundle, disk, start-up, type-check. */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../../openapi/document/load.js";
import { bundleOf, bytesBelow } from "../../scripts/size/measure.js";
import { BENCH, buildOurs, generateHeyApi, installPeers } from "../lib/peers.js";
import { type Limit, publish, ratio, type Table, whole } from "../lib/report.js";
import { median, medianRatio, rotated } from "../lib/stats.js";

/** At most, and at least where the machine is busy: after so many milliseconds no further round is begun. */
const ROUNDS = { most: 9, least: 3, milliseconds: 60_000 } as const;
const TYPE_ROUNDS = { most: 3, least: 1, milliseconds: 60_000 } as const;
const PATH = `"/v1/ai/image-upscaler-precision"`;

interface Program {
  readonly name: string;
  /** The package whose installation is counted; ours is packed from this repository. */
  readonly packages: readonly string[];
  readonly source: string;
}

const PROGRAMS: readonly Program[] = [
  {
    name: "ours, createApi()",
    packages: ["magnific-client"],
    source: `import { createApi } from "magnific-client"; export const call = (image) => createApi().POST(${PATH}, { body: { image } });`,
  },
  {
    name: "ours, Magnific",
    packages: ["magnific-client"],
    source: `import { Magnific } from "magnific-client"; export const call = (image) => new Magnific().submit({ image });`,
  },
  {
    name: "openapi-fetch",
    packages: ["openapi-fetch"],
    source: `import createClient from "openapi-fetch"; export const call = (image) => createClient({ baseUrl: "https://x" }).POST(${PATH}, { body: { image } });`,
  },
  {
    name: "hey-api",
    packages: [],
    source: `import { postAiImageUpscalerPrecision } from "./node_modules/.generated/hey-api/sdk.gen.js"; export const call = (image) => postAiImageUpscalerPrecision({ body: { image } });`,
  },
  {
    name: "ky",
    packages: ["ky"],
    source: `import ky from "ky"; export const call = (image) => ky.post(${PATH}, { json: { image } }).json();`,
  },
  {
    name: "got",
    packages: ["got"],
    source: `import got from "got"; export const call = (image) => got.post(${PATH}, { json: { image } }).json();`,
  },
  {
    name: "axios",
    packages: ["axios"],
    source: `import axios from "axios"; export const call = (image) => axios.post(${PATH}, { image });`,
  },
  {
    name: "openai",
    packages: ["openai"],
    source: `import OpenAI from "openai"; export const call = (image) => new OpenAI({ apiKey: "k" }).post(${PATH}, { body: { image } });`,
  },
  {
    name: "replicate",
    packages: ["replicate"],
    source: `import Replicate from "replicate"; export const call = (image) => new Replicate({ auth: "k" }).request(${PATH}, { data: { image } });`,
  },
  {
    name: "fal",
    packages: ["@fal-ai/client"],
    source: `import { fal } from "@fal-ai/client"; export const call = (image) => fal.run("a/b", { input: { image } });`,
  },
];

buildOurs();
installPeers(BENCH);
await generateHeyApi();

const folder = mkdtempSync(join(tmpdir(), "bench-weight-"));
try {
  if (!report(await measure())) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

interface Weight {
  readonly name: string;
  readonly gzipped: number;
  readonly installed: number;
  readonly packages: number;
  readonly start: readonly number[];
  readonly types: readonly number[];
}

async function measure(): Promise<{
  readonly weights: readonly Weight[];
  readonly empty: readonly number[];
  readonly bare: readonly number[];
}> {
  // One project with everything in it: the peers as installed, ours as packed.
  cpSync(join(BENCH, "node_modules"), join(folder, "node_modules"), { recursive: true });
  const ours = join(folder, "node_modules/magnific-client");
  mkdirSync(ours, { recursive: true });
  const [packed] = JSON.parse(
    execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], {
      cwd: ROOT,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }),
  ) as [{ filename: string }];
  execFileSync("tar", ["-xzf", join(folder, packed.filename), "-C", ours, "--strip-components=1"]);
  writeFileSync(join(folder, "package.json"), `{ "type": "module" }`);

  const starts: Record<string, number[]> = { "": [] };
  const checks: Record<string, number[]> = { "": [] };
  writeFileSync(join(folder, "empty.mjs"), "");
  writeFileSync(join(folder, "empty.ts"), "export {};");
  for (const [index, { name, source }] of PROGRAMS.entries()) {
    starts[name] = [];
    checks[name] = [];
    writeFileSync(
      join(folder, `p${index}.mjs`),
      source.replace("sdk.gen.js", "../hey-api.mjs").replace("hey-api/../", ""),
    );
    writeFileSync(join(folder, `p${index}.ts`), source.replace("(image)", "(image: string)"));
  }
  const files = ["", ...PROGRAMS.map(({ name }) => name)];
  const fileOf = (name: string, extension: string): string =>
    join(folder, `${name === "" ? "empty" : `p${files.indexOf(name) - 1}`}.${extension}`);
  for (const round of rounds(ROUNDS))
    for (const name of rotated(files, round)) starts[name]?.push(time(process.execPath, [fileOf(name, "mjs")]));
  const tsc = join(BENCH, "node_modules/typescript/bin/tsc");
  const flags = ["--noEmit", "--strict", "--target", "es2022", "--module", "nodenext", "--skipLibCheck"];
  const types = ["--types", "node", "--typeRoots", join(ROOT, "node_modules/@types")];
  for (const round of rounds(TYPE_ROUNDS))
    for (const name of rotated(files, round))
      checks[name]?.push(time(process.execPath, [tsc, ...flags, ...types, fileOf(name, "ts")], true));

  const weights: Weight[] = [];
  for (const { name, packages, source } of PROGRAMS) {
    const platform = name === "got" || name === "axios" ? "node" : "neutral";
    const bundle = await bundleOf(source, { folder, platform });
    const closure = closureOf(packages);
    weights.push({
      name,
      gzipped: bundle.gzipped,
      installed: name === "hey-api" ? bytesBelow(join(folder, "node_modules/.generated/hey-api")) : closure.bytes,
      packages: closure.count,
      start: starts[name] ?? [],
      types: checks[name] ?? [],
    });
  }
  return { weights, empty: starts[""] ?? [], bare: checks[""] ?? [] };
}

function* rounds({ most, least, milliseconds }: typeof ROUNDS | typeof TYPE_ROUNDS): Generator<number> {
  const start = performance.now();
  for (let round = 0; round < most; round++) {
    if (round >= least && performance.now() - start > milliseconds) return;
    yield round;
  }
}

function time(command: string, args: readonly string[], mayFail = false): number {
  const start = performance.now();
  try {
    execFileSync(command, args, { stdio: "ignore", cwd: folder });
  } catch (error) {
    if (!mayFail) throw error;
  }
  return performance.now() - start;
}

/** A package and everything it needs, as npm installed it. */
function closureOf(names: readonly string[]): { readonly bytes: number; readonly count: number } {
  const modules = join(folder, "node_modules");
  const seen = new Set<string>();
  const visit = (name: string): void => {
    const path = join(modules, name);
    if (seen.has(name) || !existsSync(path)) return;
    seen.add(name);
    const { dependencies = {} } = JSON.parse(readFileSync(join(path, "package.json"), "utf8")) as {
      dependencies?: Record<string, string>;
    };
    for (const dependency of Object.keys(dependencies)) visit(dependency);
  };
  for (const name of names) visit(name);
  const paths = [...seen].map((name) => join(modules, name));
  const nested = paths.map((path) =>
    existsSync(join(path, "node_modules")) ? packagesBelow(join(path, "node_modules")) : 0,
  );
  return {
    bytes: paths.reduce((sum, path) => sum + bytesBelow(path), 0),
    count: seen.size + nested.reduce((sum, count) => sum + count, 0),
  };
}

/** Packages in a `node_modules` folder, scoped and nested ones included. */
function packagesBelow(folder: string): number {
  let count = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || entry.name !== "package.json") continue;
    const path = join(entry.parentPath, entry.name);
    if (/node_modules\/(?:@[^/]+\/)?[^/]+\/package\.json$/.test(path)) count++;
  }
  return count;
}

function report({ weights, empty, bare }: Awaited<ReturnType<typeof measure>>): boolean {
  const table: Table = {
    title: "Weight: a program that makes one call",
    about: `Minified and gzipped by esbuild; bytes and packages as installed (hey-api's client is code in your own repository); start-up and type-check relative to an empty program, medians of ${empty.length} and ${bare.length} interleaved rounds. ${whole(median(empty))} ms and ${whole(median(bare))} ms are the empty program's.`,
    columns: [
      "client",
      "gzip kB",
      "installed kB",
      "packages",
      "start-up",
      "type-check",
      "start-up +ms",
      "type-check +ms",
    ],
    rows: weights.map(({ name, gzipped, installed, packages, start, types }) => [
      name,
      (gzipped / 1000).toFixed(1),
      whole(installed / 1000),
      String(packages),
      ratio(medianRatio(start, empty)),
      ratio(medianRatio(types, bare)),
      whole(median(start) - median(empty)),
      whole(median(types) - median(bare)),
    ]),
  };
  const call = weights[0]?.gzipped ?? Number.NaN;
  const limits: Limit[] = [
    {
      what: "one call through createApi() ≤ 10 kB gzip",
      measured: `${(call / 1000).toFixed(1)} kB`,
      holds: call <= 10_000,
    },
  ];
  return publish({ name: "weight", tables: [table], limits, data: { weights, empty, bare } });
}
