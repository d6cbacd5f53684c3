/** A source as it is on the disk: recognised without reading it, and read only as long as it does not change. */
import { statSync } from "node:fs";
import { MagnificError } from "../errors/magnific-error.js";
import { FileError } from "../errors/request-errors.js";
import { errorCode } from "../files/error-code.js";
import { imageFile } from "../files/image-file.js";
import type { ImageSource } from "../image/source.js";
import { BatchError } from "./errors.js";
import type { Job } from "./job.js";
import type { AnySettings } from "./options.js";

export interface FileFacts {
  readonly size: number;
  /** Last change of the content; milliseconds since the epoch, with fractions. */
  readonly mtimeMs: number;
  /** Last change of anything, which no program can set at will. */
  readonly ctimeMs: number;
}

export interface Digested {
  readonly job: Job;
  readonly digest: string;
  readonly facts: FileFacts;
}

/** Milliseconds: a file that changed so shortly before it was looked at can change again and keep its times. */
const RACY = 2_000;

/** @throws {FileError} when there is no such file. */
export function statSource({ file, path }: Job): FileFacts {
  try {
    // Not through the thread pool, which takes far longer: a batch asks for thousands of finished sources.
    const { size, mtimeMs, ctimeMs } = statSync(file);
    return { size, mtimeMs, ctimeMs };
  } catch (cause) {
    throw new FileError(`${path} could not be opened: ${errorCode(cause) ?? "an unknown error"}.`, { cause });
  }
}

function sameFacts(one: FileFacts, other: FileFacts): boolean {
  return one.size === other.size && one.mtimeMs === other.mtimeMs && one.ctimeMs === other.ctimeMs;
}

/** Whether equal facts prove equal content; where they do not, it has to be read. @param at When `then` was recorded. */
export function isUnchanged(now: FileFacts, then: FileFacts, at: number): boolean {
  return sameFacts(now, then) && at - Math.max(then.mtimeMs, then.ctimeMs) > RACY;
}

/** Reads the image to its end. @throws {InvalidRequestError} when it is not an image. @throws {BatchError} `source_changed` */
export async function digestSource(
  { client, parameters }: AnySettings,
  field: string,
  job: Job,
  facts: FileFacts,
  signal?: AbortSignal,
): Promise<string> {
  try {
    return await client.digest({ ...parameters, [field]: await steadyImage(job, facts) }, { signal });
  } catch (error) {
    throw asChanged(error, job, facts);
  }
}

/** A file as an image that fails when it changed: it is read once for its digest and once for the send. */
export async function steadyImage(job: Job, facts: FileFacts): Promise<ImageSource> {
  const image = await imageFile(job.file);
  const check = (): void => {
    if (!sameFacts(statSource(job), facts)) throw sourceChanged(job);
  };
  return {
    ...image,
    async *open() {
      check();
      yield* image.open();
      check();
    },
  };
}

/** Says of an image that could not be read that it changed meanwhile, where it did. */
export function asChanged(error: unknown, job: Job, facts: FileFacts): unknown {
  if (!(error instanceof MagnificError) || error.code !== "image_unreadable") return error;
  try {
    if (sameFacts(statSource(job), facts)) return error;
  } catch {
    // It is gone.
  }
  const { submission, taskId, digest } = error;
  return sourceChanged(job, { submission, taskId, digest, cause: error });
}

function sourceChanged({ path, file }: Job, facts: ConstructorParameters<typeof BatchError>[3] = {}): BatchError {
  const message = `${path} changed while it was read. Run the batch again when it is complete.`;
  return new BatchError("source_changed", file, message, facts);
}
