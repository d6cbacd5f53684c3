/**
 * `npm run batch:memory`: peak memory of a batch of 100 images and of 10,000, and how long the journal of 10,000 takes to
 * open and to be gone through.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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

interface Took {
  readonly milliseconds: number;
  /** What of it the processor worked for this process: what other work on the machine does not lengthen. */
  readonly processor: number;
}

function stopwatch(): () => Took {
  const [clock, processor] = [performance.now(), process.cpuUsage()];
  return () => {
    const { user, system } = process.cpuUsage(processor);
    return { milliseconds: performance.now() - clock, processor: (user + system) / 1000 };
  };
}

function textOf({ milliseconds, processor }: Took): string {
  return `${milliseconds.toFixed(0)} ms (${processor.toFixed(0)} ms of the processor)`;
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
  const opening = stopwatch();
  const opened = await Journal.open(journal, Date.now());
  const open = opening();
  const known = opened.state.sources.size;
  await opened.close();
  const [source, out] = [join(folder, `in-${many}`), join(folder, `out-${many}`)];
  const client = new Magnific({ apiKey: sandbox.key, baseUrl: sandbox.url });
  const inputs = Array.from({ length: many }, (_, n) => join(source, `${n}.png`));
  const resuming = stopwatch();
  let skipped = 0;
  for await (const { outcome } of upscaleAll(inputs, { client, out })) if (outcome === "skipped") skipped++;
  const resume = resuming();
  const again = await batch(command, source, out, env);

  console.log(`${few} images: peak ${small.megabytes.toFixed(0)} MB, ${small.seconds.toFixed(1)} s`);
  console.log(
    `${many} images: peak ${large.megabytes.toFixed(0)} MB, ${large.seconds.toFixed(1)} s; ${ratio.toFixed(2)} times the first`,
  );
  console.log(
    `journal of ${known} images (${(readFileSync(journal).byteLength / 1e6).toFixed(1)} MB): open in ${textOf(open)}`,
  );
  console.log(`gone through again, with ${skipped} finished: ${textOf(resume)}`);
  console.log(`the command run again: ${again.seconds.toFixed(1)} s in all, the start of the process included`);
  const holds =
    ratio <= 1.5 &&
    open.processor < 1000 &&
    resume.processor < 1000 &&
    skipped === many &&
    known === many &&
    sandbox.counts.paid === few + many;
  console.log(holds ? "ok" : "FAILED");
  process.exitCode = holds ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
