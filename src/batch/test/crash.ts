/** Kills a batch again and again, and says what came of it. */
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Built } from "../../cli/test/command.js";
import { type Sandbox, startSandbox } from "../../sandbox/index.js";
import { pngOf } from "../../test-support/png.js";
import { randomOf } from "../../test-support/random.js";

export interface CrashOptions {
  readonly images: number;
  readonly kills: number;
  /** The moments are drawn from it. What the machine makes of them differs from run to run. */
  readonly seed: number;
  readonly concurrency: number;
  readonly onKill?: (kill: number, progress: number) => void;
}

export interface CrashReport {
  /** What must hold, and whether it does. */
  readonly checks: readonly (readonly [what: string, holds: boolean])[];
  readonly summary: string;
}

/** Two images a request in the answer's time, and a life that takes some polls. */
const LIFE = [{ status: "CREATED", ms: 5 }, { status: "IN_PROGRESS", ms: 15 }, "COMPLETED"];

export async function crashTest(command: Built, options: CrashOptions): Promise<CrashReport> {
  const { images, kills, concurrency } = options;
  const random = randomOf(options.seed);
  const folder = await mkdtemp(join(tmpdir(), "magnific-crash-"));
  const reference = await startCounting();
  const sandbox = await startCounting();
  try {
    const source = join(folder, "in");
    await mkdir(source);
    const hashes = new Map<string, string>();
    for (let number = 0; number < images; number++) {
      const name = `${String(number).padStart(5, "0")}.png`;
      const bytes = pngOf(300 + Math.floor(random() * 2000), 8, 8, name);
      hashes.set(createHash("sha256").update(bytes).digest("hex"), name);
      await writeFile(join(source, name), bytes);
    }
    const start = (out: string, at: Sandbox, ...more: string[]) =>
      command.start(
        ["upscale", source, "--out", out, "--yes", "--json", "--rate", "none", "--poll", "0.01", "--retry", "0"].concat(
          "--concurrency",
          String(concurrency),
          more,
        ),
        { env: { MAGNIFIC_BASE_URL: at.url, MAGNIFIC_API_KEY: at.key } },
      );
    const whole = join(folder, "whole");
    const uninterrupted = await start(whole, reference).ended;
    if (uninterrupted.code !== 0) throw new Error(`The uninterrupted run failed: ${uninterrupted.stderr}`);

    // Moments all over the course: by how much has been sent and fetched, and some milliseconds more.
    const progress = (): number => sandbox.counts.paid + sandbox.counts.downloads;
    const moments = Array.from({ length: kills }, () => random() * 2 * images).sort((one, other) => one - other);
    const out = join(folder, "out");
    let effective = 0;
    for (const [kill, moment] of moments.entries()) {
      const before = progress();
      const run = start(out, sandbox);
      const ended = run.ended.then(() => true);
      const late = before >= moment ? random() * 400 : random() * 20;
      while (progress() < moment && !(await Promise.race([ended, pause(1, false)])));
      await Promise.race([ended, pause(late)]);
      run.child.kill("SIGKILL");
      await run.ended;
      if (progress() > before) effective++;
      options.onKill?.(kill + 1, progress());
    }

    const last = await start(out, sandbox).ended;
    const unknown = outcomes(last.stdout)
      .filter(({ outcome }) => outcome === "unknown")
      .map(({ path }) => path.slice(source.length + 1));
    const [wrong, paid] = [await differing(whole, out), paidFor(sandbox, hashes)];
    const again = await start(out, sandbox, "--resubmit-unknown").ended;
    const more = [...paidFor(sandbox, hashes)].filter(([name, times]) => times > (unknown.includes(name) ? 2 : 1));
    const names = [...hashes.values(), "magnific-journal.jsonl"];
    return {
      checks: [
        // How many depends on the machine's speed; with few the test proves little.
        ["enough kills met a batch at work", effective > kills / 20],
        ["what is missing at the end was listed as unknown", String(wrong) === String(unknown.toSorted())],
        ["no image was paid for twice", [...paid.values()].every((times) => times === 1)],
        [
          "every result is as in the uninterrupted run after --resubmit-unknown",
          (await differing(whole, out)).length === 0,
        ],
        ["only unknown ones were paid for again, once", more.length === 0],
        ["nothing else was left behind", (await readdir(out)).every((name) => names.includes(name))],
        [
          "exit codes are 4 while there are unknown outcomes, then 0",
          last.code === (unknown.length > 0 ? 4 : 0) && again.code === 0,
        ],
      ],
      summary: `${images} images, ${kills} kills (${effective} met work), ${unknown.length} unknown outcomes, seed ${options.seed}`,
    };
  } finally {
    await reference.close();
    await sandbox.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function startCounting(): Promise<Sandbox> {
  return startSandbox({
    lifeCycle: LIFE,
    latencyMs: 2,
    logSize: 0,
    // Cheap, and no copy: a result tells which image it was made of.
    upscaler: async (image) => ({
      bytes: Buffer.concat([image, createHash("sha256").update(image).digest()]),
      type: "image/png",
    }),
  });
}

/** The names of the first folder's results that the second lacks, or has with other bytes. */
async function differing(whole: string, out: string): Promise<string[]> {
  const wrong: string[] = [];
  for (const name of (await readdir(whole)).filter((each) => each.endsWith(".png"))) {
    const found = await readFile(join(out, name)).catch(() => undefined);
    if (found === undefined || !found.equals(await readFile(join(whole, name)))) wrong.push(name);
  }
  return wrong;
}

function paidFor(sandbox: Sandbox, hashes: ReadonlyMap<string, string>): Map<string, number> {
  const paid = new Map<string, number>();
  for (const { image } of sandbox.tasks()) {
    const name = hashes.get(image.sha256) ?? "(none of the images)";
    paid.set(name, (paid.get(name) ?? 0) + 1);
  }
  return paid;
}

function outcomes(stdout: string): { readonly outcome: string; readonly path: string }[] {
  const lines = stdout.split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line)).filter(({ event }) => event === "result");
}
