/** `npm run build`: the package, in dist/. */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../openapi/document/load.js";
import { bundle } from "./build/bundle.js";
import { buildCommand } from "./build/command.js";
import { pruneDeclarations } from "./build/declarations.js";
import { entriesOfPackage } from "./build/entries.js";

const { library, tools } = entriesOfPackage();
const typed = [...library, ...tools.filter((entry) => !entry.startsWith("src/cli/"))];

// Made beside the old one and put in its place at the end: whoever reads it meanwhile sees one or the other.
mkdirSync(join(ROOT, "reports"), { recursive: true });
const folder = mkdtempSync(join(ROOT, "reports/.build-"));
const dist = join(folder, "dist");
try {
  // Nobody imports the command: its types are not built into anything.
  const compiler = join(ROOT, "node_modules/typescript/bin/tsc");
  const options = ["-p", "tsconfig.build.json", "--emitDeclarationOnly", "--outDir", dist];
  execFileSync(process.execPath, [compiler, ...options], { cwd: ROOT, stdio: "inherit" });
  // JavaScript with declarations of its own: the compiler does not carry it over.
  mkdirSync(join(dist, "generated"), { recursive: true });
  copyFileSync(join(ROOT, "generated/validators.d.ts"), join(dist, "generated/validators.d.ts"));
  pruneDeclarations(dist, typed);
  await bundle(dist, { library, tools });
  buildCommand(dist);
  const old = join(folder, "old");
  try {
    renameSync(join(ROOT, "dist"), old);
  } catch {
    // There is none yet.
  }
  renameSync(dist, join(ROOT, "dist"));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
