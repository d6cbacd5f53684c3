/** The queue: one job an image, named by the digest of image and parameters, so that none is in it twice. */
import { basename, extname, join } from "node:path";
import { Queue } from "bullmq";
import { imageFile } from "magnific-client/node";

export const QUEUE = "magnific-upscale";

/** Where Redis is. It must keep what it was sent (`appendonly yes`, `appendfsync always`), or a crash of it forgets sends. */
export function connectionOf(env = process.env) {
  const { hostname, port } = new URL(env.REDIS_URL ?? "redis://127.0.0.1:6379");
  return { host: hostname, port: Number(port || 6379) };
}

export function openQueue() {
  return new Queue(QUEUE, {
    connection: connectionOf(),
    // A job fails for good only when a repetition could not help; then it waits for a human in the list of failed jobs.
    defaultJobOptions: { attempts: 10, backoff: { type: "exponential", delay: 1000 }, removeOnComplete: false },
  });
}

/**
 * Adds images. One that is in the queue, or was, is not added again.
 *
 * @param {import("bullmq").Queue} queue
 * @param {import("magnific-client").Magnific} client
 * @param {readonly string[]} paths
 * @param {{ out: string, parameters?: Record<string, number | boolean> }} options
 */
export async function enqueue(queue, client, paths, { out, parameters = {} }) {
  for (const path of paths) {
    const digest = await client.digest({ ...parameters, image: await imageFile(path) });
    // A name of its own for each digest: images of one name in two folders do not meet.
    const target = join(out, `${basename(path, extname(path))}-${digest.slice(0, 8)}`);
    await queue.add("upscale", { path, target, parameters }, { jobId: digest });
  }
}
