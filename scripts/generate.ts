/** `npm run generate`: openapi/ → generated/. With `--check`: exit 1 and name the stale files, write nothing. With `--out <dir>`: another folder. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "../openapi/document/load.js";
import { generatedFiles, presentFiles } from "./generate/files.js";

const { values } = parseArgs({
  options: { check: { type: "boolean", default: false }, out: { type: "string", default: join(ROOT, "generated") } },
});
const dir = values.out;

try {
  const wanted = await generatedFiles();
  const stale = [...wanted].filter(([name, text]) => {
    const path = join(dir, name);
    return !existsSync(path) || readFileSync(path, "utf8") !== text;
  });
  const strays = presentFiles(dir).filter((name) => !wanted.has(name));
  if (!values.check) {
    for (const [name, text] of stale) {
      const path = join(dir, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(`${path}.tmp`, text);
      renameSync(`${path}.tmp`, path);
    }
    for (const name of strays) rmSync(join(dir, name));
    const removed = strays.length > 0 ? `, ${strays.length} removed` : "";
    console.log(`generated/: ${stale.length} of ${wanted.size} files written${removed}.`);
  } else if (stale.length + strays.length === 0) console.log(`generated/ is fresh: ${wanted.size} files.`);
  else {
    for (const [name] of stale) {
      const how = existsSync(join(dir, name)) ? "differs from" : "is missing, not made from";
      console.error(`stale: generated/${name} ${how} openapi/`);
    }
    for (const name of strays) console.error(`stray: generated/${name} is not made from openapi/`);
    console.error("Run `npm run generate` and commit the result.");
    process.exitCode = 1;
  }
} catch (error) {
  console.error(`generate: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
