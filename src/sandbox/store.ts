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

export function memoryStore(): Store {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  return {
    async write(name, content) {
      files.set(name, typeof content === "string" ? utf8(content) : new Uint8Array(content));
    },
    async remove(name) {
      files.delete(name);
    },
    read: async (name) => files.get(name),
    list: async (folder) => [...files.keys()].filter((name) => name.startsWith(`${folder}/`)),
    close: async () => files.clear(),
  };
}
