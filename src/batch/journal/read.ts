/** Reads a journal, line by line, in bounded memory. */
import type { FileHandle } from "node:fs/promises";
import { open } from "node:fs/promises";
import { BatchError, systemCode } from "../errors.js";
import { JOURNAL_VERSION, recordOf, versionOf } from "./record.js";
import { type JournalState, Replay } from "./state.js";

export interface Reading {
  readonly replay: Replay;
  /** Bytes of whole lines. What follows is the torn end of a write that did not come to its end. */
  readonly length: number;
  /** Whether there is a header. Where there is none, nothing was ever written as a whole. */
  readonly begun: boolean;
}

const CHUNK = 256 * 1024;

/** @throws {BatchError} `journal_damaged` for a whole line that is no record, `journal_version` for a newer format. */
export async function readFrom(file: FileHandle, path: string): Promise<Reading> {
  const replay = new Replay();
  let begun = false;
  let number = 0;
  const take = (line: string): void => {
    number++;
    if (number === 1) {
      checkVersion(line, path);
      begun = true;
      return;
    }
    const record = recordOf(line);
    if (record === undefined)
      throw new BatchError(
        "journal_damaged",
        path,
        `Line ${number} of ${path} is no record of a journal. Mend or remove that line; without it the batch forgets what it says.`,
      );
    replay.add(record);
  };

  const buffer = Buffer.alloc(CHUNK);
  let rest: Buffer = Buffer.alloc(0);
  let length = 0;
  for (let position = 0; ; ) {
    const { bytesRead } = await file.read(buffer, 0, CHUNK, position);
    if (bytesRead === 0) break;
    position += bytesRead;
    const bytes =
      rest.byteLength === 0 ? buffer.subarray(0, bytesRead) : Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
    let start = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
      take(bytes.toString("utf8", start, end));
      length += end + 1 - start;
      start = end + 1;
    }
    rest = Buffer.from(bytes.subarray(start));
  }
  return { replay, length, begun };
}

/** The state of a journal that is left as it is; an empty one where there is no file. @throws {BatchError} as `readFrom`. */
export async function readJournal(path: string): Promise<JournalState> {
  let file: FileHandle;
  try {
    file = await open(path, "r");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return new Replay();
    throw unreadable(path, error);
  }
  try {
    return (await readFrom(file, path)).replay;
  } catch (error) {
    throw error instanceof BatchError ? error : unreadable(path, error);
  } finally {
    await file.close();
  }
}

function unreadable(path: string, cause: unknown): BatchError {
  return new BatchError("journal_unwritable", path, `The journal ${path} could not be read: ${systemCode(cause)}.`, {
    cause,
  });
}

function checkVersion(line: string, path: string): void {
  const version = versionOf(line);
  if (version === undefined)
    throw new BatchError(
      "journal_damaged",
      path,
      `${path} is no journal of a batch: its first line says something else.`,
    );
  if (version > JOURNAL_VERSION)
    throw new BatchError(
      "journal_version",
      path,
      `${path} was written by a newer version (format ${version}; this one knows ${JOURNAL_VERSION}). Update magnific-client.`,
    );
}
