/**
 * A thousand waits at once: requests sent and time lost, ours beside a loop that polls every 500 ms. In virtual time, with
 * the provider as a function, so that half an hour takes no time and every run gives the same.
 */

import { Magnific } from "../../src/index.js";
import { VirtualTime } from "../../src/test-support/virtual-time.js";
import { publish, type Table, whole } from "../lib/report.js";
import { median } from "../lib/stats.js";

const WAITS = 1000;
const FIXED = 500;
const STEP = 100;
const LATENCY = 50;

/** When each task is done, in ms: from half a minute to five, spread evenly, the same for both. */
const ends = Array.from({ length: WAITS }, (_, i) => 30_000 + Math.round((270_000 * i) / WAITS));
const idOf = (index: number): string => `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`;

interface Outcome {
  readonly requests: number;
  readonly busiestMinute: number;
  /** Milliseconds between a task's end and its waiter's knowing. */
  readonly lost: readonly number[];
}

class Provider {
  readonly #time: VirtualTime;
  readonly #start: number;
  readonly times: number[] = [];
  constructor(time: VirtualTime) {
    this.#time = time;
    this.#start = time.now();
  }
  now(): number {
    return this.#time.now() - this.#start;
  }
  read(index: number): { task_id: string; status: string; generated: string[] } {
    this.times.push(this.now());
    const done = this.now() >= (ends[index] ?? 0);
    const generated = done ? ["https://cdn.magnific.com/result.png"] : [];
    return { task_id: idOf(index), status: done ? "COMPLETED" : "IN_PROGRESS", generated };
  }
  outcome(lost: readonly number[]): Outcome {
    const minutes = new Map<number, number>();
    for (const at of this.times) minutes.set(Math.floor(at / 60_000), (minutes.get(Math.floor(at / 60_000)) ?? 0) + 1);
    return { requests: this.times.length, busiestMinute: Math.max(...minutes.values()), lost };
  }
}

async function run(
  waitAll: (provider: Provider, time: VirtualTime, done: (index: number) => void) => Promise<unknown>,
): Promise<Outcome> {
  let seed = 1;
  const random = (): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  const time = new VirtualTime({ random });
  const provider = new Provider(time);
  const lost: number[] = [];
  let open = true;
  const all = waitAll(provider, time, (index) => lost.push(provider.now() - (ends[index] ?? 0))).finally(() => {
    open = false;
  });
  while (open) await time.advance(STEP);
  await all;
  return provider.outcome(lost);
}

const pause = (time: VirtualTime, ms: number): Promise<void> => new Promise((resolve) => void time.after(ms, resolve));

const ours = (rate: number | false): Promise<Outcome> =>
  run(async (provider, time, done) => {
    const fetch = async (url: string | URL | Request): Promise<Response> => {
      await pause(time, LATENCY);
      const index = Number(/(\d{12})$/.exec(url instanceof Request ? url.url : String(url))?.[1]);
      return Response.json({ data: provider.read(index) });
    };
    const magnific = new Magnific({ apiKey: "bench", fetch, time, rate, poll: { timeout: Number.MAX_SAFE_INTEGER } });
    const wait = async (index: number): Promise<void> => {
      await magnific.task(idOf(index)).wait();
      done(index);
    };
    await Promise.all(ends.map((_, index) => wait(index)));
  });

const fixed = (): Promise<Outcome> =>
  run((provider, time, done) =>
    Promise.all(
      ends.map(async (_, index) => {
        for (;;) {
          await pause(time, LATENCY);
          if (provider.read(index).status === "COMPLETED") break;
          await pause(time, FIXED);
        }
        done(index);
      }),
    ),
  );

const outcomes: readonly (readonly [string, Outcome])[] = [
  [`a loop every ${FIXED} ms`, await fixed()],
  ["ours, no rate of its own", await ours(false)],
  ["ours, 3,000 requests a minute", await ours(3000)],
  ["ours, 300 requests a minute", await ours(300)],
];
const base = outcomes[0]?.[1].requests ?? Number.NaN;
const table: Table = {
  title: `Waiting: ${WAITS} waits at once`,
  about: `Tasks that end after 30 s to 5 min. Virtual time. "Lost" is the time between a task's end and its waiter's knowing; a rate budget trades it for requests, and the provider's documented limits lie between 50 and 30,000 requests a minute.`,
  columns: ["", "requests", "of the loop's", "busiest minute", "lost, median s", "lost, worst s"],
  rows: outcomes.map(([name, { requests, busiestMinute, lost }]) => [
    name,
    String(requests),
    `${whole((requests / base) * 100)} %`,
    String(busiestMinute),
    (median(lost) / 1000).toFixed(1),
    (Math.max(...lost) / 1000).toFixed(1),
  ]),
};
const kept = outcomes.slice(2).every(([, { busiestMinute }], i) => busiestMinute <= ([3000, 300][i] ?? 0) * 1.02 + 5);
const limits = [{ what: "the rate budget holds in every minute", measured: kept ? "held" : "broken", holds: kept }];
if (!publish({ name: "waiting", tables: [table], limits, data: Object.fromEntries(outcomes) })) process.exitCode = 1;
