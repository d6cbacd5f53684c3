/** Moves a finished file to its name: atomically, and never over a file of somebody else. */
import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { copyFile, open, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { FileError } from "../errors/request-errors.js";
import { errorCode, isDiskFull } from "../files/error-code.js";
import { makeFolder } from "../files/make-folder.js";
import { targetOf } from "../files/output.js";
import { placeFile, syncFolder } from "../files/place-file.js";
import { BatchError } from "./errors.js";

/** @param mayReplace Whether a file that is there is replaced. @throws {BatchError} @throws {FileError} */
export async function deliver(work: string, target: string, mayReplace: boolean): Promise<void> {
  try {
    await makeFolder(dirname(target));
    const path = mayReplace ? await replaceable(target) : target;
    const folder = dirname(path);
    const move = async (from: string): Promise<void> => {
      // A run that was killed between writing the file and recording it left the same bytes behind.
      if (!(await placeFile(from, path, mayReplace)) && !(await sameBytes(from, path))) throw outputExists(target);
    };
    await move(work).catch(async (error: unknown) => {
      if (errorCode(error) !== "EXDEV") throw error;
      // The journal, and with it the work folder, is on another file system: only a copy gets here.
      const near = await copyOf(work, folder, target);
      await move(near).finally(() => rm(near, { force: true }));
    });
    await rm(work, { force: true });
    await syncFolder(folder);
  } catch (error) {
    await rm(work).catch(() => {});
    throw error instanceof BatchError || error instanceof FileError ? error : cannotWrite(target, error);
  }
}

/** A link stays, and the file that it leads to is replaced; a folder, a device or a pipe is not. */
async function replaceable(target: string): Promise<string> {
  const { kind, path } = await targetOf(target);
  if (kind === "nothing" || kind === "file") return path;
  throw new FileError(`${target} could not be written: it is not a regular file.`, {});
}

/** A copy on the disk, to be delivered as the target, which errors name. @throws {BatchError} @throws {FileError} */
export async function copyOf(from: string, folder: string, target: string): Promise<string> {
  const work = join(folder, `${randomUUID()}.part`);
  try {
    await copyFile(from, work);
    const file = await open(work, "r+");
    await file.sync().finally(() => file.close());
    return work;
  } catch (error) {
    await rm(work).catch(() => {});
    throw cannotWrite(target, error);
  }
}

export function outputExists(path: string): BatchError {
  const message = `${path} already exists and is not the result of this image. Move it away, choose other names, or allow overwriting.`;
  return new BatchError("output_exists", path, message);
}

async function sameBytes(one: string, other: string): Promise<boolean> {
  const [first, second] = await Promise.all([stat(one), stat(other)]);
  if (!second.isFile() || first.size !== second.size) return false;
  return (await sha256Of(one)) === (await sha256Of(other));
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest("hex");
}

export function cannotWrite(path: string, cause: unknown): BatchError | FileError {
  const code = errorCode(cause) ?? String(cause);
  if (!isDiskFull(cause)) return new FileError(`${path} could not be written: ${code}.`, { cause });
  const message = `The disk is full (${code}): ${path} could not be written. The provider keeps its task.`;
  return new BatchError("disk_full", path, message, { cause });
}
