/** Builds the package and installs its peers, which are pinned in the lockfiles of this folder. */
import { execFileSync } from "node:child_process";
import { existsSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { ROOT } from "../../openapi/document/load.js";
import { install } from "../../scripts/install.js";

export const BENCH: string = join(ROOT, "bench");
/** Each is a module of bench/peers/, as are `ours` and `ours-raw`. */
export const PEERS: readonly string[] = [
  "openapi-fetch",
  "hey-api",
  "ky",
  "got",
  "axios",
  "openai",
  "replicate",
  "fal",
];
const GENERATED = join(BENCH, "node_modules/.generated");

/** Everything that bench/peers/ imports. */
export async function prepare(): Promise<void> {
  execFileSync("npm", ["run", "--silent", "build"], { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"] });
  install(BENCH);
  if (existsSync(join(GENERATED, "hey-api.mjs"))) return;
  symlinkSync(ROOT, join(BENCH, "node_modules/magnific-client"));
  await generateHeyApi();
}

/** The client that hey-api generates from the same document, bundled because Node does not run its TypeScript. */
async function generateHeyApi(): Promise<void> {
  const folder = join(GENERATED, "hey-api");
  const options = [
    "-i",
    join(ROOT, "generated/upscaler-precision/openapi.json"),
    "-o",
    folder,
    "-c",
    "@hey-api/client-fetch",
  ];
  execFileSync(join(BENCH, "node_modules/.bin/openapi-ts"), options, { stdio: "ignore", cwd: BENCH });
  const entry = join(folder, "entry.ts");
  writeFileSync(entry, 'export * from "./sdk.gen.js";\nexport { client } from "./client.gen.js";\n');
  writeFileSync(join(GENERATED, "hey-api.d.mts"), 'export * from "./hey-api/entry.js";\n');
  const outfile = join(GENERATED, "hey-api.mjs");
  await build({ entryPoints: [entry], bundle: true, format: "esm", platform: "neutral", outfile });
}
