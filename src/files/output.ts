/** The one way in which files are written: next to the target, synced, then moved onto it. */
import { errorCode } from "./error-code.js";
import { type FileHandle, files } from "./file-system.js";
import { placeFile, syncFolder } from "./place-file.js";

/** What stands where something is to be written. */
export interface Target {
  /** Absolute; the end of all symlinks, which stay as they are. */
  readonly path: string;
  /** `stream`: a named pipe, or a descriptor of this process such as /dev/stdout. `other`: a device or a socket. */
  readonly kind: "nothing" | "file" | "folder" | "stream" | "other";
  /** Of a descriptor of this process. */
  readonly fd?: number;
}

const DESCRIPTOR = /^\/(?:dev|proc\/self)\/(?:stdout|stderr|fd\/(\d+))$/;
const MOST_LINKS = 40;

/** Follows symlinks, also those that lead to nothing yet. Rejects as the system does, e.g. for links in a circle. */
export async function targetOf(path: string): Promise<Target> {
  const { readlink, stat, resolve, dirname } = files();
  let target = resolve(path);
  for (let links = 0; links < MOST_LINKS; links++) {
    const descriptor = DESCRIPTOR.exec(target);
    if (descriptor !== null)
      return { path: target, kind: "stream", fd: Number(descriptor[1] ?? (target.endsWith("out") ? 1 : 2)) };
    const next = await readlink(target).catch(() => undefined);
    if (next === undefined) break;
    target = resolve(dirname(target), next);
  }
  const found = await stat(target).catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  });
  if (found === undefined) return { path: target, kind: "nothing" };
  if (found.isFile()) return { path: target, kind: "file" };
  if (found.isDirectory()) return { path: target, kind: "folder" };
  return { path: target, kind: found.isFIFO() ? "stream" : "other" };
}

/** Why nothing can be written to a target, in the words of a message; `undefined` where it can. */
export function whyNotWritable({ kind }: Target, replace: boolean): string | undefined {
  if (kind === "folder") return "it is a folder";
  if (kind === "other") return "it is a device or a socket, not a regular file";
  return kind === "nothing" || replace ? undefined : "it already exists";
}

/** What is being written. Every way out is `commit` or `discard`. */
export interface Output {
  write(bytes: Uint8Array): Promise<void>;
  /** Starts over. `false` where what was written cannot be taken back. */
  restart(): Promise<boolean>;
  /** Resolves to `false` when another file has taken the name meanwhile and must not be replaced. */
  commit(): Promise<boolean>;
  discard(): Promise<void>;
}

/** Writes to a draft in the target's folder; until `commit` the target is as it was. */
export async function openDraft(target: string, replace: boolean): Promise<Output> {
  const { open, unlink, resolve, dirname } = files();
  const folder = dirname(target);
  const draft = resolve(folder, `.magnific-${globalThis.crypto.randomUUID()}.part`);
  const file = await open(draft, "ax");
  return {
    write: (bytes) => writeAll(file, bytes),
    async restart() {
      await file.truncate(0);
      return true;
    },
    async commit() {
      await file.sync();
      // Some file systems report only now that the disk is full.
      await file.close();
      if (!(await placeFile(draft, target, replace))) return false;
      await syncFolder(folder);
      return true;
    },
    async discard() {
      await file.close().catch(() => {});
      await unlink(draft).catch(() => {});
    },
  };
}

/** Writes into a pipe as its reader takes the bytes. `pause` resolves when another try is worth it; rejects to end it. */
export async function openStream({ path, fd }: Target, pause: Pause): Promise<Output> {
  const { open, constants } = files();
  // Never blocks a thread: that could not be ended, and would keep the process from ending. ENXIO: nobody reads yet.
  const flags = constants.O_WRONLY | (constants.O_NONBLOCK ?? 0);
  const file = fd === undefined ? await retried(() => open(path, flags), "ENXIO", pause) : descriptor(fd);
  let written = false;
  return {
    async write(bytes) {
      written ||= bytes.byteLength > 0;
      await writeAll(file, bytes, pause);
    },
    restart: async () => !written,
    async commit() {
      await file.close();
      return true;
    },
    discard: () => file.close().catch(() => {}),
  };
}

function descriptor(fd: number): Pick<FileHandle, "write" | "close"> {
  const { write } = files();
  return {
    write: (bytes, offset, length) =>
      new Promise((resolve, reject) => {
        write(fd, bytes, offset, length, (error, bytesWritten) => (error ? reject(error) : resolve({ bytesWritten })));
      }),
    // Not ours to close.
    close: async () => {},
  };
}

type Pause = () => Promise<void>;

async function writeAll(file: Pick<FileHandle, "write">, bytes: Uint8Array, pause?: Pause): Promise<void> {
  for (let offset = 0; offset < bytes.byteLength; ) {
    const write = () => file.write(bytes, offset, bytes.byteLength - offset);
    offset += (await retried(write, "EAGAIN", pause)).bytesWritten;
  }
}

async function retried<T>(work: () => Promise<T>, code: string, pause?: Pause): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (pause === undefined || errorCode(error) !== code) throw error;
    }
    await pause();
  }
}

/** Writes a small file as a whole: nobody reads half of it. `false` when the name is taken and `replace` is false. */
export async function writeFileAtomically(path: string, text: string, replace: boolean): Promise<boolean> {
  const output = await openDraft(path, replace);
  let placed = false;
  try {
    await output.write(new TextEncoder().encode(text));
    placed = await output.commit();
    return placed;
  } finally {
    if (!placed) await output.discard();
  }
}
