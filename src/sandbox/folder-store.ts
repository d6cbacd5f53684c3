/** State in a folder: a JSON file for each task and pending webhook, and the images. One process at a time. */
import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { errorCode } from "../files/error-code.js";
import { acquireLock, type Lock, LockedError } from "../files/lock.js";
import { makeFolder } from "../files/make-folder.js";
import { SandboxError } from "./errors.js";
import { FOLDERS, type Store } from "./store.js";

/** @throws {SandboxError} when the folder cannot be used, or another process uses it. */
export async function openFolderStore(folder: string): Promise<Store> {
  let lock: Lock;
  try {
    for (const part of FOLDERS) await makeFolder(join(folder, part), 0o700);
    lock = await acquireLock(join(folder, "lock"));
  } catch (cause) {
    const reason = cause instanceof LockedError ? cause.message : String(cause);
    throw new SandboxError("state_folder", `The state folder ${folder} cannot be used: ${reason}`, { cause });
  }
  /** The last change of each file. */
  const changes = new Map<string, Promise<void>>();
  const change = (name: string, work: (path: string) => Promise<void>): Promise<void> => {
    const before = changes.get(name) ?? Promise.resolve();
    const next = before.catch(() => {}).then(() => work(join(folder, name)));
    changes.set(name, next);
    return next;
  };
  return {
    write: (name, content) =>
      change(name, async (path) => {
        const draft = `${path}.tmp`;
        try {
          await writeFile(draft, content, { mode: 0o600 });
          await rename(draft, path);
        } catch (error) {
          // On a full disk its beginning would stay, and be read as a task later.
          await rm(draft, { force: true });
          throw error;
        }
      }),
    remove: (name) => change(name, (path) => rm(path, { force: true })),
    read: (name) =>
      readFile(join(folder, name)).catch((error: unknown) => {
        if (errorCode(error) !== "ENOENT") throw error;
        return undefined;
      }),
    list: async (part) => (await readdir(join(folder, part))).map((name) => `${part}/${name}`),
    async close() {
      await Promise.allSettled(changes.values());
      await lock.release();
    },
  };
}
