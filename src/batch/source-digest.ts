/** An image of a batch as it was looked at: its file's facts, then its digest. */
import { FileError } from "../errors/file-error.js";
import { MagnificError } from "../errors/magnific-error.js";
import type { Job } from "./context.js";
import { BatchError, systemCode } from "./errors.js";
import { type FileFacts, factsOf, sameFacts, steadyImage } from "./file-facts.js";
import type { BatchSettings } from "./options.js";

/** An image whose digest is known. */
export interface Digested {
  readonly job: Job;
  readonly digest: string;
  readonly facts: FileFacts;
}

/** @throws {FileError} when there is no such file. */
export async function lookedAt(job: Job): Promise<FileFacts> {
  try {
    return await factsOf(job.file);
  } catch (error) {
    throw new FileError(`${job.path} could not be opened: ${systemCode(error) ?? "an unknown error"}.`, {
      cause: error,
    });
  }
}

/** Reads the image to its end. @throws {InvalidRequestError} when it is none. @throws {BatchError} `source_changed` */
export async function digestOf(
  { client, parameters }: BatchSettings,
  job: Job,
  facts: FileFacts,
  signal?: AbortSignal,
): Promise<string> {
  try {
    return await client.digest({ ...parameters, image: await steadyImage(job.file, facts) }, { signal });
  } catch (error) {
    throw await orChanged(error, job, facts);
  }
}

/** An image that could not be read because it changed meanwhile says so. */
export async function orChanged(error: unknown, job: Job, facts: FileFacts): Promise<unknown> {
  if (!(error instanceof MagnificError) || error.code !== "image_unreadable") return error;
  const now = await factsOf(job.file).catch(() => undefined);
  if (now !== undefined && sameFacts(now, facts)) return error;
  const { submission, taskId, digest } = error;
  const message = `${job.path} changed while it was read. Run the batch again when it is whole.`;
  return new BatchError("source_changed", job.file, message, { submission, taskId, digest, cause: error });
}
