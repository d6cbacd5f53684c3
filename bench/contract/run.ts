/**
 * Contract testers side by side, each as a command against the same provider: first a correct one, for the time and false
 * alarms, then one with a single fault at a time. `--all` plays every fault, which takes long.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FIELDS } from "../../contract-tests/magnific/fields.js";
import type { Fault } from "../../contract-tests/proof/faults/fault.js";
import { faultsFor } from "../../contract-tests/proof/faults/faults.js";
import { startProvider } from "../../contract-tests/proof/provider/provider.js";
import { ROOT } from "../../openapi/document/load.js";
import { install } from "../../scripts/install.js";
import { atMost, publish, QUICK, ratio, type Table, whole } from "../lib/report.js";
import { median, medianRatio, rotated } from "../lib/stats.js";
import { HERE, type Played, prepareFolder, run, TESTERS, type Tester } from "./testers.js";

const ROUNDS = QUICK ? 1 : 3;
const document = JSON.parse(readFileSync(join(ROOT, "generated/upscaler-precision/openapi.json"), "utf8"));
const ALL = faultsFor(FIELDS);
/** Chosen by counting, not by hand. */
const EVERY = process.argv.includes("--all") ? 1 : QUICK ? 40 : 13;
const FAULTS = ALL.filter((_, index) => index % EVERY === 0);

interface Result {
  readonly tester: Tester;
  readonly seconds: number[];
  readonly correct: Played[];
  /** By fault. */
  readonly faulty: Played[];
}

install(HERE);
const results: readonly Result[] = TESTERS.map((tester) => ({ tester, seconds: [], correct: [], faulty: [] }));
const folder = mkdtempSync(join(tmpdir(), "bench-contract-"));
try {
  prepareFolder(document, folder);
  for (let round = 0; round < ROUNDS; round++)
    for (const { tester, seconds, correct } of rotated(results, round)) {
      const start = performance.now();
      correct.push(await play(tester));
      seconds.push((performance.now() - start) / 1000);
    }
  for (const { tester, faulty } of results) for (const fault of FAULTS) faulty.push(await play(tester, fault));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
report();

async function play(tester: Tester, fault?: Fault): Promise<Played> {
  const { url, key, close } = await startProvider(document, fault ? { fault } : {});
  const played = await run(tester, url, key, folder);
  await close();
  return played;
}

/** What fails in one of several rounds does not count as passed. */
function passedBy({ correct }: Result): number {
  return Math.min(...correct.map(({ passed }) => passed));
}

function verdicts(result: Result): string[] {
  return result.faulty.map(({ cases, passed }) => {
    if (cases === 0) return "no result";
    return passed < passedBy(result) ? "found" : "–";
  });
}

function foundBy(result: Result): number {
  return verdicts(result).filter((each) => each === "found").length;
}

function report(): void {
  const ours = results[0] as Result;
  const table: Table = {
    title: "Contract testers against one provider",
    about: `Each as a command, start-up included, with the same document (the vendored page with our overlays) and the same provider, which belongs to our suite, as do the faults. Medians of ${ROUNDS} interleaved rounds. "False alarms" fail on the correct provider. A fault counts as found when fewer cases pass than with the correct provider. ${FAULTS.length} of our ${ALL.length} faults were played, each ${EVERY}th. drift only reads the traffic that respect makes.`,
    columns: ["tester", "by hand", "time ×ours", "wall s", "cases", "false alarms", "faults found"],
    rows: results.map((result) => {
      const cases = median(result.correct.map((each) => each.cases));
      const name = [result.tester.name, result.tester.byHand];
      if (cases === 0) return [...name, "did not run here", "", "", "", ""];
      const times = [ratio(medianRatio(result.seconds, ours.seconds)), ratio(median(result.seconds))];
      return [...name, ...times, whole(cases), whole(cases - passedBy(result)), String(foundBy(result))];
    }),
  };
  const matrix: Table = {
    title: "Fault by fault",
    about: `What the provider does wrong, and who notices. "No result": the tester was stopped after 60 s, or broke down.`,
    columns: ["fault", ...TESTERS.map(({ name }) => name)],
    rows: FAULTS.map(({ group, what }, index) => [
      `${group}: ${what}`,
      ...results.map((result) => verdicts(result)[index] ?? ""),
    ]),
  };
  const limits = [
    atMost(
      0,
      "ours: false alarms",
      Math.max(...ours.correct.map(({ cases, passed }) => (cases || Number.NaN) - passed)),
    ),
    atMost(0, "ours: faults not found", FAULTS.length - foundBy(ours)),
  ];
  const data = results.map(({ tester, ...rest }) => ({ tester: tester.name, ...rest }));
  publish({ name: "contract", tables: [table, matrix], limits, data });
}
