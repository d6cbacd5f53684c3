/** `npm run crash -- --kills 1000`: the crash test of batches in any size. */
import { parseArgs } from "node:util";
import { crashTest } from "../src/batch/test/crash.js";
import { builtCommand } from "../src/cli/test/command.js";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "1000" },
    images: { type: "string" },
    concurrency: { type: "string", default: "4" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
  },
});
const kills = Number(values.kills);
const images = Number(values.images ?? Math.max(200, kills * 2));
const seed = Number(values.seed);
const start = Date.now();
await using command = await builtCommand();
const report = await crashTest(command, {
  images,
  kills,
  seed,
  concurrency: Number(values.concurrency),
  onKill: (kill) => {
    if (kill % 50 === 0) console.log(`${kill} kills, ${Math.round((Date.now() - start) / 1000)} s`);
  },
});
const twice = [...report.paid].filter(([, times]) => times > 1).map(([name]) => name);
const thrice = [...report.paidAtLast].filter(([name, times]) => times > (report.unknown.includes(name) ? 2 : 1));
const checks: [string, boolean][] = [
  ["what was missing at the end was listed as unknown", String(report.wrong) === String(report.unknown.toSorted())],
  ["no image was paid for twice", twice.length === 0],
  ["after --resubmit-unknown every result is byte-identical to the uninterrupted run", report.wrongAtLast.length === 0],
  ["only unknown ones were paid for again, once", thrice.length === 0],
  ["nothing else was left behind", report.strange.length === 0],
  ["exit codes", report.exit === (report.unknown.length > 0 ? 4 : 0) && report.lastExit === 0],
];
console.log(
  `${images} images, ${report.kills} kills (${report.effective} met work), ${report.unknown.length} unknown outcomes, seed ${seed}, ${Math.round((Date.now() - start) / 1000)} s`,
);
for (const [name, holds] of checks) console.log(`${holds ? "ok    " : "FAILED"} ${name}`);
process.exitCode = checks.every(([, holds]) => holds) ? 0 : 1;
