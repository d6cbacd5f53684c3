/** `npm run build`: the package, in dist/. */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildCommand } from "./build/command.js";
import { ROOT } from "./document/load.js";

const dist = join(ROOT, "dist");
rmSync(dist, { recursive: true, force: true });
execFileSync(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.build.json"], {
  cwd: ROOT,
  stdio: "inherit",
});
// JavaScript with declarations of its own: the compiler does not carry it over.
mkdirSync(join(dist, "generated"), { recursive: true });
for (const name of ["validators.js", "validators.d.ts"])
  copyFileSync(join(ROOT, "generated", name), join(dist, "generated", name));

// Before TypeScript 5.7 Uint8Array took no parameter. What an encoder gives has the right type in each version.
for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
  if (!entry.name.endsWith(".d.ts")) continue;
  const path = join(entry.parentPath, entry.name);
  const text = readFileSync(path, "utf8");
  const older = text
    .replaceAll("Uint8Array<ArrayBuffer>", 'ReturnType<TextEncoder["encode"]>')
    .replaceAll("Uint8Array<ArrayBufferLike>", "Uint8Array");
  if (older !== text) writeFileSync(path, older);
}

buildCommand(dist);
