/** Kills a batch again and again, in every way that there is, and says what came of it. */
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Built } from "../../cli/test/command.js";
import { type Sandbox, type SandboxOperation, startSandbox } from "../../sandbox/index.js";
import { pngOf } from "../../test-support/png.js";
import { randomOf } from "../../test-support/random.js";
import { CAN_MOUNT, smallDisk } from "../../test-support/small-disk.js";
import { JOURNAL_NAME } from "../job.js";
import { readJournal } from "../journal/journal.js";

export interface CrashOptions {
  readonly images: number;
  readonly kills: number;
  /** The moments are drawn from it. What the machine makes of them differs from run to run. */
  readonly seed: number;
  readonly concurrency: number;
  /** Every run that is killed has this limit of paid calls; the last one has none. */
  readonly maxPaid?: number | undefined;
  /** What the sandbox plays. Default: the operation of the command. */
  readonly operations?: readonly SandboxOperation[];
  /** The field that takes the images of the batch. */
  readonly image?: string;
  readonly onKill?: (kill: number, progress: number) => void;
}

export interface CrashReport {
  /** What must hold, and whether it does. */
  readonly checks: readonly (readonly [what: string, holds: boolean])[];
  readonly summary: string;
}

/** What is done to a running batch. */
export type Way = NodeJS.Signals | "folder removed" | "disk full";

/** One of 25 each, besides SIGKILL: what the last ones do to a batch takes long to make up for. */
function wayOf(kill: number): Way {
  const ways: Readonly<Record<number, Way>> = {
    1: "folder removed",
    4: "disk full",
    8: "SIGTERM",
    12: "SIGHUP",
    16: "SIGINT",
  };
  const way = ways[kill % 25] ?? "SIGKILL";
  return (way === "folder removed" && kill % 50 > 25) || (way === "disk full" && !CAN_MOUNT) ? "SIGKILL" : way;
}

/** Two images a request in the answer's time, and a life that takes some polls. */
const LIFE = [{ status: "CREATED", ms: 5 }, { status: "IN_PROGRESS", ms: 15 }, "COMPLETED"];

