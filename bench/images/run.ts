/** Large images from a file: wall time, CPU time and peak memory, each in a fresh process. */
import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { noisePng } from "../lib/image.js";
import { BENCH, PEERS, prepare } from "../lib/peers.js";
import { withServer } from "../lib/processes.js";
import { atMost, publish, QUICK, ratio, type Table, whole } from "../lib/report.js";
import { median, rotated } from "../lib/stats.js";

const MEGABYTE = 1024 * 1024;
/** The largest is the default of `image.maxBytes`. */
const SIZES = QUICK ? [8, 32] : [32, 128, 512];
const ROUNDS = QUICK ? 1 : 3;
const ENCODE = "encode only";
const SEND = "send only";
const NAMES = [ENCODE, SEND, "ours", "undici", ...PEERS];
const FIELDS = ["wall", "cpu", "peak"] as const;

type Sample = { readonly name: string; readonly size: number; readonly error?: string } & Readonly<
  Record<(typeof FIELDS)[number], number>
>;

await prepare();
const samples: Sample[] = [];
const folder = mkdtempSync(join(tmpdir(), "bench-images-"));
try {
  await withServer(async (url) => {
    for (const size of SIZES) await measure(url, size);
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
report();

async function measure(url: string, size: number): Promise<void> {
  const path = join(folder, `${size}.png`);
  const bytes = await writeImage(path, size * MEGABYTE);
  for (let round = 0; round < ROUNDS; round++)
    for (const name of rotated(NAMES, round)) {
      const args = [join(BENCH, "images/worker.mjs"), name, url, path, String(bytes)];
      samples.push({ name, size, ...JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" })) });
    }
  rmSync(path);
}

/** A small PNG, repeated up to the size: it begins and ends as an image does. */
async function writeImage(path: string, bytes: number): Promise<number> {
  const image = await noisePng(MEGABYTE / 2);
  const file = openSync(path, "w");
  let written = 0;
  while (written + image.length <= bytes) written += writeSync(file, image);
  closeSync(file);
  return written;
}

function report(): void {
  const at = (name: string, size: number, field: (typeof FIELDS)[number]): number => {
    const own = samples.filter((sample) => sample.name === name && sample.size === size);
    return own.some(({ error }) => error !== undefined) ? Number.NaN : median(own.map((sample) => sample[field]));
  };
  const tables: Table[] = SIZES.map((size) => ({
    title: `Large images: ${size} MB`,
    about: `A file is read, encoded and sent to a server in another process, by ours with the global fetch; "encode only" reads and encodes it, "send only" sends as many ready-made bytes. Relative to ours, then absolute. Medians of ${ROUNDS} interleaved rounds, each in a fresh process; CPU and peak are of that whole process. "–": the client throws.`,
    columns: ["client", "wall", "CPU", "peak", "wall ms", "CPU ms", "peak MB"],
    rows: NAMES.map((name) => [
      name,
      ...FIELDS.map((field) => ratio(at(name, size, field) / at("ours", size, field))),
      ...FIELDS.map((field) => whole(at(name, size, field))),
    ]),
  }));
  const best = (field: "wall" | "peak"): number =>
    Math.min(...["undici", ...PEERS].map((peer) => at(peer, 128, field)).filter(Number.isFinite));
  const alone = at(ENCODE, 512, "wall") + at(SEND, 512, "wall");
  const limits = [
    atMost(0.33, "128 MB: wall against every peer's", at("ours", 128, "wall") / best("wall")),
    atMost(0.1, "128 MB: peak against every peer's", at("ours", 128, "peak") / best("peak")),
    atMost(1.6, "512 MB: wall against encoding only plus sending only", at("ours", 512, "wall") / alone),
    atMost(1.2, "peak for 512 MB against that for 32 MB", at("ours", 512, "peak") / at("ours", 32, "peak")),
  ];
  publish({ name: "images", tables, limits, data: samples });
}
