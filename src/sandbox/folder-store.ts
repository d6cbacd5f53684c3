/** State in a folder: a JSON file for each task and pending webhook, and the images. One process at a time. */
import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { errorCode } from "../files/error-code.js";
import { acquireLock, type Lock, LockedError } from "../files/lock.js";
import { makeFolder } from "../files/make-folder.js";
import { SandboxError } from "./errors.js";
import { FOLDERS, type Store } from "./store.js";

export class FolderStore implements Store {
  readonly #folder: string;
  readonly #lock: Lock;
  /** The last change of each file. */
  readonly #changes = new Map<string, Promise<unknown>>();

  private constructor(folder: string, lock: Lock) {
    this.#folder = folder;
    this.#lock = lock;
  }

  /** @throws {SandboxError} when the folder cannot be used, or another process uses it. */
  static async open(folder: string): Promise<FolderStore> {
    try {
      for (const part of FOLDERS) await makeFolder(join(folder, part), 0o700);
      return new FolderStore(folder, await acquireLock(join(folder, "lock")));
    } catch (cause) {
      const reason = cause instanceof LockedError ? cause.message : String(cause);
      throw new SandboxError("state_folder", `The state folder ${folder} cannot be used: ${reason}`, { cause });
    }
  }

  async write(name: string, content: Uint8Array | string): Promise<void> {
    await this.#change(name, async (path) => {
      const draft = `${path}.tmp`;
      try {
        await writeFile(draft, content, { mode: 0o600 });
        await rename(draft, path);
      } catch (error) {
        // On a full disk its beginning would stay, and be read as a task later.
        await rm(draft, { force: true });
        throw error;
      }
    });
  }

  async remove(name: string): Promise<void> {
    await this.#change(name, (path) => rm(path, { force: true }));
  }

  async read(name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return await readFile(join(this.#folder, name)).catch((error: unknown) => {
      if (errorCode(error) !== "ENOENT") throw error;
      return undefined;
    });
  }

  async list(folder: string): Promise<readonly string[]> {
    return (await readdir(join(this.#folder, folder))).map((name) => `${folder}/${name}`);
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#changes.values());
    await this.#lock.release();
  }

  async #change(name: string, work: (path: string) => Promise<unknown>): Promise<void> {
    const before = this.#changes.get(name) ?? Promise.resolve();
    const change = before.catch(() => {}).then(() => work(join(this.#folder, name)));
    this.#changes.set(name, change);
    await change;
  }
}
