import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { builtCommand } from "../../cli/test/command.js";
import { Magnific } from "../../index.js";
import { startSandbox } from "../../sandbox/index.js";
import { pngOf } from "../../test-support/png.js";
import { tempFolder } from "../../test-support/temp-folder.js";
import { Journal } from "../journal/journal.js";
import { upscaleAll } from "../upscale-all.js";

const [FEW, MANY] = [100, 10_000];

/** Has the process say its peak in kB when it ends. */
const PEAK = encodeURIComponent('process.on("exit", () => console.error("peak", process.resourceUsage().maxRSS))');

/** Milliseconds that the processor works for this process: other work on the machine does not lengthen them. */
async function processorTime(work: () => Promise<void>): Promise<number> {
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

// By itself: npm run batch:memory.
it.skipIf(!process.env.LONG_TESTS)(
  "A batch of 10,000 images needs at most half as much memory again as one of 100, and is resumed within a second",
  { timeout: 1_800_000 },
  async () => {
    const folder = tempFolder("magnific-memory-");
    await using command = await builtCommand();
    await using sandbox = await startSandbox({ upscaler: "echo", lifeCycle: "immediate", logSize: 0 });
    const env = {
      MAGNIFIC_BASE_URL: sandbox.url,
      MAGNIFIC_API_KEY: sandbox.key,
      NODE_OPTIONS: `--import data:text/javascript,${PEAK}`,
    };
    const peaks = [];
    for (const count of [FEW, MANY]) {
      const source = join(folder, `in-${count}`);
      mkdirSync(source);
      for (let n = 0; n < count; n++) writeFileSync(join(source, `${n}.png`), pngOf(1000, 8, 8, `${count} ${n}`));
      const options = ["--out", join(folder, `out-${count}`), "--yes", "--quiet"];
      const rate = ["--rate", "none", "--poll", "0.02", "-c", "8"];
      const { code, stderr } = await command.run(["upscale", source, ...options, ...rate], { env });
      expect([code, stderr]).toEqual([0, expect.stringMatching(/peak \d+/)]);
      peaks.push(Number(/peak (\d+)/.exec(stderr)?.[1]) / 1024);
    }
    const [small = 0, large = Number.NaN] = peaks;
    const out = join(folder, `out-${MANY}`);
    const known: unknown[] = [];
    const open = await processorTime(async () => {
      const journal = await Journal.open(join(out, "magnific-journal.jsonl"), Date.now());
      known.push(...journal.state.sources);
      await journal.close();
    });
    const client = new Magnific({ apiKey: sandbox.key, baseUrl: sandbox.url });
    const inputs = Array.from({ length: MANY }, (_, n) => join(folder, `in-${MANY}`, `${n}.png`));
    const outcomes: string[] = [];
    const resume = await processorTime(async () => {
      for await (const { outcome } of upscaleAll(inputs, { client, out })) outcomes.push(outcome);
    });
    console.log(`peak ${small.toFixed()} MB of ${FEW} images, ${large.toFixed()} MB of ${MANY}`);
    console.log(`processor time: ${open.toFixed()} ms to open the journal, ${resume.toFixed()} ms to resume`);
    expect([known.length, sandbox.counts.paid]).toEqual([MANY, FEW + MANY]);
    expect(outcomes).toEqual(Array(MANY).fill("skipped"));
    expect(large / small).toBeLessThan(1.5);
    expect(Math.max(open, resume)).toBeLessThan(1000);
  },
);
