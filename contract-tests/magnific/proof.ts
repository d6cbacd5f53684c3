/**
 * The proof of the suite as a command: does it see what it should? Mutants of the vendored document behind the mock, and a
 * provider with one fault at a time. Exit 0: above the gate. 1: below it. 2: could not run.
 */
import { parseArgs } from "node:util";
import { loadOverlays, loadVendored } from "../../openapi/document/load.js";
import { Contract } from "../contract.js";
import { MutantRun } from "../proof/document-mutants.js";
import { faultsFor } from "../proof/faults/faults.js";
import { mutantsOf } from "../proof/mutants.js";
import { playConforming, proveFault } from "../proof/provider-faults.js";
import { documentReport, faultReport } from "../proof/report.js";
import { judgeDocuments, judgeFaults, scoreDocuments } from "../proof/score.js";
import { writeText } from "../report/files.js";
import { MOCK_DEFECTS } from "../targets/mock-defects.js";
import { FIELDS } from "./fields.js";
import { KNOWN_FINDINGS } from "./known-findings.js";
import { EQUIVALENTS, LOCK_ONLY } from "./mutants.js";

const HELP = `npm run contract:proof [-- options]
  --only documents|faults  one half of the proof
  --every <n>              only each n-th mutant, for a quick look
  --json <file>            every mutant and fault, and what saw it`;

/** The results of one half, and why it fails. */
type Half = readonly [results: readonly object[], why: readonly string[]];

async function documents(every: number): Promise<Half> {
  const vendored = loadVendored();
  const run = new MutantRun(vendored, loadOverlays(), { findings: KNOWN_FINDINGS, defects: MOCK_DEFECTS });
  const results = [];
  for (const { name, document } of vendored) {
    const mutants = mutantsOf(document).filter((_, index) => index % every === 0);
    for (const [index, mutant] of mutants.entries()) {
      results.push(await run.play(mutant, name));
      if (process.stderr.isTTY) process.stderr.write(`\r${name}: ${index + 1} of ${mutants.length} mutants `);
    }
  }
  const score = scoreDocuments(results, { equivalents: EQUIVALENTS, lockOnly: LOCK_ONLY }, every === 1);
  console.log(documentReport(score));
  return [results, judgeDocuments(score)];
}

async function faults(): Promise<Half> {
  const contract = new Contract(loadVendored(), loadOverlays());
  for await (const { case: one, column, violations } of playConforming(contract))
    if (violations[0])
      throw new Error(`A provider without a fault (${column}) is not clean: ${one.id}: ${violations[0].message}`);
  const results = [];
  for (const fault of faultsFor(FIELDS)) results.push(await proveFault(contract, fault));
  console.log(faultReport(results));
  return [results, judgeFaults(results)];
}

async function main(args: readonly string[]): Promise<number> {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { only: text, every: text, json: text, help: { type: "boolean" } },
  });
  const { only, json, every = "1" } = values;
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  if (only !== undefined && only !== "documents" && only !== "faults")
    throw new Error("--only takes documents or faults.");
  if (!/^[1-9]\d*$/.test(every)) throw new Error("--every takes a whole number from 1.");
  const [mutants, blind] = only === "faults" ? [undefined, []] : await documents(Number(every));
  const [played, missed] = only === "documents" ? [undefined, []] : await faults();
  if (json !== undefined) writeText(json, `${JSON.stringify({ documents: mutants, faults: played }, null, 2)}\n`);
  const why = [...blind, ...missed];
  for (const each of why) console.log(`✗ ${each}`);
  console.log(why.length === 0 ? "The suite sees what it should." : "The suite is below its gate.");
  return why.length === 0 ? 0 : 1;
}

/** Returns the exit code. */
export async function proof(args: readonly string[]): Promise<number> {
  try {
    return await main(args);
  } catch (error) {
    console.error(`contract:proof: could not run: ${error instanceof Error ? error.message : String(error)}`);
    return 2;
  }
}
