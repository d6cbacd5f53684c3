/** Where tasks and their images are kept. */
import type { Readable } from "node:stream";
import type { TaskRecord } from "./task.js";
import type { PendingWebhook } from "./webhook-delivery.js";

/** What must be the same after a restart, or nothing that was handed out would still be good. */
export interface Secrets {
  readonly key: string;
  readonly webhookSecret: string;
  /** Signs result URLs. */
  readonly signingSecret: string;
}

export type FileKind = "source" | "result";

/** Bytes at rest. */
export interface StoredFile {
  readonly size: number;
  /** @param end Inclusive. */
  read(start: number, end: number): Readable | Buffer;
}

export interface Store {
  /** The secrets of the state found, or the given ones, which are then kept. */
  secrets(fresh: Secrets): Promise<Secrets>;
  /** Every task, oldest first. */
  tasks(): Promise<readonly TaskRecord[]>;
  save(task: TaskRecord): Promise<void>;
  /** Every delivery that was not taken yet, oldest first. */
  webhooks(): Promise<readonly PendingWebhook[]>;
  saveWebhook(pending: PendingWebhook): Promise<void>;
  removeWebhook(id: string): Promise<void>;
  writeFile(taskId: string, kind: FileKind, bytes: Uint8Array): Promise<void>;
  readFile(taskId: string, kind: FileKind): Promise<Uint8Array | undefined>;
  file(taskId: string, kind: FileKind): Promise<StoredFile | undefined>;
  removeFiles(taskId: string): Promise<void>;
  /** Waits for what is being written and lets go of the place. */
  close(): Promise<void>;
}
