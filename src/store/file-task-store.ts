/** A task store in a folder: one small file an entry, safe against crashes and among processes. */
import { randomUUID } from "node:crypto";
import { link, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { ConfigurationError } from "../errors/configuration-error.js";
import { makeFolder } from "../files/make-folder.js";
import type { StoredTask, TaskStore } from "./task-store.js";

/**
 * Keeps entries in `folder`, which is made when needed; several processes may share it. An entry that says `sending` was
 * left by a process that is still sending, or that died while it did.
 *
 * @example
 * const magnific = new Magnific({ store: fileTaskStore("./magnific-tasks") });
 *
 * @throws {ConfigurationError} when `folder` is empty.
 */
export function fileTaskStore(folder: string): TaskStore {
  if (folder === "") throw new ConfigurationError("fileTaskStore() needs a folder.");
  const pathOf = (digest: string): string => {
    // Whatever else would be a path of the caller's making.
    if (!/^[\da-f]{16,128}$/.test(digest)) throw new TypeError("a digest is hexadecimal");
    return join(folder, `${digest}.json`);
  };
  return {
    async begin(digest, at) {
      const path = pathOf(digest);
      await makeFolder(folder);
      const draft = await written(folder, { state: "sending", at });
      try {
        // Unlike a rename, a link fails when the name is taken: of two that begin at once, one does. And the name never
        // stands for a file that is half written.
        await link(draft, path);
        await synced(folder);
        return undefined;
      } catch (error) {
        if ((error as { code?: unknown }).code !== "EEXIST") throw error;
      } finally {
        await rm(draft, { force: true });
      }
      // An entry that is gone by now was forgotten meanwhile, so the digest is free.
      return (await read(path, at)) ?? this.begin(digest, at);
    },
    async finish(digest, taskId, at) {
      await makeFolder(folder);
      const draft = await written(folder, { state: "sent", taskId, at });
      try {
        await rename(draft, pathOf(digest));
        await synced(folder);
      } catch (error) {
        await rm(draft, { force: true });
        throw error;
      }
    },
    async forget(digest) {
      await rm(pathOf(digest), { force: true });
      await synced(folder);
    },
  };
}

/** The entry in a file of its own, on the disk, under a name that nobody looks for. */
async function written(folder: string, entry: StoredTask): Promise<string> {
  const path = join(folder, `.${randomUUID()}.draft`);
  const file = await open(path, "wx");
  try {
    await file.writeFile(`${JSON.stringify(entry)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  return path;
}

/** What cannot be read tells at least that something was begun. */
async function read(path: string, now: number): Promise<StoredTask | undefined> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if ((error as { code?: unknown }).code === "ENOENT") return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  try {
    const { state, taskId, at } = JSON.parse(text) as Record<string, unknown>;
    const moment = typeof at === "number" ? at : now;
    if (state === "sent" && typeof taskId === "string") return { state, taskId, at: moment };
    return { state: "sending", at: moment };
  } catch {
    return { state: "sending", at: now };
  }
}

/** So that a new name survives a power cut; not every system can do it. */
async function synced(folder: string): Promise<void> {
  try {
    const handle = await open(folder, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch {
    // Windows opens no folders. The entry itself is written in any case.
  }
}
