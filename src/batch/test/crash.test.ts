import { dirname } from "node:path";
import { expect, it } from "vitest";
import { builtCommand } from "../../cli/test/command.js";
import { submitCrashTest } from "../../store/test/crash.js";
import { siblingModule, siblingModules } from "../../test-support/sibling.js";
import { type CrashReport, crashTest } from "./crash.js";

// The long form of both: npm run crash -- --kills 1000, and with --max-paid <n>.
const SEED = Date.now() % 1_000_000;
const hold = ({ checks, summary }: CrashReport): void => {
  for (const [what, holds] of checks) expect(holds, `${what}: ${summary}`).toBe(true);
};

it("a batch that is killed again and again ends as one that was never killed, pays for no image twice, and for none above its limit", {
  timeout: 240_000,
}, async () => {
  await using command = await builtCommand();
  hold(await crashTest(command, { images: 30, kills: 10, seed: SEED, concurrency: 4, maxPaid: 24 }));
});

it("a batch of an operation with two images and statuses of its own does so too, by its generated module alone", {
  timeout: 240_000,
}, async () => {
  await using program = await builtCommand("src/test/operation/batch-program.ts");
  await siblingModule(dirname(program.path));
  const operations = [await siblingModules()];
  hold(await crashTest(program, { images: 24, kills: 5, seed: SEED, concurrency: 4, operations, image: "front" }));
});

it.skipIf(!process.env.LONG_TESTS)(
  "submits of several processes that are killed never pay above the limit of their store",
  { timeout: 240_000 },
  async () => {
    await using command = await builtCommand();
    hold(await submitCrashTest(command, { kills: 40, seed: SEED, concurrency: 4, maxPaid: 20 }));
  },
);
