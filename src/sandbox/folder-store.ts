import { createReadStream } from "node:fs";
import { open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { makeFolder } from "../files/make-folder.js";
import { beginOf, lives } from "../files/process.js";
import { SandboxError } from "./errors.js";
import type { FileKind, Secrets, Store, StoredFile } from "./store.js";
import type { TaskRecord } from "./task.js";
import type { PendingWebhook } from "./webhook-delivery.js";

const VERSION = 1;

/** Folders within it: what is in a file of each. */
const PARTS = ["tasks", "images", "webhooks"] as const;

/** State in a folder: one JSON file a task or pending webhook, the images beside it, each written whole or not at all. */
export class FolderStore implements Store {
  readonly #folder: string;
  /** Changes of one file follow one another, so that the latest wins. */
  readonly #changing = new Map<string, Promise<void>>();

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Throws a SandboxError when the folder cannot be used, or is in use by another process. */
  static async open(folder: string): Promise<FolderStore> {
    try {
      for (const part of PARTS) await makeFolder(join(folder, part), 0o700);
      await lock(join(folder, "lock"));
      held.add(resolve(folder));
    } catch (cause) {
      if (cause instanceof SandboxError) throw cause;
      throw new SandboxError("state_folder", `The state folder ${folder} cannot be used: ${String(cause)}`, { cause });
    }
    return new FolderStore(folder);
  }

  async secrets(fresh: Secrets): Promise<Secrets> {
    const path = join(this.#folder, "sandbox.json");
    const found = await readFile(path, "utf8").catch(() => undefined);
    if (found === undefined) {
      await writeWhole(path, JSON.stringify({ version: VERSION, ...fresh }, undefined, 2));
      return fresh;
    }
    const { version, key, webhookSecret, signingSecret } = JSON.parse(found) as Secrets & { version: unknown };
    if (version !== VERSION) {
      throw new SandboxError("state_folder", `The state folder ${this.#folder} was written by another version.`);
    }
    return { key, webhookSecret, signingSecret };
  }

  async tasks(): Promise<readonly TaskRecord[]> {
    const tasks = await this.#records<TaskRecord>("tasks");
    return tasks.sort((a, b) => a.createdAt - b.createdAt);
  }

  async save(task: TaskRecord): Promise<void> {
    await this.#change(this.#record("tasks", task.id), (path) => writeWhole(path, JSON.stringify(task)));
  }

  async webhooks(): Promise<readonly PendingWebhook[]> {
    const pending = await this.#records<PendingWebhook>("webhooks");
    return pending.sort((a, b) => a.dueAt - b.dueAt);
  }

  async saveWebhook(pending: PendingWebhook): Promise<void> {
    await this.#change(this.#record("webhooks", pending.id), (path) => writeWhole(path, JSON.stringify(pending)));
  }

  async removeWebhook(id: string): Promise<void> {
    await this.#change(this.#record("webhooks", id), (path) => rm(path, { force: true }));
  }

  async writeFile(taskId: string, kind: FileKind, bytes: Uint8Array): Promise<void> {
    await writeWhole(this.#image(taskId, kind), bytes);
  }

  async readFile(taskId: string, kind: FileKind): Promise<Uint8Array | undefined> {
    return await readFile(this.#image(taskId, kind)).catch(() => undefined);
  }

  async file(taskId: string, kind: FileKind): Promise<StoredFile | undefined> {
    const path = this.#image(taskId, kind);
    const found = await stat(path).catch(() => undefined);
    if (found === undefined) return undefined;
    return { size: found.size, read: (start, end) => createReadStream(path, { start, end }) };
  }

  async removeFiles(taskId: string): Promise<void> {
    await rm(this.#image(taskId, "source"), { force: true });
    await rm(this.#image(taskId, "result"), { force: true });
  }

  async close(): Promise<void> {
    await Promise.all(this.#changing.values());
    held.delete(resolve(this.#folder));
    await rm(join(this.#folder, "lock"), { force: true });
  }

  async #records<T>(part: "tasks" | "webhooks"): Promise<T[]> {
    const folder = join(this.#folder, part);
    const names = (await readdir(folder)).filter((name) => name.endsWith(".json"));
    const records: T[] = [];
    for (const name of names) records.push(JSON.parse(await readFile(join(folder, name), "utf8")) as T);
    return records;
  }

  #record(part: "tasks" | "webhooks", id: string): string {
    return join(this.#folder, part, `${id}.json`);
  }

  async #change(path: string, work: (path: string) => Promise<void>): Promise<void> {
    const before = this.#changing.get(path) ?? Promise.resolve();
    const change = before.then(() => work(path));
    const settled = change.catch(() => undefined);
    this.#changing.set(path, settled);
    await change;
    if (this.#changing.get(path) === settled) this.#changing.delete(path);
  }

  #image(taskId: string, kind: FileKind): string {
    return join(this.#folder, "images", `${taskId}.${kind}`);
  }
}

async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const draft = `${path}.${process.pid}.tmp`;
  await writeFile(draft, content, { mode: 0o600 });
  await rename(draft, path);
}

/** State folders that this process has open. */
const held = new Set<string>();

/** One process at a time; the lock of a process that is gone is taken over. */
async function lock(path: string): Promise<void> {
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const file = await open(path, "wx", 0o600);
      await file.writeFile(JSON.stringify({ pid: process.pid, began: await beginOf(process.pid) }));
      await file.close();
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const holder = holderOf(await readFile(path, "utf8").catch(() => ""));
    // In a container every run has the same number: the own one counts only for what this process holds.
    const isOwn = holder?.pid === process.pid && !held.has(resolve(dirname(path)));
    if (holder !== undefined && !isOwn && (await lives(holder)))
      throw new SandboxError("state_folder", `The state folder is in use by process ${holder.pid} (${path}).`);
    await rm(path, { force: true });
  }
  throw new SandboxError("state_folder", `The state folder is being taken by another process (${path}).`);
}

/** `undefined` for what was cut off by a crash. */
function holderOf(text: string): { readonly pid: number; readonly began: string | undefined } | undefined {
  try {
    const { pid, began } = JSON.parse(text) as Record<string, unknown>;
    if (typeof pid !== "number" || pid <= 0) return undefined;
    return { pid, began: typeof began === "string" ? began : undefined };
  } catch {
    return undefined;
  }
}
