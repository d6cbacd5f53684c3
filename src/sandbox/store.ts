/** Where tasks, their images and undelivered webhooks are kept: files by name, in memory or in a folder. */

export interface StoredFile {
  readonly size: number;
  /** @param end Inclusive. */
  read(start: number, end: number): AsyncIterable<Uint8Array>;
}

export const FOLDERS = ["tasks", "images", "webhooks"] as const;
type Folder = (typeof FOLDERS)[number];

export interface Store {
  /** Changes of one file follow one another: the latest wins. */
  write(name: string, content: Uint8Array | string): Promise<void>;
  remove(name: string): Promise<void>;
  read(name: string): Promise<Uint8Array | undefined>;
  open(name: string): Promise<StoredFile | undefined>;
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
  readonly #files = new Map<string, Uint8Array>();

  async write(name: string, content: Uint8Array | string): Promise<void> {
    this.#files.set(name, typeof content === "string" ? new TextEncoder().encode(content) : content);
  }

  async remove(name: string): Promise<void> {
    this.#files.delete(name);
  }

  async read(name: string): Promise<Uint8Array | undefined> {
    return this.#files.get(name);
  }

  async open(name: string): Promise<StoredFile | undefined> {
    const bytes = this.#files.get(name);
    return (
      bytes && {
        size: bytes.byteLength,
        read: async function* (start, end) {
          yield bytes.subarray(start, end + 1);
        },
      }
    );
  }

  async list(folder: Folder): Promise<readonly string[]> {
    return [...this.#files.keys()].filter((name) => name.startsWith(`${folder}/`));
  }

  async close(): Promise<void> {
    this.#files.clear();
  }
}
