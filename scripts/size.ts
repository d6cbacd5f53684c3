/**
 * `npm run size`: the budget. Fails when the one-call program, the facade or the installed package grows beyond it. `--parts`
 * lists what the facade is made of. Needs a build.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "../openapi/document/load.js";
import { bundleOf, bytesBelow } from "./size/measure.js";

interface Packed {
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

interface Line {
  readonly what: string;
  readonly bytes: number;
  /** What must not be passed: a little above what is true. */
  readonly budget: number;
  /** What it should be. */
  readonly goal?: number;
}

const call = await bundleOf(
  `import { createApi } from "./dist/src/index.js";
   const { data } = await createApi().POST("/v1/ai/image-upscaler-precision", { body: { image: globalThis.image } });
   console.log(data.data.task_id);`,
  { folder: ROOT },
);
const facade = await bundleOf(
  `import { Magnific } from "./dist/src/index.js";
   const task = await new Magnific().submit({ image: globalThis.image });
   console.log(task.id);`,
  { folder: ROOT },
);
const [packed] = JSON.parse(
  execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    cwd: ROOT,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  }),
) as [Packed];
const dependencies = ["openapi-fetch", "openapi-typescript-helpers"].reduce(
  (sum, name) => sum + bytesBelow(join(ROOT, "node_modules", name)),
  0,
);
const shipped = (end: RegExp): number =>
  packed.files.reduce((sum, { path, size }) => (end.test(path) ? sum + size : sum), 0);
const parts: readonly (readonly [what: string, bytes: number])[] = [
  ["openapi-fetch and its helpers, as published", dependencies],
  ["code: library, sandbox and command", shipped(/\.js$/)],
  ["types with their documentation", shipped(/\.d\.ts$/)],
  ["source maps with the library's sources", shipped(/\.map$/)],
  ["README, licence, package.json", shipped(/^[^/]+$/)],
];

const lines: readonly Line[] = [
  {
    // A program that makes one call through the typed raw door, as it would through a peer.
    what: "one call through createApi(), minified and gzipped",
    bytes: call.gzipped,
    budget: 7_700,
    goal: 10_000,
  },
  {
    // A program that submits through the facade, with all its checks, errors, waits, results and webhooks.
    what: "one submit through Magnific, minified and gzipped",
    bytes: facade.gzipped,
    budget: 36_000,
  },
  {
    what: "installed, with all that comes along",
    bytes: packed.unpackedSize + dependencies,
    budget: 1_088_000,
    goal: 600_000,
  },
];
for (const { what, bytes, budget, goal } of lines) {
  const verdict = bytes <= budget ? "within" : "OVER";
  const met = goal === undefined ? "" : `; the goal of ${goal} is ${bytes <= goal ? "met" : "NOT met"}`;
  console.log(`${what}: ${bytes} bytes, ${verdict} the budget of ${budget}${met}`);
  if (bytes > budget) process.exitCode = 1;
}
for (const [what, bytes] of parts) console.log(`${String(bytes).padStart(10)}  ${what}`);
if (process.argv.includes("--parts"))
  for (const [file, bytes] of facade.parts) console.log(`${String(bytes).padStart(10)}  ${file}`);
