/** `npm run size`: what users download, against its budgets. `-- --parts` lists what the facade is made of. Needs a build. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "../openapi/document/load.js";
import { bundleOf, bytesBelow } from "./size/measure.js";

const bundled = (program: string) => bundleOf(program, { folder: ROOT });
const call = await bundled(
  `import { createApi } from "./dist/index.js";
   const { data } = await createApi().POST("/v1/ai/image-upscaler-precision", { body: { image: globalThis.image } });
   console.log(data.data.task_id);`,
);
const facade = await bundled(
  `import { Magnific } from "./dist/index.js";
   const task = await new Magnific().submit({ image: globalThis.image });
   console.log(task.id);`,
);
const pack = ["pack", "--dry-run", "--json", "--ignore-scripts"];
const [{ unpackedSize }] = JSON.parse(
  execFileSync("npm", pack, { cwd: ROOT, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }),
) as [{ unpackedSize: number }];
const dependencies = ["openapi-fetch", "openapi-typescript-helpers"].map((name) => join(ROOT, "node_modules", name));

const budgets: readonly (readonly [what: string, bytes: number, budget: number])[] = [
  ["a program that calls createApi() once, minified and gzipped", call.gzipped, 11_400],
  ["a program that submits once through Magnific, minified and gzipped", facade.gzipped, 38_000],
  ["installed, with its dependencies", dependencies.map(bytesBelow).reduce((sum, n) => sum + n, unpackedSize), 850_000],
];
for (const [what, bytes, budget] of budgets) {
  const percent = (100 * bytes) / budget;
  const verdict = percent > 100 ? "OVER the budget" : percent > 95 ? "close to the budget" : "ok";
  console.log(`${what}: ${bytes} of ${budget} bytes (${percent.toFixed(1)} %), ${verdict}`);
  if (percent > 100) process.exitCode = 1;
}
if (process.argv.includes("--parts"))
  for (const [file, bytes] of facade.parts) console.log(`${String(bytes).padStart(10)}  ${file}`);
