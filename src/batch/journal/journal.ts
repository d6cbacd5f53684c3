/** The journal of a batch: append-only JSON lines, each on the disk before the work continues. One writer. */
import { constants } from "node:fs";
import { type FileHandle, open, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { errorCode, isDiskFull } from "../../files/error-code.js";
import { acquireLock, type Lock, LockedError } from "../../files/lock.js";
import { makeFolder } from "../../files/make-folder.js";
import { syncFolder } from "../../files/place-file.js";
import { BatchError, type BatchFault } from "../errors.js";
import { headerLine, JOURNAL_VERSION, type JournalRecord, parseRecord, recordLine, versionOf } from "./record.js";
import { type JournalState, Replay } from "./state.js";

export class Journal {
  readonly path: string;
  readonly state: Replay = new Replay();
  /** Why nothing can be written any more. */
  broken: BatchError | undefined;
  #lock: Lock | undefined;
  #file!: FileHandle;
  #length = 0;
  /** Whether it was removed and written anew: sends that have begun are still recorded, and none begins. */
  #anew = false;
  /** Records that wait, and the promise of all of them. */
  #queue: JournalRecord[] = [];
  #queued: Promise<void> | undefined;
  #written: Promise<void> = Promise.resolve();

  private constructor(path: string) {
    this.path = path;
  }

  /**
   * Opens a journal, or begins one. A torn last line is cut off: what it was about never took effect.
   * @throws {BatchError} `journal_locked`, `journal_damaged`, `journal_version`, `journal_unwritable` or `disk_full`.
   */
  static async open(path: string, now: number): Promise<Journal> {
    const journal = new Journal(path);
    try {
      await journal.#open(now);
      return journal;
    } catch (error) {
      await journal.close();
      throw asBatchError(path, error);
    }
  }

  async #open(now: number): Promise<void> {
    const { path, state } = this;
    await makeFolder(dirname(path));
    this.#lock = await acquireLock(`${path}.lock`);
    this.#file = await open(path, constants.O_RDWR | constants.O_CREAT, 0o666);
    this.#length = await readInto(state, this.#file, path);
    state.earlier = false;
    await this.#file.truncate(this.#length);
    if (this.#length > 0) return;
    this.#length = (await this.#file.write(headerLine(now), 0, "utf8")).bytesWritten;
    await this.#file.sync();
    await syncFolder(dirname(path));
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
    // Removed after its last record, or while it was written anew.
    await this.#file?.stat().then(
      ({ nlink }) => nlink === 0 && this.#writeAnew(),
      () => {},
    );
    await this.#file?.close();
    await this.#lock?.release();
  }

  async #write(): Promise<void> {
    const records = this.#queue;
    this.#queue = [];
    this.#queued = undefined;
    if (this.broken !== undefined && !this.#anew) throw this.broken;
    const outcomes = records.filter(({ type }) => type !== "intent");
    try {
      await this.#put(this.#anew ? outcomes : records);
    } catch (error) {
      this.broken = asBatchError(this.path, error);
      // So that no half a line stays.
      await this.#file.truncate(this.#length).catch(() => {});
      if (await this.#writeAnew()) {
        const message = `The journal ${this.path} was removed while the batch ran. It was written anew, and nothing more is sent. Run the batch again to resume it.`;
        this.broken = new BatchError("journal_unwritable", this.path, message);
        await this.#put(outcomes).catch(() => {});
      }
      throw this.broken;
    }
    if (this.#anew && outcomes.length < records.length) throw this.broken;
  }

  async #put(records: readonly JournalRecord[]): Promise<void> {
    const bytes = Buffer.from(records.map(recordLine).join(""));
    await writeAll(this.#file, bytes, this.#length);
    await this.#file.datasync();
    await this.#checkInPlace();
    this.#length += bytes.byteLength;
    for (const record of records) this.state.add(record);
  }

  /** Where it was removed, the next run would know of nothing that was paid for. @returns Whether it is there again. */
  async #writeAnew(): Promise<boolean> {
    try {
      if ((await this.#file.stat()).nlink > 0) return false;
      const bytes = Buffer.alloc(this.#length);
      for (let done = 0; done < bytes.byteLength; ) {
        const { bytesRead } = await this.#file.read(bytes, done, bytes.byteLength - done, done);
        if (bytesRead === 0) return false;
        done += bytesRead;
      }
      await makeFolder(dirname(this.path));
      // Its file may be gone too, and another process may have begun meanwhile.
      await this.#lock?.release();
      this.#lock = await acquireLock(`${this.path}.lock`);
      const file = await open(this.path, "wx+");
      try {
        await writeAll(file, bytes, 0);
        await file.sync();
      } catch (error) {
        // A part of it would tell the next run of a part of what was paid.
        await file.close();
        await rm(this.path, { force: true });
        throw error;
      }
      await this.#file.close();
      this.#file = file;
      await syncFolder(dirname(this.path));
      this.#anew = true;
      return true;
    } catch {
      // The error says that the journal is gone.
      return false;
    }
  }

  /** The next run opens the journal by its path: what is written to a file that is no longer there would be forgotten. */
  async #checkInPlace(): Promise<void> {
    const [own, named] = await Promise.all([this.#file.stat(), stat(this.path).catch(() => undefined)]);
    if (named?.ino === own.ino && named.dev === own.dev) return;
    const message = `The journal ${this.path} was removed or replaced while the batch ran. Nothing more is sent. Put it back, or look at the list of tasks before you run the batch again.`;
    throw new BatchError("journal_unwritable", this.path, message);
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.byteLength; )
    done += (await file.write(bytes, done, bytes.byteLength - done, at + done)).bytesWritten;
}

const CHUNK = 256 * 1024;

/**
 * Adds each line to the state, in bounded memory, and returns the bytes of complete lines: what follows is the torn end of an
 * interrupted write.
 * @throws {BatchError} `journal_damaged` for a complete line that is not a record, `journal_version` for a newer format.
 */
async function readInto(replay: Replay, file: FileHandle, path: string): Promise<number> {
  let [count, length] = [0, 0];
  let rest: Uint8Array = Buffer.alloc(0);
  for await (const chunk of file.createReadStream({ start: 0, autoClose: false, highWaterMark: CHUNK })) {
    const bytes = Buffer.concat([rest, chunk]);
    const end = bytes.lastIndexOf(10) + 1;
    for (const line of bytes.toString("utf8", 0, end).split("\n").slice(0, -1)) {
      if (++count === 1) checkVersion(line, path);
      else replay.add(parseRecord(line) ?? damaged(path, `Line ${count} of ${path} is not a valid record`));
    }
    length += end;
    rest = bytes.subarray(end);
  }
  return length;
}

/** The state of a journal, which is left as it is; an empty one where there is no file. @throws {BatchError} as `Journal.open`. */
export async function readJournal(path: string): Promise<JournalState> {
  const replay = new Replay();
  let file: FileHandle | undefined;
  try {
    file = await open(path, "r");
    await readInto(replay, file, path);
    return replay;
  } catch (cause) {
    if (cause instanceof BatchError) throw cause;
    if (file === undefined && errorCode(cause) === "ENOENT") return replay;
    const message = `The journal ${path} could not be read: ${errorCode(cause)}.`;
    throw new BatchError("journal_unwritable", path, message, { cause });
  } finally {
    await file?.close();
  }
}

function checkVersion(line: string, path: string): void {
  const version =
    versionOf(line) ?? damaged(path, `${path} is not the journal of a batch: its first line is not a header`);
  const message = `${path} was written by a newer version (format ${version}; this one reads ${JOURNAL_VERSION}). Update magnific-client.`;
  if (version > JOURNAL_VERSION) throw new BatchError("journal_version", path, message);
}

function damaged(path: string, what: string): never {
  const message = `${what}. Fix or remove that line; without it, the batch does not know what the line said and may pay for an image again.`;
  throw new BatchError("journal_damaged", path, message);
}

const REASONS: readonly (readonly [codes: readonly string[], reason: string])[] = [
  [["EACCES", "EPERM", "EROFS"], "its folder is read-only"],
  [["EISDIR"], "there is a folder of that name"],
  [["EEXIST", "ENOTDIR"], "there is a file where its folder should be"],
];

function asBatchError(path: string, cause: unknown): BatchError {
  if (cause instanceof BatchError) return cause;
  const because = (fault: BatchFault, message: string): BatchError => new BatchError(fault, path, message, { cause });
  if (cause instanceof LockedError)
    return because("journal_locked", `The journal ${path} cannot be used. ${cause.message}`);
  const code = errorCode(cause) ?? String(cause);
  const full = `The disk is full (${code}): the journal ${path} could not be written, and nothing more is sent. Make room and run the batch again.`;
  if (isDiskFull(cause)) return because("disk_full", full);
  const reason = REASONS.find(([codes]) => codes.includes(code))?.[1];
  const why = reason === undefined ? code : `${reason} (${code})`;
  return because("journal_unwritable", `The journal ${path} could not be written: ${why}.`);
}
