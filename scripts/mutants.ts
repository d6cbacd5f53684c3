/** `npm run mutants`: Stryker on the source, which takes hours; `-- --mutate <files>` on some of it. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "../openapi/document/load.js";
import { install } from "./install.js";

const HERE = join(ROOT, "scripts/mutants");
install(HERE);
const stryker = join(HERE, "node_modules/@stryker-mutator/core/bin/stryker.js");
const args = [stryker, "run", join(HERE, "stryker.config.json"), ...process.argv.slice(2)];
process.exitCode = spawnSync(process.execPath, args, { cwd: ROOT, stdio: "inherit" }).status ?? 1;
