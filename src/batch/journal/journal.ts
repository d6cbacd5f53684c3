/** The journal of a batch: append-only JSON lines, each on the disk before the work goes on. One writer. */
import { constants } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { errorCode, isDiskFull } from "../../files/error-code.js";
import { acquireLock, type Lock, LockedError } from "../../files/lock.js";
import { makeFolder } from "../../files/make-folder.js";
import { syncFolder } from "../../files/place-file.js";
import { BatchError } from "../errors.js";
import { readFrom } from "./read.js";
import { headerLine, type JournalRecord, recordLine } from "./record.js";
import type { JournalState, Replay } from "./state.js";

export class Journal {
  readonly path: string;
  readonly #file: FileHandle;
  readonly #lock: Lock;
  readonly #replay: Replay;
  #length: number;
  /** Records that wait, and the promise of all of them. */
  #queue: JournalRecord[] = [];
  #queued: Promise<void> | undefined;
  #written: Promise<void> = Promise.resolve();
  #broken: BatchError | undefined;

  private constructor(path: string, file: FileHandle, lock: Lock, replay: Replay, length: number) {
    this.path = path;
    this.#file = file;
    this.#lock = lock;
    this.#replay = replay;
    this.#length = length;
  }

  /**
   * Opens a journal, or begins one. A torn last line is cut off: what it was about never took effect.
   *
   * @throws {BatchError} `journal_locked`, `journal_damaged`, `journal_version`, `journal_unwritable` or `disk_full`.
   */
  static async open(path: string, now: number): Promise<Journal> {
    let lock: Lock | undefined;
    let file: FileHandle | undefined;
    try {
      await makeFolder(dirname(path));
      lock = await acquireLock(`${path}.lock`);
      file = await open(path, constants.O_RDWR | constants.O_CREAT, 0o666);
      const { replay, length } = await readFrom(file, path);
      replay.earlier = false;
      await file.truncate(length);
      if (length > 0) return new Journal(path, file, lock, replay, length);
      const { bytesWritten } = await file.write(headerLine(now), 0, "utf8");
      await file.sync();
      await syncFolder(dirname(path));
      return new Journal(path, file, lock, replay, bytesWritten);
    } catch (error) {
      await file?.close();
      await lock?.release();
      throw asBatchError(path, error);
    }
  }

  get state(): JournalState {
    return this.#replay;
  }

  /** Why nothing can be written any more. */
  get broken(): BatchError | undefined {
    return this.#broken;
  }

  /** Resolves when the record is on the disk and counts. Records that wait are written together. */
  append(record: JournalRecord): Promise<void> {
    this.#queue.push(record);
    this.#queued ??= this.#written.then(() => this.#write());
    this.#written = this.#queued.catch(() => {});
    return this.#queued;
  }

  async close(): Promise<void> {
    await this.#written;
    await this.#file.close();
    await this.#lock.release();
  }

  async #write(): Promise<void> {
    const records = this.#queue;
    this.#queue = [];
    this.#queued = undefined;
    if (this.#broken !== undefined) throw this.#broken;
    try {
      const bytes = Buffer.from(records.map(recordLine).join(""));
      for (let done = 0; done < bytes.byteLength; ) {
        const { bytesWritten } = await this.#file.write(bytes, done, bytes.byteLength - done, this.#length + done);
        done += bytesWritten;
      }
      await this.#file.datasync();
      await this.#checkInPlace();
      this.#length += bytes.byteLength;
    } catch (error) {
      this.#broken = asBatchError(this.path, error);
      // So that no half a line stays.
      await this.#file.truncate(this.#length).catch(() => {});
      throw this.#broken;
    }
    for (const record of records) this.#replay.add(record);
  }

  /** The next run opens the journal by its path: what is written to a file that is no longer there would be forgotten. */
  async #checkInPlace(): Promise<void> {
    const [own, named] = await Promise.all([this.#file.stat(), stat(this.path).catch(() => undefined)]);
    if (named?.ino === own.ino && named.dev === own.dev) return;
    throw new BatchError(
      "journal_unwritable",
      this.path,
      `The journal ${this.path} was removed or replaced while the batch ran. Nothing more is sent. Put it back, or look at the list of tasks before you run the batch again.`,
    );
  }
}

const REASONS: readonly (readonly [codes: readonly string[], reason: string])[] = [
  [["EACCES", "EPERM", "EROFS"], "its folder is read-only"],
  [["EISDIR"], "there is a folder of that name"],
  [["EEXIST", "ENOTDIR"], "there is a file where its folder should be"],
];

function asBatchError(path: string, error: unknown): BatchError {
  if (error instanceof BatchError) return error;
  if (error instanceof LockedError)
    return new BatchError("journal_locked", path, `The journal ${path} cannot be used. ${error.message}`, {
      cause: error,
    });
  const code = errorCode(error) ?? String(error);
  if (isDiskFull(error))
    return new BatchError(
      "disk_full",
      path,
      `The disk is full (${code}): the journal ${path} could not be written, and nothing more is sent. Make room and run the batch again.`,
      { cause: error },
    );
  const reason = REASONS.find(([codes]) => codes.includes(code))?.[1];
  const why = reason === undefined ? code : `${reason} (${code})`;
  const message = `The journal ${path} could not be written: ${why}.`;
  return new BatchError("journal_unwritable", path, message, { cause: error });
}
