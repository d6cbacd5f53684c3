/** Small images, 1 and 32 calls in flight: calls a second and CPU time of a call. */
import type { ChildProcess } from "node:child_process";
import { noisePng } from "../lib/image.js";
import { PEERS, prepare } from "../lib/peers.js";
import { ask, start, withServer } from "../lib/processes.js";
import { atLeast, atMost, publish, QUICK, ratio, type Table, whole } from "../lib/report.js";
import { median, medianRatio, rotated } from "../lib/stats.js";

// Many short rounds: on a machine that others use too, the median of few long ones jumps about.
const ROUNDS = QUICK ? 1 : 25;
const MILLISECONDS = QUICK ? 100 : 150;
const IN_FLIGHT = [1, 32];
const FIELDS = ["rate", "cpu"] as const;
const BASE = "undici.request";
const FACADE = "ours, global fetch";
const FAST_FACADE = "ours, dispatcherFetch";
const FAST_RAW = "ours, raw client, dispatcherFetch";
/** The module of bench/peers/, and the one that has a transport for it. */
const CLIENTS: Readonly<Record<string, readonly [peer: string, transport: string]>> = {
  [BASE]: ["undici", ""],
  [FAST_RAW]: ["ours-raw", "magnific-client/node"],
  [FAST_FACADE]: ["ours", "magnific-client/node"],
  "ours, raw client, global fetch": ["ours-raw", ""],
  [FACADE]: ["ours", ""],
  ...Object.fromEntries(PEERS.map((peer) => [peer, [peer, ""]])),
};

interface Sample {
  readonly name: string;
  readonly inFlight: number;
  /** Calls a second. */
  readonly rate: number;
  /** Microseconds a call. */
  readonly cpu: number;
}

await prepare();
const image = (await noisePng(10_000)).toString("base64");
const samples: Sample[] = [];
const workers = new Map<string, ChildProcess>();
try {
  await withServer(async (url) => {
    for (const [name, args] of Object.entries(CLIENTS)) {
      const worker = start(new URL("./worker.mjs", import.meta.url), [...args, url, image]);
      workers.set(name, worker);
      await ask(worker);
    }
    // Round 0 warms up.
    for (let round = 0; round <= ROUNDS; round++) await measure(round);
  });
} finally {
  for (const worker of workers.values()) worker.kill();
}
report();

async function measure(round: number): Promise<void> {
  for (const inFlight of IN_FLIGHT)
    for (const [name, worker] of rotated([...workers], round)) {
      const result = await ask<{ rate: number; cpu: number }>(worker, { milliseconds: MILLISECONDS, inFlight });
      if (round > 0) samples.push({ name, inFlight, ...result });
    }
}

function report(): void {
  const of = (name: string, inFlight: number, field: "rate" | "cpu"): number[] =>
    samples.filter((each) => each.name === name && each.inFlight === inFlight).map((each) => each[field]);
  const against = (name: string, base: string, inFlight: number, field: "rate" | "cpu"): number =>
    medianRatio(of(name, inFlight, field), of(base, inFlight, field));
  const lowestRate = (name: string): number => Math.min(...PEERS.map((peer) => against(name, peer, 32, "rate")));
  const table: Table = {
    title: "Calls: one POST with an image of 10 kB",
    about: `Calls a second ("rate") and CPU time of a call, with 1 and 32 in flight, relative to ${BASE}, which only sends; then absolute. Medians of ${ROUNDS} interleaved rounds of ${MILLISECONDS} ms; every client and the server in processes of their own. The facade ("ours") checks image, fields and response; the raw client and the peers do not.`,
    columns: ["client", "rate ×1", "×32", "CPU ×1", "×32", "calls/s ×1", "×32", "µs CPU ×1", "×32"],
    rows: Object.keys(CLIENTS).map((name) => [
      name,
      ...FIELDS.flatMap((field) => IN_FLIGHT.map((count) => ratio(against(name, BASE, count, field)))),
      ...FIELDS.flatMap((field) => IN_FLIGHT.map((count) => whole(median(of(name, count, field))))),
    ]),
  };
  const limits = [
    ...IN_FLIGHT.map((count) =>
      atMost(1.25, `×${count}: CPU of ${FACADE} against openapi-fetch`, against(FACADE, "openapi-fetch", count, "cpu")),
    ),
    atLeast(1.3, `×32: rate of ${FAST_RAW} against every peer`, lowestRate(FAST_RAW)),
    atLeast(1, `×32: rate of ${FAST_FACADE} against every peer`, lowestRate(FAST_FACADE)),
  ];
  publish({ name: "calls", tables: [table], limits, data: samples });
}
