import { FileError } from "../errors/request-errors.js";
import { errorCode } from "../files/error-code.js";
import { files } from "../files/file-system.js";
import { type Output, openDraft, openStream, targetOf, whyNotWritable } from "../files/output.js";
import { orAborted, sleep } from "../util/abort-scope.js";
import type { Time } from "../util/time.js";
import { type Download, startedOver } from "./download.js";

/** Milliseconds between two tries to write into a pipe that takes nothing. */
const PIPE_PAUSE = 20;

/** What `save` wrote. */
export interface SavedImage {
  /** Absolute path of the file. */
  readonly path: string;
  /** Its size in bytes. */
  readonly bytes: number;
  /** Its media type, by its first bytes; the file's name is not considered. */
  readonly type: string;
  /** Says so where the ending of the name is not one of this type. */
  readonly note?: string;
}

/** Endings of the formats that have others than their own name. */
const ENDINGS: Readonly<Record<string, readonly string[]>> = {
  jpeg: ["jpg", "jpeg", "jpe", "jfif"],
  tiff: ["tif", "tiff"],
  heic: ["heic", "heif"],
};

/** What is wrong with the ending of a name, where it has one. */
export function noteOf(path: string, type: string): string | undefined {
  const ending = /[^/\\]\.(\w+)$/.exec(path)?.[1]?.toLowerCase();
  const format = type.replace(/^image\//, "");
  const fitting = ENDINGS[format] ?? [format];
  if (ending === undefined || fitting.includes(ending)) return undefined;
  return `${path} holds ${type}, which its ending .${ending} does not say: name it .${fitting[0]}, or convert it.`;
}

/**
 * Writes next to the target and moves the complete, synced file onto it; into a pipe as the bytes come. On any failure
 * the file is as it was. @throws {FileError} when it cannot be written, or exists and `overwrite` is false.
 */
export async function saveParts(
  { parts, scope }: Download,
  target: string | URL,
  overwrite: boolean,
  taskId: string | undefined,
  time: Time,
): Promise<SavedImage> {
  const path = pathOf(target, taskId);
  const refused = (reason: string, cause?: unknown): FileError =>
    new FileError(`${path} could not be written: ${reason}.`, { taskId, cause });
  const taken = (): FileError => refused("it already exists. `overwrite: true` replaces it, another path keeps it");
  const written = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      throw refused(errorCode(error) ?? String(error), error);
    });

  const found = await written(targetOf(path));
  if (!overwrite && found.kind === "file") throw taken();
  const reason = whyNotWritable(found, overwrite || found.kind === "stream");
  if (reason !== undefined) throw refused(reason);
  const pause = (): Promise<void> => sleep(time, PIPE_PAUSE, scope.signal);
  const output: Output = await written(
    found.kind === "stream" ? openStream(found, pause) : openDraft(found.path, overwrite),
  );
  // The reader of a pipe may stop reading.
  const within = <T>(work: Promise<T>): Promise<T> => written(orAborted(scope.signal, work));
  let done = false;
  try {
    let bytes = 0;
    let type = "";
    for await (const part of parts) {
      if (part.fresh && bytes > 0) {
        if (!(await written(output.restart()))) throw startedOver(taskId);
        bytes = 0;
      }
      await within(output.write(part.bytes));
      bytes += part.bytes.byteLength;
      type = part.type;
    }
    done = await written(output.commit());
    if (!done) throw taken();
    const note = found.kind === "stream" ? undefined : noteOf(path, type);
    return { path, bytes, type, ...(note !== undefined && { note }) };
  } finally {
    if (!done) await output.discard();
  }
}

/** A URL of another kind, or not a path at all. */
function pathOf(target: string | URL, taskId: string | undefined): string {
  const { resolve, fileURLToPath } = files();
  try {
    return resolve(typeof target === "string" ? target : fileURLToPath(target));
  } catch (cause) {
    const message = `${String(target)} could not be written: it is neither a path nor a file: URL.`;
    throw new FileError(message, { taskId, cause });
  }
}
