/** `npm test`: Redis, the sandbox and two workers on this machine; one worker is killed in the middle. */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { deflateSync } from "node:zlib";
import { Magnific } from "magnific-client";
import { startSandbox } from "magnific-client/sandbox";

const IMAGES = 40;
/** Images that are done before one worker is killed, and those that both have in hand by then. */
const QUICK = 12;
const SLOTS = 8;
const SLOW = [{ status: "IN_PROGRESS", ms: 4000 }, "COMPLETED"];

try {
  execFileSync("redis-server", ["--version"], { stdio: "ignore" });
} catch {
  console.error("This needs Redis: apt-get install redis-server");
  process.exit(2);
}

const folder = await mkdtemp(join(tmpdir(), "queue-worker-"));
/** @type {import("node:child_process").ChildProcess[]} */
const children = [];
const port = await freePort();
process.env.REDIS_URL = `redis://127.0.0.1:${port}`;
const { enqueue, openQueue } = await import("./queue.js");
try {
  await startRedis();
  // Once the first tasks are done, all slots of both workers wait for slow ones: then no send is in flight.
  const lifeCycle = ({ number }) => (number > QUICK && number <= QUICK + SLOTS ? SLOW : "immediate");
  await withSandbox({ lifeCycle }, oneIsKilled);
  const lost = { kind: "stall", on: "submit", handled: true, skip: 5 };
  await withSandbox({ lifeCycle: "immediate", faults: [lost] }, oneIsKilledWhileItSends);
  console.log("ok");
} finally {
  for (const child of children) child.kill("SIGKILL");
  await rm(folder, { recursive: true, force: true });
}

/** Two workers, one killed in the middle, while its tasks run: every image once, none paid twice. */
async function oneIsKilled(sandbox) {
  const { queue, paths, out } = await filledQueue(sandbox, "first");
  await leaveResultOf((await queue.getWaiting())[0]);
  const [first, second] = [startWorker(sandbox), startWorker(sandbox)];
  await until(() => sandbox.counts.downloads === QUICK && sandbox.counts.paid === QUICK + SLOTS);
  await pause(200);
  first.kill("SIGKILL");
  await until(async () => (await queue.getJobCountByTypes("completed", "failed")) === IMAGES, 60_000);

  assert.equal(await queue.getFailedCount(), 0);
  assert.deepEqual(paidTwice(sandbox), []);
  assert.equal(sandbox.counts.paid, IMAGES);
  const results = (await readdir(out)).map((name) => join(out, name));
  assert.deepEqual(await hashesOf(results), await hashesOf(paths));
  await end(queue, second);
  console.log(
    `${IMAGES} images, two workers, one killed with ${SLOTS / 2} in hand: every image once, ${sandbox.counts.paid} paid`,
  );
}

/** A worker killed while it sends: its image is listed as unknown and not retried; all others are done. */
async function oneIsKilledWhileItSends(sandbox) {
  const { queue } = await filledQueue(sandbox, "second");
  const first = startWorker(sandbox, 1);
  await until(() => sandbox.counts.faults === 1);
  await pause(100);
  first.kill("SIGKILL");
  const second = startWorker(sandbox);
  await until(async () => (await queue.getJobCountByTypes("completed", "failed")) === IMAGES, 60_000);

  const failed = await queue.getFailed();
  assert.equal(failed.length, 1);
  assert.match(failed[0]?.failedReason ?? "", /^submission_unknown: /);
  assert.deepEqual(paidTwice(sandbox), []);
  assert.equal(sandbox.counts.submits, IMAGES);
  await end(queue, second);
  console.log(
    `killed while it sent: ${IMAGES - 1} done, 1 listed as unknown and not retried, ${sandbox.counts.paid} paid`,
  );
}

async function withSandbox(options, work) {
  const sandbox = await startSandbox({ upscaler: "echo", logSize: 0, ...options });
  try {
    await work(sandbox);
  } finally {
    await sandbox.close();
  }
}

async function filledQueue(sandbox, name) {
  const [source, out] = [join(folder, name, "in"), join(folder, name, "out")];
  // Two folders with images of the same names.
  const paths = Array.from({ length: IMAGES }, (_, n) => join(source, n % 2 === 0 ? "a" : "b", `${n >> 1}.png`));
  for (const path of paths) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, png(path));
  }
  const queue = openQueue();
  const client = new Magnific({ apiKey: sandbox.key, baseUrl: sandbox.url });
  await enqueue(queue, client, paths, { out });
  await enqueue(queue, client, paths, { out });
  assert.equal(await queue.getWaitingCount(), IMAGES);
  return { queue, paths, out };
}

async function end(queue, worker) {
  const gone = once(worker, "exit");
  worker.kill("SIGTERM");
  await gone;
  await queue.obliterate({ force: true });
  await queue.close();
}

function startWorker(sandbox, concurrency = 4) {
  const child = spawn(process.execPath, [join(import.meta.dirname, "worker.js")], {
    env: {
      ...process.env,
      MAGNIFIC_API_KEY: sandbox.key,
      MAGNIFIC_BASE_URL: sandbox.url,
      POLL_MS: "50",
      REQUESTS_PER_MINUTE: "100000",
      CONCURRENCY: String(concurrency),
      LOCK_MS: "2000",
      STALLED_MS: "1000",
    },
    stdio: ["ignore", "ignore", "inherit"],
  });
  children.push(child);
  return child;
}

async function startRedis() {
  const safe = ["--appendonly", "yes", "--appendfsync", "always", "--save", ""];
  const redis = spawn("redis-server", ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, ...safe]);
  children.push(redis);
  for await (const text of redis.stdout) if (String(text).includes("Ready to accept connections")) break;
  redis.stdout.resume();
}

function paidTwice(sandbox) {
  const hashes = sandbox.tasks().map(({ image }) => image.sha256);
  return hashes.filter((hash, index) => hashes.indexOf(hash) !== index);
}

async function until(holds, milliseconds = 30_000) {
  const end = Date.now() + milliseconds;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`It did not come to ${holds}.`);
    await pause(20);
  }
}

async function hashesOf(paths) {
  const files = await Promise.all(paths.map((path) => readFile(path)));
  return files.map((bytes) => createHash("sha256").update(bytes).digest("hex")).sort();
}

/** As a worker leaves it that dies between saving and telling the queue. */
async function leaveResultOf(job) {
  await mkdir(dirname(job.data.target), { recursive: true });
  await writeFile(`${job.data.target}.png`, "");
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port: free } = server.address();
  server.close();
  return free;
}

/** A true PNG of one pixel, and a text that makes it one of a kind. */
function png(text) {
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length, 0);
    frame.writeUInt32BE(crc(body), 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
  };
  const header = Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]);
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("tEXt", Buffer.from(`Comment\0${text}`, "latin1")),
    chunk("IDAT", deflateSync(Buffer.from([0, 128]))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function crc(bytes) {
  let value = 0xffffffff;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  }
  return (value ^ 0xffffffff) >>> 0;
}
