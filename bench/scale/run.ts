/** How the steps from a document to a tested client scale: a quarter, half and all of the provider's full size. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { ROOT } from "../../openapi/document/load.js";
import { atMost, publish, QUICK, ratio, type Table, whole } from "../lib/report.js";
import { SKIPPED, scaleDocument } from "./document.js";
import { type Measured, measure } from "./measure.js";

const SIZES = QUICK ? [20, 40] : [109, 218, 436];
const [half = 0, full = 0] = SIZES.slice(-2);
const PLAYED = process.argv.includes("--all") ? full : (SIZES[0] ?? 0);
const WORKER = join(ROOT, "bench/scale/worker.ts");
/** Takes longest, so it is played for one size: the smallest, or all of it with `--all`. */
const CONTRACT = "play the contract against the mock";
const VENDOR = "npm run vendor, the whole command";
/** The first step takes the document in; the others work on what it leaves. */
const STEPS: Readonly<Record<string, readonly string[]>> = {
  [VENDOR]: [join(ROOT, "scripts/vendor.ts"), "--root", ".", "--skip", SKIPPED, "scale.yaml"],
  "generate types and validators": [WORKER, "generate"],
  "derive the contract cases": [WORKER, "cases"],
  [CONTRACT]: [WORKER, "contract"],
};

/** Most seconds of a step. */
const SECONDS: Readonly<Record<string, number>> = { [VENDOR]: 40, [CONTRACT]: PLAYED === full ? 480 : 120 };

const measured = new Map<string, Measured>();
for (const size of SIZES) {
  const folder = mkdtempSync(join(tmpdir(), "bench-scale-"));
  writeFileSync(join(folder, "scale.yaml"), stringify(scaleDocument(size), { aliasDuplicateObjects: false }));
  for (const each of ["openapi/overlays", "contract-tests/lock"]) mkdirSync(join(folder, each), { recursive: true });
  for (const name of readdirSync(join(ROOT, "openapi/overlays")).filter((each) =>
    /^(provider|task-template)/.test(each),
  ))
    cpSync(join(ROOT, "openapi/overlays", name), join(folder, "openapi/overlays", name));
  for (const [step, args] of Object.entries(STEPS))
    if (step !== CONTRACT || size === PLAYED) measured.set(`${step} ${size}`, await measure(args, folder));
  rmSync(folder, { recursive: true });
}

const of = (step: string, size: number, field: "seconds" | "cpu" | "peak"): number =>
  measured.get(`${step} ${size}`)?.[field] ?? Number.NaN;
const growth = (step: string): number => of(step, full, "cpu") / of(step, half, "cpu");
const { cases, operations, tested, wrong } = JSON.parse(measured.get(`${CONTRACT} ${PLAYED}`)?.output ?? "{}");
const table: Table = {
  title: "Scale: from the document to the tested client",
  about: `Time, CPU time, and peak memory of all processes together, by the number of operations. Each step is a program of its own; the first takes the document in, the others read what it leaves. Growth is the CPU time for ${full} operations against that for ${half}: 2 is linear. The contract, of ${cases} cases, is played for ${PLAYED} operations. Each document is made of numbered copies of the vendored document and of one with every shape, and has the flaws of the provider's own full document. The mock gets large documents in slices, because its time for a request grows with the operations.`,
  columns: ["step", ...SIZES.flatMap((size) => [`${size} ops: s`, "CPU s", "MB"]), "growth"],
  rows: Object.keys(STEPS).map((step) => [
    step,
    ...SIZES.flatMap((size) =>
      [ratio(of(step, size, "seconds")), ratio(of(step, size, "cpu"))].concat(whole(of(step, size, "peak"))),
    ),
    ratio(growth(step)),
  ]),
};
const limits = Object.keys(STEPS).flatMap((step) => [
  atMost(SECONDS[step] ?? 120, step, of(step, step === CONTRACT ? PLAYED : full, "seconds"), " s"),
  ...(step === VENDOR ? [] : [atMost(1000, step, of(step, step === CONTRACT ? PLAYED : full, "peak"), " MB")]),
  ...(step === CONTRACT ? [] : [atMost(2.7, `growth: ${step}`, growth(step))]),
]);
limits.push({
  what: "every operation has cases",
  measured: `${tested} of ${operations}`,
  holds: tested === operations,
});
limits.push(atMost(0, "cases that the mock fails", wrong));
publish({ name: "scale", tables: [table], limits, data: Object.fromEntries(measured) });
