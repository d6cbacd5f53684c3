/** `npm run generate`: openapi/ → generated/. With `--check`: exit 1 and name the stale files, write nothing. With `--openapi` and `--out`: other folders. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { OPENAPI_DIR, ROOT } from "../openapi/document/load.js";
import { generatedFiles, staleFiles } from "./generate/files.js";

const { values } = parseArgs({
  options: {
    check: { type: "boolean", default: false },
    openapi: { type: "string", default: OPENAPI_DIR },
    out: { type: "string", default: join(ROOT, "generated") },
  },
});

try {
  const wanted = await generatedFiles(values.openapi);
  const stale = staleFiles(values.out, wanted);
  for (const [name, text] of stale) {
    const path = join(values.out, name);
    if (values.check) {
      const how = text === null ? "is not made from" : existsSync(path) ? "differs from" : "is missing, not made from";
      console.error(`stale: generated/${name} ${how} openapi/`);
    } else if (text === null) rmSync(path);
    else {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
  }
  if (!values.check) console.log(`generated/: ${stale.size} of ${wanted.size} files changed.`);
  else if (stale.size === 0) console.log(`generated/ is fresh: ${wanted.size} files.`);
  else {
    console.error("Run `npm run generate` and commit the result.");
    process.exitCode = 1;
  }
} catch (error) {
  console.error(`generate: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
