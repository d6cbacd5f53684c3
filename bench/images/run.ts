/** Large images from a file: wall time, CPU and peak memory, every send in a process of its own. */
import { execFileSync, fork } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BENCH, buildOurs, generateHeyApi, installPeers } from "../lib/peers.js";
import { noisePng } from "../lib/png.js";
import { type Limit, publish, ratio, type Table, whole } from "../lib/report.js";
import { median, rotated } from "../lib/stats.js";

const MEGABYTE = 1024 * 1024;
/** Below the default `image.maxBytes`, which is 512 MiB. */
const SIZES = [8, 32, 128, 512] as const;
const ROUNDS: Readonly<Record<number, number>> = { 8: 3, 32: 3, 128: 3, 512: 3 };
const ENCODE = "read and encode alone";
const READY = "ready-made bytes, node:http";
const NODE = "ours, nodeFetch()";
const FETCH = "ours, global fetch";
const PEERS = ["undici.request", "openapi-fetch", "hey-api", "ky", "got", "axios", "openai", "replicate", "fal"];
const SENDERS = [ENCODE, READY, NODE, FETCH, ...PEERS];

interface Sample {
  readonly wall: number;
  readonly cpu: number;
  readonly peak: number;
  readonly error?: string;
}

buildOurs();
installPeers(BENCH);
await generateHeyApi();

const folder = mkdtempSync(join(tmpdir(), "bench-images-"));
const server = fork(join(BENCH, "images/receiver.ts"), [], {
  execArgv: ["--import", "tsx"],
  stdio: ["ignore", "pipe", "inherit", "ipc"],
});
try {
  const port = await new Promise<string>((resolve) =>
    server.stdout?.once("data", (data) => resolve(String(data).trim())),
  );
  const samples: Record<string, Record<number, Sample[]>> = {};
  for (const size of SIZES) {
    const path = join(folder, `${size}.png`);
    const bytes = writeImage(path, size * MEGABYTE);
    for (let round = 0; round < (ROUNDS[size] ?? 3); round++) {
      for (const name of rotated(SENDERS, round)) {
        // What cannot be sent at all once is not tried again.
        if (samples[name]?.[size]?.some((sample) => sample.error !== undefined)) continue;
        const output = execFileSync(
          process.execPath,
          [join(BENCH, "images/worker.mjs"), name, `http://127.0.0.1:${port}`, path, String(bytes)],
          { encoding: "utf8", maxBuffer: MEGABYTE },
        );
        const sample = JSON.parse(output.trim().split("\n").at(-1) ?? "{}") as Sample;
        samples[name] = { ...samples[name], [size]: [...(samples[name]?.[size] ?? []), sample] };
      }
    }
    rmSync(path);
  }
  if (!report(samples)) process.exitCode = 1;
} finally {
  server.kill();
  rmSync(folder, { recursive: true, force: true });
}

/** A small PNG, its noise repeated, its end marker last: large enough, and an image to every check that is made. */
function writeImage(path: string, bytes: number): number {
  const image = noisePng(MEGABYTE);
  const file = openSync(path, "w");
  let written = 0;
  while (written < bytes - 2 * image.length) written += writeSync(file, image);
  written += writeSync(file, image);
  closeSync(file);
  return written;
}

function report(samples: Readonly<Record<string, Record<number, Sample[]>>>): boolean {
  const at = (name: string, size: number, field: "wall" | "cpu" | "peak"): number => {
    const all = samples[name]?.[size] ?? [];
    return all.some((sample) => sample.error !== undefined) ? Number.NaN : median(all.map((sample) => sample[field]));
  };
  const tables: Table[] = SIZES.map((size) => ({
    title: `Large images: ${size} MB`,
    about: `A file read, encoded and sent to a receiver in another process. Relative to ours with nodeFetch(), then absolute. Medians of ${ROUNDS[size]} interleaved rounds, each send in a fresh process; peak is the whole process. "–": it throws.`,
    columns: ["client", "wall", "CPU", "peak", "wall ms", "CPU ms", "peak MB"],
    rows: SENDERS.map((name) => [
      name,
      ...(["wall", "cpu", "peak"] as const).map((field) => ratio(at(name, size, field) / at(NODE, size, field))),
      ...(["wall", "cpu", "peak"] as const).map((field) => whole(at(name, size, field))),
    ]),
  }));

  const limits: Limit[] = [NODE, FETCH].map((name) => {
    const growth = at(name, 512, "peak") / at(name, 32, "peak");
    return { what: `${name}: peak for 512 MB ≤ 1.3 of that for 32 MB`, measured: ratio(growth), holds: growth <= 1.3 };
  });
  const least = (field: "peak" | "wall"): number =>
    Math.min(...PEERS.map((peer) => at(peer, 128, field)).filter(Number.isFinite));
  const peak = at(NODE, 128, "peak") / least("peak");
  limits.push({ what: "128 MB: peak ≤ 1/5 of every peer's", measured: ratio(peak), holds: peak <= 0.2 });
  const wall = at(NODE, 128, "wall") / least("wall");
  limits.push({ what: "128 MB: wall ≤ 1/3 of every peer's", measured: ratio(wall), holds: wall <= 1 / 3 });
  const bound = at(NODE, 512, "wall") / (at(ENCODE, 512, "wall") + at(READY, 512, "wall"));
  limits.push({
    what: "512 MB: wall ≤ 1.2 of encoding alone and sending ready-made bytes together",
    measured: ratio(bound),
    holds: bound <= 1.2,
  });
  return publish({ name: "images", tables, limits, data: samples });
}
