import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { errorCode } from "./error-code.js";

/**
 * Makes a folder and those above it, where they are missing; what is there keeps its mode. Node's own recursive way calls
 * a read-only file system a missing folder, and never comes back below /proc.
 */
export async function makeFolder(path: string, mode?: number): Promise<void> {
  const make = (): Promise<void> =>
    mkdir(path, mode).catch(async (error: unknown) => {
      if (!(await stat(path).catch(() => undefined))?.isDirectory()) throw error;
    });
  await make().catch(async (error: unknown) => {
    if (errorCode(error) !== "ENOENT" || dirname(path) === path) throw error;
    await makeFolder(dirname(path), mode);
    await make();
  });
}
