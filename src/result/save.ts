/** Writes a result to a file that is either whole or not there. */
import { FileError } from "../errors/file-error.js";
import { type FileHandle, type FileSystem, type Files, files } from "../files/file-system.js";
import type { Part } from "./attempt.js";

/** What `save` wrote. */
export interface SavedImage {
  /** Absolute path of the file. */
  readonly path: string;
  /** Its size. */
  readonly bytes: number;
  /** Its media type, told by its first bytes: the file's name is not looked at. */
  readonly type: string;
}

/**
 * Writes beside the target first and moves the whole, synced file onto it. On any failure the temporary file is removed
 * and the target is as it was.
 *
 * @throws {FileError} when the file cannot be written, or is there and `overwrite` is false.
 */
export async function saveParts(
  parts: AsyncGenerator<Part, void, void>,
  target: string | URL,
  overwrite: boolean,
  taskId: string | undefined,
): Promise<SavedImage> {
  const { fs, absolute, beside, folder } = files();
  const path = pathOf(absolute, target, taskId);
  const refused = (reason: string, cause?: unknown): FileError =>
    new FileError(`${path} could not be written: ${reason}.`, { taskId, cause });
  const cannot = (error: unknown): FileError =>
    error instanceof Exists ? refused(THERE) : refused(codeOf(error) ?? String(error), error);

  const present = await fs.stat(path).catch(() => undefined);
  if (present?.isDirectory()) throw refused("it is a folder");
  if (present !== undefined && !overwrite) throw refused(THERE);

  const partial = beside(path, `.magnific-${globalThis.crypto.randomUUID()}.part`);
  const file = await fs.open(partial, "wx").catch((error: unknown) => {
    throw cannot(error);
  });
  try {
    const written = await writeAll(file, parts, cannot);
    try {
      await put(fs, partial, path, overwrite);
    } catch (error) {
      throw cannot(error);
    }
    await syncFolder(fs, folder(path));
    return { path, ...written };
  } catch (error) {
    await fs.unlink(partial).catch(() => {});
    throw error;
  }
}

/** A URL of another kind, or no path at all. */
function pathOf(absolute: Files["absolute"], target: string | URL, taskId: string | undefined): string {
  try {
    return absolute(target);
  } catch (cause) {
    throw new FileError(`${String(target)} could not be written: it is neither a path nor a file: URL.`, {
      taskId,
      cause,
    });
  }
}

const THERE = "it is there already, and `overwrite` is false";

/** The file came while the result was fetched. */
class Exists extends Error {}

async function writeAll(
  file: FileHandle,
  parts: AsyncGenerator<Part, void, void>,
  cannot: (error: unknown) => FileError,
): Promise<{ readonly bytes: number; readonly type: string }> {
  const guarded = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      throw cannot(error);
    });
  let position = 0;
  let type = "";
  try {
    for await (const part of parts) {
      if (part.fresh && position > 0) {
        await guarded(file.truncate(0));
        position = 0;
      }
      type = part.type;
      for (let offset = 0; offset < part.bytes.byteLength; ) {
        const length = part.bytes.byteLength - offset;
        const { bytesWritten } = await guarded(file.write(part.bytes, offset, length, position));
        offset += bytesWritten;
        position += bytesWritten;
      }
    }
    await guarded(file.sync());
  } catch (error) {
    await file.close().catch(() => {});
    throw error;
  }
  // Some file systems say only now that there is no room.
  await guarded(file.close());
  return { bytes: position, type };
}

/** Where the file must not replace another, a link fails atomically if one came meanwhile; a rename would replace it. */
async function put(fs: FileSystem, partial: string, path: string, overwrite: boolean): Promise<void> {
  if (!overwrite) {
    try {
      await fs.link(partial, path);
      await fs.unlink(partial);
      return;
    } catch (error) {
      if (codeOf(error) === "EEXIST") throw new Exists();
      // This file system knows no links (FAT, some network mounts): the check before the download has to do.
      if ((await fs.stat(path).catch(() => undefined)) !== undefined) throw new Exists();
    }
  }
  await fs.rename(partial, path);
}

/** So that the new name survives a power cut too. Not every system can do this, and the file is whole either way. */
async function syncFolder(fs: FileSystem, path: string): Promise<void> {
  const handle = await fs.open(path, "r").catch(() => undefined);
  await handle?.sync().catch(() => {});
  await handle?.close().catch(() => {});
}

function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : undefined;
}
