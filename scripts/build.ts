/** `npm run build`: the package, in dist/. */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
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
