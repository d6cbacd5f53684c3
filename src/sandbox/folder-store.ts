/** State in a folder: a JSON file for each task and pending webhook, and the images. One process at a time. */
import { createReadStream } from "node:fs";
import { open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { makeFolder } from "../files/make-folder.js";
import { beginOf, lives } from "../files/process.js";
import { SandboxError } from "./errors.js";
import { FOLDERS, type Store, type StoredFile } from "./store.js";

export class FolderStore implements Store {
  readonly #folder: string;
  /** The last change of each file that is under way. */
  readonly #changes = new Map<string, Promise<void>>();

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** @throws {SandboxError} when the folder cannot be used, or another process uses it. */
  static async open(folder: string): Promise<FolderStore> {
    try {
      for (const part of FOLDERS) await makeFolder(join(folder, part), 0o700);
      await lock(join(folder, "lock"));
    } catch (cause) {
      if (cause instanceof SandboxError) throw cause;
      throw new SandboxError("state_folder", `The state folder ${folder} cannot be used: ${String(cause)}`, { cause });
    }
    return new FolderStore(folder);
  }

  async write(name: string, content: Uint8Array | string): Promise<void> {
    const draft = join(this.#folder, `${name}.${process.pid}.tmp`);
    await this.#change(name, async (path) => {
      await writeFile(draft, content, { mode: 0o600 });
      await rename(draft, path);
    });
  }

  async remove(name: string): Promise<void> {
    await this.#change(name, (path) => rm(path, { force: true }));
  }

  async read(name: string): Promise<Uint8Array | undefined> {
    return await readFile(join(this.#folder, name)).catch(() => undefined);
  }

  async open(name: string): Promise<StoredFile | undefined> {
    const path = join(this.#folder, name);
    const found = await stat(path).catch(() => undefined);
    return found && { size: found.size, read: (start, end) => createReadStream(path, { start, end }) };
  }

  async list(folder: string): Promise<readonly string[]> {
    return (await readdir(join(this.#folder, folder))).map((name) => `${folder}/${name}`);
  }

  async close(): Promise<void> {
    await Promise.all(this.#changes.values());
    await unlock(join(this.#folder, "lock"));
  }

  async #change(name: string, work: (path: string) => Promise<void>): Promise<void> {
    const before = this.#changes.get(name) ?? Promise.resolve();
    const change = before.then(() => work(join(this.#folder, name)));
    const settled = change.catch(() => undefined);
    this.#changes.set(name, settled);
    await change.finally(() => {
      if (this.#changes.get(name) === settled) this.#changes.delete(name);
    });
  }
}

/** Locks that this process holds. */
const held = new Set<string>();

/** Takes over the lock of a process that is gone. */
async function lock(path: string): Promise<void> {
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const file = await open(path, "wx", 0o600);
      await file.writeFile(JSON.stringify({ pid: process.pid, began: await beginOf(process.pid) }));
      await file.close();
      held.add(resolve(path));
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const holder = holderOf(await readFile(path, "utf8").catch(() => ""));
    // In a container every run has the same number: the own one counts only for a lock that this process holds.
    const isStale = holder?.pid === process.pid && !held.has(resolve(path));
    if (holder !== undefined && !isStale && (await lives(holder)))
      throw new SandboxError(
        "state_folder",
        `The state folder ${dirname(path)} is in use by process ${holder.pid} (${path}).`,
      );
    await rm(path, { force: true });
  }
  throw new SandboxError(
    "state_folder",
    `Another process is just taking the state folder ${dirname(path)}. Try again.`,
  );
}

async function unlock(path: string): Promise<void> {
  held.delete(resolve(path));
  await rm(path, { force: true });
}

/** `undefined` for a lock that a crash left incomplete. */
function holderOf(text: string): { readonly pid: number; readonly began: string | undefined } | undefined {
  try {
    const { pid, began } = JSON.parse(text) as Record<string, unknown>;
    if (typeof pid !== "number" || pid <= 0) return undefined;
    return { pid, began: typeof began === "string" ? began : undefined };
  } catch {
    return undefined;
  }
}
