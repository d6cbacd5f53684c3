/**
 * `npm run contract:proof`: do the tests see what they should? Mutants of the vendored document behind the mock, a provider
 * with one fault at a time, and mutants of our own source. Exit 0: above the gate. 1: below it. 2: could not run.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
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
import { SOURCE_EQUIVALENTS } from "../contract-tests/proof/source/equivalents.js";
import { proveSource } from "../contract-tests/proof/source/prove.js";
import { sourceReport } from "../contract-tests/proof/source/report.js";
import { judgeSource, scoreSource } from "../contract-tests/proof/source/score.js";
import { changedFiles, select, sourceFiles, within } from "../contract-tests/proof/source/selection.js";
import { loadOverlays, loadVendored } from "./document/load.js";

const MOST_CHANGED = 12;

const HELP = `npm run contract:proof [-- options]
  --only documents|faults  one half of the proof
  --every <n>              each n-th mutant only, for a quick look; the gate then says nothing
  --json <file>            every mutant and fault with what saw it
npm run contract:proof -- --src [files or folders] [options]
  mutants of our own source instead, under the unit and contract tests; all of src/ where nothing is named
  --changed [since]        only files changed since a commit or branch (default HEAD: what is not committed)
  --most <n>               no more than so many files, the most changed first (default ${MOST_CHANGED} with --changed); says what it leaves out
  --every <n>              one mutant in so many, the same ones each time; the score is then an estimate, told with its range
  --minutes <n>            begins no further folder after so many minutes; says what it leaves out
  --concurrency <n>        how many processes run tests at a time
  --json <file>            every mutant with what became of it`;

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

interface SourceOptions {
  readonly changed: boolean;
  readonly most?: string | undefined;
  readonly minutes?: string | undefined;
  readonly concurrency?: string | undefined;
  readonly every: string;
  readonly json?: string | undefined;
}

async function source(options: SourceOptions, places: readonly string[]): Promise<number> {
  const [since = "HEAD", ...rest] = options.changed ? places : [];
  const files = within(options.changed ? changedFiles(since) : sourceFiles(), options.changed ? rest : places);
  const most =
    options.most === undefined
      ? options.changed
        ? MOST_CHANGED
        : Number.POSITIVE_INFINITY
      : wholeNumber(options.most, "--most");
  const { groups, cut } = select(files, most);
  if (groups.size === 0) {
    console.log("No file of the source to mutate.");
    return 0;
  }
  const every = wholeNumber(options.every, "--every");
  const { mutants, unmeasured, notes } = await proveSource(groups, {
    every,
    concurrency:
      options.concurrency === undefined
        ? Math.max(1, availableParallelism() - 1)
        : wholeNumber(options.concurrency, "--concurrency"),
    until: options.minutes === undefined ? undefined : Date.now() + wholeNumber(options.minutes, "--minutes") * 60_000,
    says: (line) => process.stderr.isTTY && process.stderr.write(`${line}\n`),
  });
  const score = scoreSource(mutants, SOURCE_EQUIVALENTS, every);
  console.log(sourceReport(score));
  for (const note of notes) console.log(`  NOTE: ${note}`);
  for (const file of [...cut, ...unmeasured]) console.log(`  NOT MEASURED, beyond the bound: ${file}`);
  write(options.json, { source: mutants });
  return told(judgeSource(score).why);
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
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      src: { type: "boolean", default: false },
      changed: { type: "boolean", default: false },
      most: { type: "string" },
      minutes: { type: "string" },
      concurrency: { type: "string" },
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
  if (values.src) return source(values, positionals);
  if (positionals.length > 0 || values.changed) throw new Error("Files are for --src.");
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
