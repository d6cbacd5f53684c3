/** Puts a finished file under its name: as a whole, and never over another's. */
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, type FileHandle, link, open, rename, rm, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { FileError } from "../errors/file-error.js";
import { makeFolder } from "../files/make-folder.js";
import { BatchError, isFull, systemCode } from "./errors.js";
import { syncFolder } from "./journal/journal.js";

/** @param mayReplace Whether what is there under that name gives way. @throws {BatchError} @throws {FileError} */
export async function deliver(work: string, target: string, mayReplace: boolean): Promise<void> {
  const folder = dirname(target);
  try {
    await makeFolder(folder);
    await named(work, target, mayReplace).catch(async (error: unknown) => {
      if (systemCode(error) !== "EXDEV") throw error;
      // The journal, and with it the work, is on another file system, from which only a copy leads here.
      const near = await copied(work, folder, target);
      await named(near, target, mayReplace).finally(() => rm(near, { force: true }));
    });
    await rm(work, { force: true });
    await syncFolder(folder);
  } catch (error) {
    await rm(work).catch(() => {});
    throw error instanceof BatchError ? error : cannotWrite(target, error);
  }
}

/** A copy on the disk, to be delivered as the target, which errors name. @throws {BatchError} @throws {FileError} */
export async function copied(from: string, folder: string, target: string): Promise<string> {
  const work = `${folder}/${randomUUID()}.part`;
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
  return new BatchError(
    "output_exists",
    path,
    `${path} is there already and is not this image's result. Move it away, choose other names, or allow overwriting.`,
  );
}

async function named(work: string, target: string, mayReplace: boolean): Promise<void> {
  if (mayReplace) await rename(work, target);
  // A run that ended between writing the file and saying so left the same bytes behind.
  else if (!(await linked(work, target)) && !(await sameBytes(work, target))) throw outputExists(target);
}

/** Whether the file took the name; a link fails where there is one already, a rename would replace it. */
async function linked(work: string, target: string): Promise<boolean> {
  try {
    await link(work, target);
    await unlink(work);
    return true;
  } catch (error) {
    if (systemCode(error) === "EEXIST") return false;
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"].includes(systemCode(error) ?? "")) throw error;
  }
  // A file system without links (FAT, some network mounts): the look before has to do.
  if (existsSync(target)) return false;
  await rename(work, target);
  return true;
}

async function sameBytes(one: string, other: string): Promise<boolean> {
  const files: FileHandle[] = [];
  try {
    for (const path of [one, other]) files.push(await open(path, "r"));
    const [first, second] = files as [FileHandle, FileHandle];
    if ((await first.stat()).size !== (await second.stat()).size) return false;
    const [left, right] = [Buffer.alloc(65_536), Buffer.alloc(65_536)];
    for (;;) {
      const { bytesRead } = await first.read(left);
      if (bytesRead === 0) return true;
      const other = await second.read(right, 0, bytesRead);
      if (other.bytesRead !== bytesRead || left.compare(right, 0, bytesRead, 0, bytesRead) !== 0) return false;
    }
  } finally {
    for (const file of files) await file.close();
  }
}

/** Why a result could not be put where it belongs. */
export function cannotWrite(path: string, error: unknown): BatchError | FileError {
  const code = systemCode(error) ?? String(error);
  return isFull(error)
    ? new BatchError(
        "disk_full",
        path,
        `The disk is full (${code}): ${path} could not be written. Its task is kept at the provider.`,
        { cause: error },
      )
    : new FileError(`${path} could not be written: ${code}.`, { cause: error });
}
