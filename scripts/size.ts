/** `npm run size`: what users download, against its budgets. Needs a build. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "../openapi/document/load.js";
import { bytesBelow, gzippedBundleOf } from "./size/measure.js";

const call = await gzippedBundleOf(join(ROOT, "scripts/size/raw-client.mjs"));
const facade = await gzippedBundleOf(join(ROOT, "scripts/size/facade.mjs"));
const pack = ["pack", "--dry-run", "--json", "--ignore-scripts"];
const [{ unpackedSize }] = JSON.parse(
  execFileSync("npm", pack, { cwd: ROOT, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }),
) as [{ unpackedSize: number }];
const dependencies = ["openapi-fetch", "openapi-typescript-helpers"].map((name) => join(ROOT, "node_modules", name));

const budgets: readonly (readonly [what: string, bytes: number, budget: number])[] = [
  ["a program that calls createApi() once: what it loads at its start, minified and gzipped", call, 11_000],
  ["a program that submits once through Magnific: the same", facade, 32_000],
  [
    "installed, with its dependencies",
    dependencies.map(bytesBelow).reduce((sum, n) => sum + n, unpackedSize),
    // Of these, 300,000 are what CommonJS costs: dist/cjs/, readable but for sandbox and batches.
    1_000_000,
  ],
];
for (const [what, bytes, budget] of budgets) {
  const percent = (100 * bytes) / budget;
  const verdict = percent > 100 ? "OVER the budget" : percent > 95 ? "close to the budget" : "ok";
  console.log(`${what}: ${bytes} of ${budget} bytes (${percent.toFixed(1)} %), ${verdict}`);
  if (percent > 100) process.exitCode = 1;
}
