/** Writes the generated pages into `docs/reference/` and `docs/proof/`, which git ignores. */
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ROOT } from "../../openapi/document/load.js";
import { documentedOptions } from "../options/documented.js";
import { apiPages } from "./api.js";
import { cliPage } from "./cli.js";
import { errorFacts } from "./error-classes.js";
import { errorsPage } from "./errors.js";
import { afterTable, moneyTables } from "./money.js";
import { optionsPage } from "./options.js";
import { benchmarksPage, contractPage, type Kept, runtimesPage } from "./reports.js";
import { requestFields } from "./request-fields.js";

const DOCS = join(ROOT, "docs");
const ENTRIES = ["src/index.ts", "src/node.ts", "src/webhook/index.ts", "src/sandbox/index.ts"];

/** @param matrix `matrix.md` of a run of the contract suite. */
export async function writePages(matrix: string): Promise<void> {
  for (const folder of ["reference", "proof"]) rmSync(join(DOCS, folder), { recursive: true, force: true });
  write(
    "reference/options.md",
    optionsPage(documentedOptions(ROOT, ENTRIES), requestFields("/v1/ai/image-upscaler-precision")),
  );
  write("reference/errors.md", errorsPage(errorFacts()));
  write("reference/cli.md", cliPage());
  write("reference/parts/submit.md", `${moneyTables()}\n`);
  write("reference/parts/after.md", `${afterTable()}\n`);
  const benchmarks = ["calls", "images", "weight", "waiting", "contract", "scale"];
  write("proof/benchmarks.md", benchmarksPage(benchmarks.flatMap((name) => kept(name, `reports/bench/${name}.md`))));
  write("proof/runtimes.md", runtimesPage(kept("everywhere", "reports/everywhere.md")[0]));
  await apiPages(join(DOCS, "reference/api"));
  write("proof/contract.md", contractPage(matrix));
}

function write(name: string, text: string): void {
  const path = join(DOCS, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function kept(name: string, path: string): Kept[] {
  const file = join(ROOT, path);
  return existsSync(file) ? [{ name, text: readFileSync(file, "utf8"), written: statSync(file).mtime }] : [];
}
