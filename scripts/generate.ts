/** `npm run generate`: openapi/ → generated/. With `--check`: exit 1 and name the stale files, write nothing. With `--out <dir>`: another folder. */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "../openapi/document/load.js";
import { generatedFiles } from "./generate/files.js";

const { values } = parseArgs({
  options: { check: { type: "boolean", default: false }, out: { type: "string", default: join(ROOT, "generated") } },
});
const dir = values.out;

try {
  mkdirSync(dir, { recursive: true });
  const wanted = await generatedFiles();
  const present = new Map(readdirSync(dir).map((name) => [name, readFileSync(join(dir, name), "utf8")]));
  const stale = [...wanted].filter(([name, text]) => present.get(name) !== text);
  const strays = [...present.keys()].filter((name) => !wanted.has(name));
  if (!values.check) {
    for (const [name, text] of stale) {
      writeFileSync(join(dir, `${name}.tmp`), text);
      renameSync(join(dir, `${name}.tmp`), join(dir, name));
    }
    for (const name of strays) rmSync(join(dir, name), { recursive: true });
    const removed = strays.length > 0 ? `, ${strays.length} removed` : "";
    console.log(`generated/: ${stale.length} of ${wanted.size} files written${removed}.`);
  } else if (stale.length + strays.length === 0) console.log(`generated/ is fresh: ${wanted.size} files.`);
  else {
    for (const [name] of stale)
      console.error(
        `stale: generated/${name} ${present.has(name) ? "differs from" : "is missing, not made from"} openapi/`,
      );
    for (const name of strays) console.error(`stray: generated/${name} is not made from openapi/`);
    console.error("Run `npm run generate` and commit the result.");
    process.exitCode = 1;
  }
} catch (error) {
  console.error(`generate: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
