/** Where tasks, their images and undelivered webhooks are kept: files by name, in memory or in a folder. */
import { utf8 } from "../util/bytes.js";

export const FOLDERS = ["tasks", "images", "webhooks"] as const;
type Folder = (typeof FOLDERS)[number];

export interface Store {
  /** Changes of one file follow one another: the latest wins. */
  write(name: string, content: Uint8Array | string): Promise<void>;
  remove(name: string): Promise<void>;
  /** `undefined` when there is no such file. */
  read(name: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  list(folder: Folder): Promise<readonly string[]>;
  /** Waits for what is being written. */
  close(): Promise<void>;
}

export function nameOf(folder: Folder, id: string, ending: "json" | "source" | "result"): string {
  return `${folder}/${id}.${ending}`;
}

/** What the JSON files in a folder hold. */
export async function records<T>(store: Store, folder: Folder): Promise<T[]> {
  const names = (await store.list(folder)).filter((name) => name.endsWith(".json"));
  const files = await Promise.all(names.map((name) => store.read(name)));
  return files.map((file) => JSON.parse(new TextDecoder().decode(file)) as T);
}

export class MemoryStore implements Store {
  readonly #files = new Map<string, Uint8Array<ArrayBuffer>>();

  async write(name: string, content: Uint8Array | string): Promise<void> {
    this.#files.set(name, typeof content === "string" ? utf8(content) : new Uint8Array(content));
  }

  async remove(name: string): Promise<void> {
    this.#files.delete(name);
  }

  async read(name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.#files.get(name);
  }

  async list(folder: Folder): Promise<readonly string[]> {
    return [...this.#files.keys()].filter((name) => name.startsWith(`${folder}/`));
  }

  async close(): Promise<void> {
    this.#files.clear();
  }
}
