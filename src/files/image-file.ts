/** A file as an image: opened anew for each attempt, read in slices, closed on every way out. */
import { open, stat } from "node:fs/promises";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { FileError } from "../errors/file-error.js";
import type { ImageSource } from "../image/source.js";

/** Bytes read at a time: a multiple of what is encoded at a time. */
const CHUNK = 768 * 1024;

/**
 * An image in a file, for `submit` and `upscale`. The file is read while it is sent, in slices, never as a whole.
 *
 * @example
 * await magnific.upscale({ image: await imageFile("portrait.jpg") });
 *
 * @throws {FileError} when there is no such file, or it is not a regular one.
 */
export async function imageFile(path: string | URL): Promise<ImageSource> {
  const name = typeof path === "string" ? path : pathOf(path);
  const facts = await stat(path).catch((error: unknown) => {
    throw new FileError(`${name} could not be opened: ${(error as NodeJS.ErrnoException).code}.`, { cause: error });
  });
  if (!facts.isFile()) throw new FileError(`${name} is not a regular file.`, {});
  return {
    size: facts.size,
    name: basename(name),
    replayable: true,
    open: () => chunks(path, facts.size),
    tail: async (length) => {
      const file = await open(path, "r");
      try {
        const want = Math.min(length, facts.size);
        const { buffer, bytesRead } = await file.read(new Uint8Array(want), 0, want, facts.size - want);
        return buffer.subarray(0, bytesRead);
      } finally {
        await file.close();
      }
    },
  };
}

function pathOf(url: URL): string {
  try {
    return fileURLToPath(url);
  } catch (cause) {
    throw new FileError(`${String(url)} could not be opened: it is neither a path nor a file: URL.`, { cause });
  }
}

async function* chunks(path: string | URL, size: number): AsyncGenerator<Uint8Array, void, void> {
  const file = await open(path, "r");
  // One byte more than a small file has, so that its second read tells the end.
  const length = Math.min(CHUNK, size + 1);
  const read = (buffer: Uint8Array): Promise<Uint8Array> => {
    const reading = file.read(buffer, 0, length, null).then(({ bytesRead }) => buffer.subarray(0, bytesRead));
    // It may fail before anybody waits for it.
    reading.catch(() => {});
    return reading;
  };
  // Two buffers in turn: whoever takes a chunk is done with it before asking for the next, while that one is read.
  let buffer: Uint8Array = new Uint8Array(length);
  let other: Uint8Array | undefined;
  let ahead: Promise<Uint8Array> | undefined;
  try {
    for (let count = 0; ; count++) {
      const chunk = await (ahead ?? read(buffer));
      ahead = undefined;
      if (chunk.byteLength === 0) return;
      // Not yet at the first, which is often all that is wanted; and behind a short one there is hardly more.
      if (count > 0 && chunk.byteLength === length) {
        other ??= new Uint8Array(length);
        [buffer, other] = [other, buffer];
        ahead = read(buffer);
      }
      yield chunk;
    }
  } finally {
    await ahead?.catch(() => {});
    await file.close();
  }
}
