/** `npm run size`: the budget. Fails when the one-call program or the installed package grows beyond it. Needs a build. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "./document/load.js";
import { bundleOf, bytesBelow } from "./size/measure.js";

/** Bytes, gzipped: a program that makes one call through the typed raw door, as it would through a peer. */
const CALL_BUDGET = 10_000;
/** Bytes, gzipped: a program that submits through the facade, with all its checks, errors, waits, results and webhooks. */
const FACADE_BUDGET = 36_000;
/** Bytes on the disk, package and dependency together. More than half are source maps with the sources in them. */
const INSTALLED_BUDGET = 2_600_000;

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
) as [{ unpackedSize: number }];
const installed = packed.unpackedSize + bytesBelow(join(ROOT, "node_modules/openapi-fetch"));

const lines: readonly (readonly [what: string, bytes: number, budget: number])[] = [
  ["one call through createApi(), minified and gzipped", call.gzipped, CALL_BUDGET],
  ["one submit through Magnific, minified and gzipped", facade.gzipped, FACADE_BUDGET],
  ["installed, with openapi-fetch", installed, INSTALLED_BUDGET],
];
for (const [what, bytes, budget] of lines) {
  const verdict = bytes <= budget ? "within" : "OVER";
  console.log(`${what}: ${bytes} bytes, ${verdict} the budget of ${budget}`);
  if (bytes > budget) process.exitCode = 1;
}
if (process.argv.includes("--parts"))
  for (const [file, bytes] of facade.parts) console.log(`${String(bytes).padStart(8)}  ${file}`);
