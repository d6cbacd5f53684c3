/** Fetches the images of a task and puts them under their names. */
import { randomUUID } from "node:crypto";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { ResultImage } from "../result/result-image.js";
import type { Batch } from "./batch.js";
import { cannotWrite, deliver } from "./deliver.js";
import { isFull } from "./errors.js";
import { extensionOf, outputOf } from "./names.js";
import type { Digested } from "./source-digest.js";

/** @param replaceable Whether what is there under a name gives way. */
export async function saveResult(
  batch: Batch,
  { job }: Digested,
  images: readonly ResultImage[],
  replaceable: (target: string) => boolean,
): Promise<{ readonly outputs: readonly string[]; readonly bytes: number }> {
  const outputs: string[] = [];
  let bytes = 0;
  for (const [index, image] of images.entries()) {
    const target = outputOf(job.stem, extensionOf(image.url), index);
    const work = join(batch.work, `${randomUUID()}.part`);
    await image.save(work, { signal: batch.hard }).catch((error: unknown) => {
      throw isFull(error) ? cannotWrite(target, error) : error;
    });
    bytes += (await stat(work)).size;
    await deliver(work, target, replaceable(target));
    outputs.push(target);
  }
  return { outputs, bytes };
}
