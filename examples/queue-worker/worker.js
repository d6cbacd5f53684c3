/** A worker: start as many as you like, on as many machines as see the images and Redis. Ctrl-C lets it finish its jobs. */
import { mkdir } from "node:fs/promises";
import { dirname, extname } from "node:path";
import { UnrecoverableError, Worker } from "bullmq";
import { Redis } from "ioredis";
import { Magnific, MagnificError } from "magnific-client";
import { imageFile } from "magnific-client/node";
import { connectionOf, QUEUE } from "./queue.js";
import { redisTaskStore } from "./store.js";

const { env } = process;
const redis = new Redis({ ...connectionOf(), maxRetriesPerRequest: null });
const pollMs = Number(env.POLL_MS ?? 5000);
const client = new Magnific({
  store: redisTaskStore(redis),
  poll: { first: pollMs, factor: 1.5, max: Math.max(pollMs, 15_000) },
  // The budget is one worker's own. With n workers on one key each gets the n-th part.
  rate: Number(env.REQUESTS_PER_MINUTE ?? 25),
});

/**
 * The steps of a batch, as a job: send once, take the task up, save. Whichever worker gets the job finds in the store how
 * far it came.
 *
 * @param {import("bullmq").Job<{ path: string, target: string, parameters: object }>} job
 */
async function upscale(job) {
  const { path, target, parameters } = job.data;
  try {
    const task = await client.submit({ ...parameters, image: await imageFile(path) });
    await job.updateProgress({ task: task.id });
    const done = await task.wait();
    await mkdir(dirname(target), { recursive: true });
    const [image] = done.images;
    // What stands there is this job's own: a worker that died right after saving it left it behind.
    const { path: saved } = await image.save(target + (extname(new URL(image.url).pathname) || ".png"), {
      overwrite: true,
    });
    return { task: task.id, saved };
  } catch (error) {
    // Repeating these could pay twice, or could not help.
    if (error instanceof MagnificError && isFinal(error))
      throw new UnrecoverableError(`${error.code}: ${error.summary}`);
    throw error;
  }
}

/** @param {MagnificError} error */
function isFinal({ code, submission, taskId }) {
  const unknown = submission === "unknown" && taskId === undefined;
  return (
    unknown ||
    ["invalid_request", "task_failed", "result_expired", "authentication_failed", "credits_exhausted"].includes(code)
  );
}

const worker = new Worker(QUEUE, upscale, {
  connection: connectionOf(),
  concurrency: Number(env.CONCURRENCY ?? 4),
  lockDuration: Number(env.LOCK_MS ?? 30_000),
  stalledInterval: Number(env.STALLED_MS ?? 30_000),
  // A worker that dies gives its jobs to the others, however often that happens.
  maxStalledCount: 1000,
});
worker.on("error", (error) => console.error(`worker: ${error.message}`));

for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"]))
  process.once(signal, async () => {
    await worker.close();
    redis.disconnect();
  });
console.log(`worker ${process.pid} takes jobs`);