export async function crashTest(command: Built, options: CrashOptions): Promise<CrashReport> {
  const { images, kills, concurrency, maxPaid } = options;
  const random = randomOf(options.seed);
  const folder = await mkdtemp(join(tmpdir(), "magnific-crash-"));
  const reference = await startCounting(options.operations);
  const sandbox = await startCounting(options.operations);
  const place = join(folder, "disk");
  const disk = CAN_MOUNT ? await smallDisk(place, `size=${16_384 + images * 8}k`) : undefined;
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
    const complete = join(folder, "complete");
    const uninterrupted = await start(complete, reference).ended;
    if (uninterrupted.code !== 0) throw new Error(`The uninterrupted run failed: ${uninterrupted.stderr}`);

    const limit = maxPaid === undefined ? [] : ["--max-paid", String(maxPaid)];
    // Moments all over the course: by how much has been sent and fetched, and some milliseconds more.
    let lost = 0;
    const progress = (): number => sandbox.counts.paid + sandbox.counts.downloads - lost;
    const whole = 2 * Math.min(images, maxPaid ?? images);
    const moments = Array.from({ length: kills }, () => random() * whole).sort((one, other) => one - other);
    const out = join(place, "out");
    const met = new Map<Way, number>();
    const wrongs = { paidOn: 0, hard: 0, unknown: 0, above: 0 };
    const unknownNow = async (): Promise<number> => {
      const { digests } = await readJournal(join(out, JOURNAL_NAME));
      return [...digests.values()].filter(({ state }) => state === "sending").length;
    };
    for (const [kill, moment] of moments.entries()) {
      const way = wayOf(kill);
      const before = {
        progress: progress(),
        paid: sandbox.counts.paid,
        unknown: way.startsWith("SIG") && way !== "SIGKILL" ? await unknownNow() : 0,
      };
      const run = start(out, sandbox, ...limit);
      let over = false;
      const ended = run.ended.then(() => {
        over = true;
        return true;
      });
      const late = before.progress >= moment ? random() * 400 : random() * 20;
      while (progress() < moment && !(await Promise.race([ended, pause(1, false)])));
      await Promise.race([ended, pause(late)]);
      if (way === "folder removed") {
        // Only a running batch can know what was in it.
        await Promise.race([ended, run.seen("{").catch(() => {})]);
        run.child.kill("SIGSTOP");
        const files = over || moment > 0.9 * whole ? [] : await readdir(out);
        const runs = files.some((name) => name.includes(".lock.held."));
        if (runs) await rm(out, { recursive: true });
        const { paid } = sandbox.counts;
        run.child.kill("SIGCONT");
        if (!runs) run.child.kill("SIGKILL");
        else {
          lost += files.filter((name) => name.endsWith(".png")).length;
          met.set(way, (met.get(way) ?? 0) + 1);
        }
        await run.ended;
        if (runs && sandbox.counts.paid > paid + concurrency) wrongs.paidOn++;
      } else if (way === "disk full") {
        disk?.fill();
        await Promise.race([ended, pause(10_000)]);
        run.child.kill("SIGKILL");
        await run.ended;
        disk?.clear();
      } else {
        run.child.kill(way);
        const { signal } = await run.ended;
        // Before it works, a signal may end it as the system does.
        if (way !== "SIGKILL" && signal !== null && sandbox.counts.paid > before.paid) wrongs.hard++;
        if (way !== "SIGKILL" && (await unknownNow()) > before.unknown) wrongs.unknown++;
      }
      if (sandbox.counts.paid > (maxPaid ?? Number.POSITIVE_INFINITY)) wrongs.above++;
      if (progress() > before.progress && way !== "folder removed") met.set(way, (met.get(way) ?? 0) + 1);
      options.onKill?.(kill + 1, progress());
    }
    const effective = [...met.values()].reduce((sum, each) => sum + each, 0);

    const limited: (readonly [string, boolean])[] = [];
    if (maxPaid !== undefined) {
      const { code } = await start(out, sandbox, ...limit).ended;
      const [counted, unknown] = [(await readJournal(join(out, JOURNAL_NAME))).paid, await unknownNow()];
      limited.push([`never more than ${maxPaid} paid calls`, wrongs.above === 0 && sandbox.counts.paid <= maxPaid]);
      limited.push([
        "the journal counts as many as the limit, those with an unknown outcome included",
        counted === maxPaid,
      ]);
      limited.push(["the exit code is 5 at the limit, and 4 with an unknown outcome", code === (unknown > 0 ? 4 : 5)]);
    }
    const last = await start(out, sandbox).ended;
    const unknown = outcomes(last.stdout)
      .filter(({ outcome }) => outcome === "unknown")
      .map(({ path }) => path.slice(source.length + 1));
    const [wrong, paid] = [await differing(complete, out), paidFor(sandbox, hashes, options.image)];
    const again = await start(out, sandbox, "--resubmit-unknown").ended;
    const more = [...paidFor(sandbox, hashes, options.image)].filter(
      ([name, times]) => times > (unknown.includes(name) ? 2 : 1),
    );
    const names = [...hashes.values(), JOURNAL_NAME];
    return {
      checks: [
        // How many depends on the machine's speed; with few the test proves little.
        ["enough kills met a batch at work", effective > kills / 20],
        ...limited,
        ["a batch whose folder is removed sends no more than was in flight", wrongs.paidOn === 0],
        [
          "SIGTERM, SIGINT and SIGHUP end it softly, with no outcome unknown",
          wrongs.hard === 0 && wrongs.unknown === 0,
        ],
        ["what is missing at the end was listed as unknown", String(wrong) === String(unknown.toSorted())],
        ["no image was paid for twice", [...paid.values()].every((times) => times === 1)],
        [
          "every result is as in the uninterrupted run after --resubmit-unknown",
          (await differing(complete, out)).length === 0,
        ],
        ["only unknown ones were paid for again, once", more.length === 0],
        ["nothing else was left behind", (await readdir(out)).every((name) => names.includes(name))],
        [
          "exit codes are 4 while there are unknown outcomes, then 0",
          last.code === (unknown.length > 0 ? 4 : 0) && again.code === 0,
        ],
      ],
      summary: [
        `${images} images, ${kills} kills, ${unknown.length} unknown outcomes, seed ${options.seed}`,
        `met at work: ${[...met].map(([way, times]) => `${way} ${times}`).join(", ")}`,
        ...(CAN_MOUNT ? [] : ["no full disk among them: that needs root on Linux"]),
      ].join("\n"),
    };
  } finally {
    await reference.close();
    await sandbox.close();
    await disk?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  }
}

function startCounting(operations?: readonly SandboxOperation[]): Promise<Sandbox> {
  return startSandbox({
    operations,
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

function paidFor(sandbox: Sandbox, hashes: ReadonlyMap<string, string>, field = "image"): Map<string, number> {
  const paid = new Map<string, number>();
  for (const { images } of sandbox.tasks()) {
    const name = hashes.get(images[field]?.sha256 ?? "") ?? "(none of the images)";
    paid.set(name, (paid.get(name) ?? 0) + 1);
  }
  return paid;
}

function outcomes(stdout: string): { readonly outcome: string; readonly path: string }[] {
  const lines = stdout.split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line)).filter(({ event }) => event === "result");
}
