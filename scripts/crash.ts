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
await using command = await builtCommand();
const onKill = (kill: number): void => void (kill % 50 === 0 && console.log(`${kill} kills`));
const { seed, concurrency } = values;
const options = { images, kills, seed: Number(seed), concurrency: Number(concurrency), onKill };
const { checks, summary } = await crashTest(command, options);
console.log(summary);
for (const [what, holds] of checks) console.log(`${holds ? "ok    " : "FAILED"} ${what}`);
process.exitCode = checks.every(([, holds]) => holds) ? 0 : 1;
