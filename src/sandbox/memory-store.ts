import type { FileKind, Secrets, Store, StoredFile } from "./store.js";
import type { TaskRecord } from "./task.js";
import type { PendingWebhook } from "./webhook-delivery.js";

/** State that lives as long as the sandbox. */
export class MemoryStore implements Store {
  readonly #files = new Map<string, Uint8Array>();

  async secrets(fresh: Secrets): Promise<Secrets> {
    return fresh;
  }

  async tasks(): Promise<readonly TaskRecord[]> {
    return [];
  }

  async save(): Promise<void> {}

  async webhooks(): Promise<readonly PendingWebhook[]> {
    return [];
  }

  async saveWebhook(): Promise<void> {}

  async removeWebhook(): Promise<void> {}

  async writeFile(taskId: string, kind: FileKind, bytes: Uint8Array): Promise<void> {
    this.#files.set(`${taskId}.${kind}`, bytes);
  }

  async readFile(taskId: string, kind: FileKind): Promise<Uint8Array | undefined> {
    return this.#files.get(`${taskId}.${kind}`);
  }

  async file(taskId: string, kind: FileKind): Promise<StoredFile | undefined> {
    const bytes = this.#files.get(`${taskId}.${kind}`);
    if (bytes === undefined) return undefined;
    return {
      size: bytes.byteLength,
      read: (start, end) => Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start + 1),
    };
  }

  async removeFiles(taskId: string): Promise<void> {
    this.#files.delete(`${taskId}.source`);
    this.#files.delete(`${taskId}.result`);
  }

  async close(): Promise<void> {
    this.#files.clear();
  }
}
