import { afterAll, beforeAll, expect, it } from "vitest";
import { type Built, builtCommand } from "../../cli/test/command.js";
import { crashTest } from "./crash.js";

let command: Built;
beforeAll(async () => {
  command = await builtCommand();
});
afterAll(() => command[Symbol.asyncDispose]());

// The long form: npm run crash -- --kills 1000
it("a batch of 200 images that is killed 100 times ends as one that was never killed, and pays for none twice", {
  timeout: 240_000,
}, async () => {
  const seed = Date.now() % 1_000_000;
  const report = await crashTest(command, { images: 200, kills: 100, seed, concurrency: 4 });
  const about = `seed ${seed}: ${report.effective} of ${report.kills} kills met work, ${report.unknown.length} unknown`;

  // Enough of the kills met a batch at work, or the test would prove little.
  // How many depends on the machine's speed.
  expect(report.effective, about).toBeGreaterThan(5);
  // Whatever is not there was listed, and was not sent again.
  expect(report.wrong, about).toEqual(report.unknown.toSorted());
  expect(report.exit, about).toBe(report.unknown.length > 0 ? 4 : 0);
  expect(
    [...report.paid].filter(([, times]) => times > 1),
    about,
  ).toEqual([]);
  expect(report.paid.size, about).toBeLessThanOrEqual(200);
  // Sent again when told so, each of them once.
  expect(report.lastExit, about).toBe(0);
  expect(report.wrongAtLast, about).toEqual([]);
  expect(report.strange, about).toEqual([]);
  for (const [name, times] of report.paidAtLast)
    expect(times, `${name}, ${about}`).toBeLessThanOrEqual(report.unknown.includes(name) ? 2 : 1);
});
