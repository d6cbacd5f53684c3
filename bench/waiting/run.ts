/**
 * A thousand waits at once: requests sent and time lost, next to a loop that polls every 500 ms. The provider is a function
 * and time is virtual, so every run gives the same figures.
 */
import { Magnific } from "../../src/index.js";
import { VirtualTime } from "../../src/test-support/virtual-time.js";
import { atMost, publish, QUICK, type Table, whole } from "../lib/report.js";
import { median } from "../lib/stats.js";

const WAITS = QUICK ? 50 : 1000;
const STEP = 100;
const LATENCY = 50;
/** Milliseconds until each task is done: from half a minute to five, spread evenly. */
const ends = Array.from({ length: WAITS }, (_, i) => 30_000 + (270_000 * i) / WAITS);
const idOf = (index: number): string => `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`;

/** A clock, and the reading of a task at its time. */
function startProvider() {
  const time = new VirtualTime();
  const start = time.now();
  const perMinute: number[] = [];
  const pause = (milliseconds: number): Promise<void> =>
    new Promise((resolve) => void time.after(milliseconds, resolve));
  const read = async (index: number) => {
    await pause(LATENCY);
    const now = time.now() - start;
    const minute = Math.floor(now / 60_000);
    perMinute[minute] = (perMinute[minute] ?? 0) + 1;
    if (now < (ends[index] ?? 0)) return { task_id: idOf(index), status: "IN_PROGRESS", generated: [] };
    return { task_id: idOf(index), status: "COMPLETED", generated: ["https://cdn.magnific.com/result.png"] };
  };
  return { time, start, pause, read, perMinute };
}

type Wait = (index: number) => Promise<unknown>;

/** Waits for all tasks at once. `lost` are the milliseconds between the end of each task and the end of its wait. */
async function play(name: string, provider: ReturnType<typeof startProvider>, wait: Wait) {
  const { time, start, perMinute } = provider;
  const lost: number[] = [];
  const waits = ends.map((end, index) => wait(index).then(() => lost.push(time.now() - start - end)));
  while (lost.length < WAITS) await time.advance(STEP);
  await Promise.all(waits);
  const requests = perMinute.reduce((sum, each) => sum + each);
  return { name, requests, busiestMinute: Math.max(...Object.values(perMinute)), lost };
}

function ours(name: string, rate: number | false) {
  const provider = startProvider();
  const fetch = async (url: string | URL | Request): Promise<Response> => {
    const index = Number(/(\d{12})$/.exec(url instanceof Request ? url.url : String(url))?.[1]);
    return Response.json({ data: await provider.read(index) });
  };
  const poll = { timeout: Number.MAX_SAFE_INTEGER };
  const magnific = new Magnific({ apiKey: "bench", fetch, time: provider.time, rate, poll });
  return play(name, provider, (index) => magnific.task(idOf(index)).wait());
}

const provider = startProvider();
const loop = await play("a loop every 500 ms", provider, async (index) => {
  while ((await provider.read(index)).status !== "COMPLETED") await provider.pause(500);
});
const fast = await ours("ours, 3,000 requests a minute", 3000);
const slow = await ours("ours, 300 requests a minute", 300);
const outcomes = [loop, await ours("ours, no rate limit", false), fast, slow];
const table: Table = {
  title: `Waiting: ${WAITS} waits at once`,
  about: `Tasks that end after 30 s to 5 min, in virtual time. "Lost" is the time between the end of a task and the end of its wait: a rate limit trades it for requests. The provider documents limits between 50 and 30,000 requests a minute.`,
  columns: ["", "requests", "share", "busiest minute", "lost, median s", "lost, worst s"],
  rows: outcomes.map(({ name, requests, busiestMinute, lost }) => [
    ...[name, String(requests), `${whole((requests / loop.requests) * 100)} %`, String(busiestMinute)],
    ...[median(lost), Math.max(...lost)].map((each) => (each / 1000).toFixed(1)),
  ]),
};
const limits = [
  atMost(3065, `busiest minute of ${fast.name}`, fast.busiestMinute),
  atMost(311, `busiest minute of ${slow.name}`, slow.busiestMinute),
];
publish({ name: "waiting", tables: [table], limits, data: outcomes });
