/** How a file is recognised without reading it, and a source that does not change unnoticed while it is read. */
import { statSync } from "node:fs";
import { imageFile } from "../files/image-file.js";
import type { ImageSource } from "../image/source.js";
import { BatchError } from "./errors.js";

export interface FileFacts {
  readonly size: number;
  /** Last change of the content; milliseconds since the epoch, with fractions. */
  readonly mtimeMs: number;
  /** Last change of anything, which no program can set at will. */
  readonly ctimeMs: number;
}

/** Milliseconds: a file that changed so shortly before it was looked at can change again without a later time to show for it. */
const RACY = 2_000;

export async function factsOf(path: string): Promise<FileFacts> {
  // Not by way of the thread pool, which takes far longer: a batch asks after thousands of finished sources.
  const { size, mtimeMs, ctimeMs } = statSync(path);
  return { size, mtimeMs, ctimeMs };
}

export function sameFacts(one: FileFacts, other: FileFacts): boolean {
  return one.size === other.size && one.mtimeMs === other.mtimeMs && one.ctimeMs === other.ctimeMs;
}

/** Whether equal facts prove equal content; where they do not, the content is to be read. @param at When `then` was written down. */
export function unchanged(now: FileFacts, then: FileFacts, at: number): boolean {
  return sameFacts(now, then) && at - Math.max(then.mtimeMs, then.ctimeMs) > RACY;
}

/**
 * A file as an image that fails when it is not what it was: it is read once for its digest and once for the send, and the
 * journal speaks of both as one.
 */
export async function steadyImage(path: string, facts: FileFacts): Promise<ImageSource> {
  const image = await imageFile(path);
  const check = async (): Promise<void> => {
    if (!sameFacts(await factsOf(path), facts))
      throw new BatchError("source_changed", path, `${path} changed while it was read. Run the batch again.`);
  };
  return {
    ...image,
    async *open() {
      await check();
      yield* image.open();
      await check();
    },
  };
}
