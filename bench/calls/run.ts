/** Small images, one and many in flight: calls a second and CPU a call, every client in a process of its own. */
import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BENCH, buildOurs, generateHeyApi, installPeers } from "../lib/peers.js";
import { noisePng } from "../lib/png.js";
import { type Limit, publish, ratio, type Table, whole } from "../lib/report.js";
import { median, medianRatio, rotated } from "../lib/stats.js";

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 7);
const MILLISECONDS = Number(process.env.BENCH_MS ?? 500);
const IN_FLIGHT = [1, 32] as const;
const LIMIT = "undici.request";
const NODE = "ours, nodeFetch()";
const DISPATCHER = "ours, dispatcherFetch()";
/** The same call as the peers make: no checks of image, fields and answer. */
const DOOR = "ours, createApi() over nodeFetch()";
const DISPATCHER_DOOR = "ours, createApi() over dispatcherFetch()";
/** What each is held to: one call at a time, where the light transport of Node's own suffices, and many, where undici is brought. */
const HELD: Readonly<Record<(typeof IN_FLIGHT)[number], readonly string[]>> = {
  1: [DOOR, NODE, DISPATCHER_DOOR, DISPATCHER],
  32: [DISPATCHER_DOOR, DISPATCHER],
};
const FETCH = "ours, global fetch";
const CLIENTS = [
  LIMIT,
  "node:http",
  DISPATCHER_DOOR,
  DISPATCHER,
  DOOR,
  NODE,
  FETCH,
  "openapi-fetch",
  "hey-api",
  "ky",
  "got",
  "axios",
  "openai",
  "replicate",
  "fal",
];
const PEERS = CLIENTS.slice(CLIENTS.indexOf(FETCH) + 1);

interface Sample {
  readonly rate: number;
  /** Microseconds a call. */
  readonly cpu: number;
}

const ask = <T>(child: ChildProcess, question?: object): Promise<T> =>
  new Promise((resolve, reject) => {
    const ended = (): void => reject(new Error("a worker ended"));
    child.once("exit", ended);
    child.once("message", (answer) => {
      child.off("exit", ended);
      const { error } = answer as { error?: string };
      if (error === undefined) resolve(answer as T);
      else reject(new Error(error));
    });
    if (question !== undefined) child.send(question);
  });

buildOurs();
installPeers(BENCH);
await generateHeyApi();

const folder = mkdtempSync(join(tmpdir(), "bench-calls-"));
const children: ChildProcess[] = [];
try {
  const imagePath = join(folder, "small.png");
  writeFileSync(imagePath, noisePng(10_000));
  const server = fork(join(BENCH, "calls/responder.ts"), [], {
    execArgv: ["--import", "tsx"],
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  children.push(server);
  const port = await new Promise<string>((resolve) =>
    server.stdout?.once("data", (data) => resolve(String(data).trim())),
  );
  const workers = new Map<string, ChildProcess>();
  for (const name of CLIENTS) {
    const child = fork(join(BENCH, "calls/worker.mjs"), [name, `http://127.0.0.1:${port}`, imagePath], {
      execArgv: [],
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    children.push(child);
    workers.set(name, child);
    await ask(child);
  }
  const samples: Record<string, Record<number, Sample[]>> = {};
  for (const name of CLIENTS) samples[name] = Object.fromEntries(IN_FLIGHT.map((count) => [count, []]));
  // The first round warms up and is not counted.
  for (let round = 0; round <= ROUNDS; round++) {
    for (const inFlight of IN_FLIGHT) {
      for (const name of rotated(CLIENTS, round)) {
        const question = { milliseconds: MILLISECONDS, inFlight };
        const result = await ask<{ calls: number; wall: number; cpu: number }>(
          workers.get(name) as ChildProcess,
          question,
        );
        if (round === 0) continue;
        samples[name]?.[inFlight]?.push({
          rate: (result.calls / result.wall) * 1000,
          cpu: (result.cpu / result.calls) * 1000,
        });
      }
    }
  }
  const passed = report(samples);
  if (!passed) process.exitCode = 1;
} finally {
  for (const child of children) child.kill();
  rmSync(folder, { recursive: true, force: true });
}

function report(samples: Readonly<Record<string, Record<number, Sample[]>>>): boolean {
  const of = (name: string, inFlight: number, field: keyof Sample): number[] =>
    (samples[name]?.[inFlight] ?? []).map((sample) => sample[field]);
  const against = (name: string, base: string, inFlight: number, field: keyof Sample): number =>
    medianRatio(of(name, inFlight, field), of(base, inFlight, field));

  const table: Table = {
    title: "Calls: a submit with an image of 10 kB",
    about: `Calls a second and CPU a call, relative to ${LIMIT}, the limit; then absolute. Medians of ${ROUNDS} interleaved rounds; each client in a process of its own, the server in another. The facade (ours, nodeFetch() and ours, global fetch) checks image, fields and answer besides; nothing else here does.`,
    columns: [
      "client",
      "rate ×1",
      "rate ×32",
      "CPU ×1",
      "CPU ×32",
      "calls/s ×1",
      "calls/s ×32",
      "µs CPU ×1",
      "µs CPU ×32",
    ],
    rows: CLIENTS.map((name) => [
      name,
      ...IN_FLIGHT.map((count) => ratio(against(name, LIMIT, count, "rate"))),
      ...IN_FLIGHT.map((count) => ratio(against(name, LIMIT, count, "cpu"))),
      ...IN_FLIGHT.map((count) => whole(median(of(name, count, "rate")))),
      ...IN_FLIGHT.map((count) => whole(median(of(name, count, "cpu")))),
    ]),
  };
  const limits: Limit[] = [];
  for (const count of IN_FLIGHT) {
    for (const ours of HELD[count]) {
      const rate = against(ours, LIMIT, count, "rate");
      limits.push({ what: `×${count}: ${ours}: rate ≥ 0.8 of ${LIMIT}`, measured: ratio(rate), holds: rate >= 0.8 });
      const cpu = against(ours, LIMIT, count, "cpu");
      limits.push({ what: `×${count}: ${ours}: CPU ≤ 1.3 of ${LIMIT}`, measured: ratio(cpu), holds: cpu <= 1.3 });
      const least = count === 1 ? 1.5 : 2;
      const worst = Math.min(...PEERS.map((peer) => against(ours, peer, count, "rate")));
      limits.push({
        what: `×${count}: ${ours}: rate ≥ ${least} of every peer`,
        measured: ratio(worst),
        holds: worst >= least,
      });
    }
    const same = against(FETCH, "openapi-fetch", count, "rate");
    limits.push({
      what: `×${count}: rate with global fetch ≥ 0.9 of openapi-fetch`,
      measured: ratio(same),
      holds: same >= 0.9,
    });
  }
  return publish({ name: "calls", tables: [table], limits, data: samples });
}
