/** Redocly's lint by the rules of `redocly.yaml`, without the flaws that are known. */
import { join } from "node:path";
import { formatProblems, getTotals, lintFromString, loadConfig } from "@redocly/openapi-core";
import { OPENAPI_DIR, ROOT } from "../../openapi/document/load.js";
import { knownProblems } from "./lint-exceptions.js";

/** Prints what is wrong with vendored documents. @returns the exit code. */
export async function lint(vendored: readonly { readonly name: string; readonly text: string }[]): Promise<number> {
  const config = await loadConfig({ configPath: join(ROOT, "redocly.yaml") });
  const isKnown = knownProblems(ROOT);
  let failed = false;
  for (const { name, text } of vendored) {
    const found = await lintFromString({ source: text, absoluteRef: join(OPENAPI_DIR, name), config });
    const problems = found.filter(
      ({ ruleId, location }) => !isKnown(name, { rule: ruleId, pointer: location[0]?.pointer ?? "#/" }),
    );
    const totals = getTotals(problems);
    formatProblems(problems, { cwd: ROOT, totals, version: "" });
    console.log(`openapi/${name}: ${problems.length} problems, and ${found.length - problems.length} that are known`);
    failed ||= totals.errors > 0;
  }
  return failed ? 1 : 0;
}
