/**
 * `npm run contract:proof`: do the tests see what they should? Mutants of the vendored document behind the mock, and a
 * provider with one fault at a time. Exit 0: above the gate. 1: below it. 2: could not run.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { Contract } from "../contract-tests/contract.js";
import { KNOWN_FINDINGS, MOCK_DEFECTS } from "../contract-tests/known/known.js";
import { type MutantResult, MutantRun } from "../contract-tests/proof/document-mutants.js";
import { faultsFor } from "../contract-tests/proof/faults.js";
import { mutantsOf } from "../contract-tests/proof/mutants.js";
import { type FaultResult, playFault, proveFaults } from "../contract-tests/proof/provider-faults.js";
import { documentReport, faultReport } from "../contract-tests/proof/report.js";
import { judgeDocuments, judgeFaults, type Passed, scoreDocuments } from "../contract-tests/proof/score.js";
import { loadOverlays, loadVendored } from "../openapi/document/load.js";

const HELP = `npm run contract:proof [-- options]
  --only documents|faults  one half of the proof
  --every <n>              each n-th mutant only, for a quick look; the gate then says nothing
  --json <file>            every mutant and fault with what saw it`;

/** Fields of the answers that the faults damage. */
const FIELDS = { id: "task_id", status: "status", list: "generated" };

async function documents(every: number): Promise<{ results: MutantResult[]; passed: Passed }> {
  const vendored = loadVendored();
  const run = new MutantRun(vendored, loadOverlays(), { findings: KNOWN_FINDINGS, defects: MOCK_DEFECTS });
  const results: MutantResult[] = [];
  for (const { name, document } of vendored) {
    const mutants = mutantsOf(document).filter((_, index) => index % every === 0);
    for (const [index, mutant] of mutants.entries()) {
      results.push(await run.play(mutant, name));
      if (process.stderr.isTTY) process.stderr.write(`\r${name}: ${index + 1} of ${mutants.length} mutants`);
    }
    if (process.stderr.isTTY) process.stderr.write("\n");
  }
  const score = scoreDocuments(results, every === 1);
  console.log(documentReport(score));
  return { results, passed: judgeDocuments(score) };
}

async function faults(): Promise<{ results: FaultResult[]; passed: Passed }> {
  const contract = new Contract(loadVendored(), loadOverlays());
  const control = (await playFault(contract, contract.document, undefined)).find(
    (result) => result.outcome === "violates",
  );
  if (control)
    throw new Error(`The provider without a fault is not clean: ${control.case.id}: ${control.violations[0]?.message}`);
  const results = await proveFaults(contract, faultsFor(FIELDS));
  console.log(faultReport(results));
  return { results, passed: judgeFaults(results) };
}

function wholeNumber(text: string, option: string): number {
  const value = Number(text);
  if (!(Number.isInteger(value) && value > 0)) throw new Error(`${option} takes a whole number from 1.`);
  return value;
}

function write(file: string | undefined, value: object): void {
  if (file === undefined) return;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
}

function told(why: readonly string[]): number {
  for (const each of why) console.log(`✗ ${each}`);
  console.log(why.length === 0 ? "The suite sees what it should." : "The suite is below its gate.");
  return why.length === 0 ? 0 : 1;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: "string" },
      every: { type: "string", default: "1" },
      json: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  if (values.only !== undefined && values.only !== "documents" && values.only !== "faults")
    throw new Error("--only takes documents or faults.");
  const every = wholeNumber(values.every, "--every");
  const first = values.only === "faults" ? undefined : await documents(every);
  const second = values.only === "documents" ? undefined : await faults();
  write(values.json, { documents: first?.results, faults: second?.results });
  return told([...(first?.passed.why ?? []), ...(second?.passed.why ?? [])]);
}

try {
  // Prism's server keeps timers of its own, so the process is ended rather than left to end.
  process.exit(await main());
} catch (error) {
  console.error(`contract:proof: could not run: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(2);
}
