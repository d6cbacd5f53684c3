/** The journal of a batch: append-only JSON lines, each on the disk before the work goes on. One writer. */
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import { makeFolder } from "../../files/make-folder.js";
import { BatchError, isFull, systemCode } from "../errors.js";
import { acquireLock, type Lock } from "./lock.js";
import { readFrom } from "./read.js";
import { headerLine, type JournalRecord, recordLine } from "./record.js";
import type { JournalState, Replay } from "./state.js";

interface Pending {
  readonly record: JournalRecord;
  readonly resolve: () => void;
  readonly reject: (error: BatchError) => void;
}

export class Journal {
  readonly path: string;
  readonly #file: FileHandle;
  readonly #lock: Lock;
  readonly #replay: Replay;
  #length: number;
  #pending: Pending[] = [];
  #writing: Promise<void> | undefined;
  #broken: BatchError | undefined;

  private constructor(path: string, file: FileHandle, lock: Lock, replay: Replay, length: number) {
    this.path = path;
    this.#file = file;
    this.#lock = lock;
    this.#replay = replay;
    this.#length = length;
  }

  /**
   * Opens a journal, or begins one. A torn last line is cut off: what it was to say never took effect.
   *
   * @throws {BatchError} `journal_locked`, `journal_damaged`, `journal_version`, `journal_unwritable` or `disk_full`.
   */
  static async open(path: string, now: number): Promise<Journal> {
    const lock = await writable(path, async () => {
      await makeFolder(dirname(path));
      return await acquireLock(`${path}.lock`);
    });
    let file: FileHandle | undefined;
    try {
      file = await writable(path, () => open(path, constants.O_RDWR | constants.O_CREAT, 0o666));
      const opened = file;
      const { replay, length, begun } = await readFrom(opened, path);
      replay.earlier = false;
      let end = length;
      await writable(path, async () => {
        await opened.truncate(length);
        if (begun) return;
        const line = headerLine(now);
        await opened.write(line, 0, "utf8");
        await opened.sync();
        end = Buffer.byteLength(line);
        await syncFolder(dirname(path));
      });
      return new Journal(path, opened, lock, replay, end);
    } catch (error) {
      await file?.close();
      await lock.release();
      throw error;
    }
  }

  get state(): JournalState {
    return this.#replay;
  }

  /** Why nothing can be written any more. */
  get broken(): BatchError | undefined {
    return this.#broken;
  }

  /** Resolves when the record is on the disk and counts. Records asked for meanwhile go to the disk together. */
  append(record: JournalRecord): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#broken !== undefined) {
        reject(this.#broken);
        return;
      }
      this.#pending.push({ record, resolve, reject });
      this.#writing ??= this.#write();
    });
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#file.close();
    await this.#lock.release();
  }

  async #write(): Promise<void> {
    while (this.#pending.length > 0) {
      const batch = this.#pending;
      this.#pending = [];
      try {
        const bytes = Buffer.from(batch.map(({ record }) => recordLine(record)).join(""));
        for (let done = 0; done < bytes.byteLength; ) {
          const { bytesWritten } = await this.#file.write(bytes, done, bytes.byteLength - done, this.#length + done);
          done += bytesWritten;
        }
        await this.#file.datasync();
        this.#length += bytes.byteLength;
      } catch (error) {
        const broken = unwritable(this.path, error);
        this.#broken = broken;
        // So that what did not get through as a whole does not stand there as half a line.
        await this.#file.truncate(this.#length).catch(() => {});
        for (const { reject } of [...batch, ...this.#pending]) reject(broken);
        this.#pending = [];
        break;
      }
      for (const { record, resolve } of batch) {
        this.#replay.add(record);
        resolve();
      }
    }
    this.#writing = undefined;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "its folder is read-only (EACCES)",
  EPERM: "its folder is read-only (EPERM)",
  EROFS: "its folder is read-only (EROFS)",
  EISDIR: "there is a folder of that name (EISDIR)",
  EEXIST: "a file stands where its folder is to be (EEXIST)",
  ENOTDIR: "a file stands where its folder is to be (ENOTDIR)",
};

async function writable<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof BatchError ? error : unwritable(path, error);
  }
}

function unwritable(path: string, error: unknown): BatchError {
  const code = systemCode(error) ?? String(error);
  if (isFull(error))
    return new BatchError(
      "disk_full",
      path,
      `The disk is full (${code}): the journal ${path} could not be written, and nothing more is sent. Make room and run the batch again.`,
      { cause: error },
    );
  const reason = REASONS[code] ?? code;
  return new BatchError("journal_unwritable", path, `The journal ${path} could not be written: ${reason}.`, {
    cause: error,
  });
}

/** So that the new name survives a power cut too. Not every system can do it. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r").catch(() => undefined);
  await folder?.sync().catch(() => {});
  await folder?.close().catch(() => {});
}
