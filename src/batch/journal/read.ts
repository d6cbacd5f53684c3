/** Reads a journal line by line in bounded memory. */
import type { FileHandle } from "node:fs/promises";
import { open } from "node:fs/promises";
import { errorCode } from "../../files/error-code.js";
import { BatchError } from "../errors.js";
import { JOURNAL_VERSION, parseRecord, versionOf } from "./record.js";
import { type JournalState, Replay } from "./state.js";

const CHUNK = 256 * 1024;

/**
 * @returns The state, and the bytes of complete lines: what follows is the torn end of an interrupted write.
 * @throws {BatchError} `journal_damaged` for a complete line that is not a record, `journal_version` for a newer format.
 */
export async function readFrom(file: FileHandle, path: string): Promise<{ replay: Replay; length: number }> {
  const replay = new Replay();
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
  return { replay, length };
}

/** The state of a journal, which is left as it is; an empty one where there is no file. @throws {BatchError} as `readFrom`. */
export async function readJournal(path: string): Promise<JournalState> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, "r");
    return (await readFrom(file, path)).replay;
  } catch (cause) {
    if (cause instanceof BatchError) throw cause;
    if (file === undefined && errorCode(cause) === "ENOENT") return new Replay();
    const message = `The journal ${path} could not be read: ${errorCode(cause)}.`;
    throw new BatchError("journal_unwritable", path, message, { cause });
  } finally {
    await file?.close();
  }
}

function checkVersion(line: string, path: string): void {
  const version =
    versionOf(line) ?? damaged(path, `${path} is not the journal of a batch: its first line is not a header`);
  if (version > JOURNAL_VERSION)
    throw new BatchError(
      "journal_version",
      path,
      `${path} was written by a newer version (format ${version}; this one reads ${JOURNAL_VERSION}). Update magnific-client.`,
    );
}

function damaged(path: string, what: string): never {
  throw new BatchError(
    "journal_damaged",
    path,
    `${what}. Fix or remove that line; without it, the batch does not know what the line said and may pay for an image again.`,
  );
}
