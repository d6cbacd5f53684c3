/** Gives a finished file its name, as a whole and durably. */
import { errorCode } from "./error-code.js";
import { files } from "./file-system.js";

/**
 * Moves a finished file to its name on the same file system. Without `replace`, of several at once exactly one gets it.
 *
 * @returns `false` when the name is taken; the finished file then stays where it is.
 */
export async function placeFile(from: string, to: string, replace: boolean): Promise<boolean> {
  const { rename, link, unlink } = files();
  if (replace) {
    await rename(from, to);
    return true;
  }
  try {
    // Unlike a rename, a link fails when the name is taken.
    await link(from, to);
  } catch (error) {
    return errorCode(error) !== "EEXIST" && (await claim(from, to));
  }
  await unlink(from);
  return true;
}

/** Without links (FAT, some network mounts): makes an empty file of that name, which fails too when it is taken, and replaces that. */
async function claim(from: string, to: string): Promise<boolean> {
  const { open, rename, unlink } = files();
  try {
    await (await open(to, "wx")).close();
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    throw error;
  }
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    await unlink(to);
    throw error;
  }
}

/** Makes changes of names in a folder survive a power cut. Not every system can do it, and the files are complete either way. */
export async function syncFolder(path: string): Promise<void> {
  const { open } = files();
  const folder = await open(path, "r").catch(() => undefined);
  await folder?.sync().catch(() => {});
  await folder?.close().catch(() => {});
}
