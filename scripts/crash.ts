/** `npm run crash -- --kills 1000`: the crash test of batches in any size; with `--max-paid <n>` that of the limit too. */
import { parseArgs } from "node:util";
import { type CrashReport, crashTest } from "../src/batch/test/crash.js";
import { builtCommand } from "../src/cli/test/command.js";
import { submitCrashTest } from "../src/store/test/crash.js";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "1000" },
    "max-paid": { type: "string" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
  },
});
const kills = Number(values.kills);
const maxPaid = values["max-paid"] === undefined ? undefined : Number(values["max-paid"]);
await using command = await builtCommand();
const onKill = (kill: number): void => void (kill % 50 === 0 && console.log(`${kill} kills`));
const options = { images: Math.max(200, kills * 2), kills, seed: Number(values.seed), concurrency: 4, maxPaid };
const report = ({ checks, summary }: CrashReport): void => {
  console.log(summary);
  for (const [what, holds] of checks) console.log(`${holds ? "ok    " : "FAILED"} ${what}`);
  if (!checks.every(([, holds]) => holds)) process.exitCode = 1;
};
report(await crashTest(command, { ...options, onKill }));
if (maxPaid !== undefined) report(await submitCrashTest(command, options));
