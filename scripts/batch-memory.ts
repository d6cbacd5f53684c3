/** `npm run batch:memory`: peak memory of a batch of 100 images and of 10,000, and what it costs to run it again. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Journal } from "../src/batch/journal/journal.js";
import { upscaleAll } from "../src/batch/upscale-all.js";
import { type Built, builtCommand } from "../src/cli/test/command.js";
import { Magnific } from "../src/index.js";
import { startSandbox } from "../src/sandbox/index.js";
import { pngOf } from "../src/test-support/png.js";

const { values } = parseArgs({
  options: { few: { type: "string", default: "100" }, many: { type: "string", default: "10000" } },
});
const [few, many] = [Number(values.few), Number(values.many)];

/** Has the process say its peak when it ends. */
const PEAK = 'process.on("exit",()=>console.error("peak",process.resourceUsage().maxRSS))';

interface Run {
  readonly megabytes: number;
  readonly seconds: number;
}

async function batch(command: Built, source: string, out: string, env: Record<string, string>): Promise<Run> {
  const start = Date.now();
  const args = ["upscale", source, "--out", out, "--yes", "--quiet", "--rate", "none", "--poll", "0.02", "-c", "8"];
  const child = spawn(process.execPath, ["--import", `data:text/javascript,${PEAK}`, command.path, ...args], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ["ignore", "inherit", "pipe"],
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const [code] = (await once(child, "close")) as [number | null];
  const peak = /peak (\d+)/.exec(stderr)?.[1];
  if (code !== 0 || peak === undefined) throw new Error(`The batch ended with ${code}: ${stderr}`);
  return { megabytes: Number(peak) / 1024, seconds: (Date.now() - start) / 1000 };
}

/** Milliseconds that the processor works for this process: other work on the machine does not lengthen them. */
async function processorTime(work: () => Promise<void>): Promise<number> {
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

const folder = mkdtempSync(join(tmpdir(), "magnific-memory-"));
try {
  await using command = await builtCommand();
  await using sandbox = await startSandbox({ upscaler: "echo", lifeCycle: "immediate", logSize: 0 });
  const env = { MAGNIFIC_BASE_URL: sandbox.url, MAGNIFIC_API_KEY: sandbox.key };
  const measure = async (count: number): Promise<Run> => {
    const source = join(folder, `in-${count}`);
    mkdirSync(source);
    for (let n = 0; n < count; n++) writeFileSync(join(source, `${n}.png`), pngOf(1000, 8, 8, `${count} ${n}`));
    return await batch(command, source, join(folder, `out-${count}`), env);
  };
  const small = await measure(few);
  const large = await measure(many);
  const ratio = large.megabytes / small.megabytes;
  const journal = join(folder, `out-${many}`, "magnific-journal.jsonl");
  let known = 0;
  const open = await processorTime(async () => {
    const opened = await Journal.open(journal, Date.now());
    known = opened.state.sources.size;
    await opened.close();
  });
  const [source, out] = [join(folder, `in-${many}`), join(folder, `out-${many}`)];
  const client = new Magnific({ apiKey: sandbox.key, baseUrl: sandbox.url });
  const inputs = Array.from({ length: many }, (_, n) => join(source, `${n}.png`));
  let skipped = 0;
  const resume = await processorTime(async () => {
    for await (const { outcome } of upscaleAll(inputs, { client, out })) if (outcome === "skipped") skipped++;
  });
  for (const [count, { megabytes, seconds }] of [
    [few, small],
    [many, large],
  ] as const)
    console.log(`${count} images: peak ${megabytes.toFixed(0)} MB, ${seconds.toFixed(1)} s`);
  console.log(`peak ${ratio.toFixed(2)} times the first; ${known} images in the journal, ${skipped} skipped`);
  console.log(`processor time: ${open.toFixed(0)} ms to open the journal, ${resume.toFixed(0)} ms to run it again`);
  const holds =
    ratio <= 1.5 &&
    open < 1000 &&
    resume < 1000 &&
    skipped === many &&
    known === many &&
    sandbox.counts.paid === few + many;
  console.log(holds ? "ok" : "FAILED");
  process.exitCode = holds ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
