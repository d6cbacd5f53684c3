/**
 * `npm run vendor -- <page.md>`: takes a documentation page in. The page and the document inside it are kept byte for
 * byte; what the page lacks or gets wrong is said in openapi/overlays/.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { OPENAPI_DIR } from "./document/load.js";
import { type Lock, lockEntry } from "./document/lock.js";
import { documentOfPage } from "./document/page.js";
import { parseYaml } from "./document/yaml.js";

function vendor(source: string): void {
  const page = readFileSync(source);
  const name = basename(source).replace(/\.md$/, "");
  const { text, operation } = documentOfPage(page.toString("utf8"));
  const document = parseYaml(text, `${name}.yaml`);

  const lockPath = join(OPENAPI_DIR, "vendor.lock.json");
  const lock: Lock = existsSync(lockPath) ? (JSON.parse(readFileSync(lockPath, "utf8")) as Lock) : {};
  const before = lock[`${name}.yaml`];
  const entry = lockEntry(basename(source), page, text, document, new Date().toISOString().slice(0, 10));
  if (before?.page_sha256 === entry.page_sha256) {
    console.log(`${name}: unchanged since ${before.date}.`);
    return;
  }
  const next = Object.fromEntries(
    Object.entries({ ...lock, [`${name}.yaml`]: entry }).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  mkdirSync(join(OPENAPI_DIR, "pages"), { recursive: true });
  writeAtomically(join(OPENAPI_DIR, "pages", `${name}.md`), page);
  writeAtomically(join(OPENAPI_DIR, `${name}.yaml`), text);
  writeAtomically(lockPath, `${JSON.stringify(next, null, 2)}\n`);
  console.log(
    `${name}: ${before ? "taken in anew" : "taken in"} (${operation}). Now run \`npm run generate\` and review the difference.`,
  );
}

function writeAtomically(path: string, data: string | Uint8Array): void {
  writeFileSync(`${path}.tmp`, data);
  renameSync(`${path}.tmp`, path);
}

const [source, ...rest] = parseArgs({ allowPositionals: true }).positionals;
if (source === undefined || rest.length > 0) {
  console.error("Usage: npm run vendor -- <page.md>");
  process.exitCode = 2;
} else {
  try {
    vendor(source);
  } catch (error) {
    console.error(`vendor: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
