/** A file as an image: opened anew for each attempt, read in slices, closed in any case. */
import { open, stat } from "node:fs/promises";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { FileError } from "../errors/request-errors.js";
import type { ImageSource } from "../image/source.js";
import { errorCode } from "./error-code.js";

/** Bytes read at a time: as many as are encoded at a time. */
const CHUNK = 384 * 1024;

/**
 * An image in a file, for `submit` and `upscale`. The file is read in slices while it is sent, never as a whole.
 *
 * @example
 * await magnific.upscale({ image: await imageFile("portrait.jpg") });
 *
 * @throws {FileError} when there is no such file, or it is not a regular one.
 */
export async function imageFile(path: string | URL): Promise<ImageSource> {
  const name = typeof path === "string" ? path : pathOf(path);
  const found = await stat(path).catch((error: unknown) => {
    throw new FileError(`${name} could not be opened: ${errorCode(error) ?? String(error)}.`, { cause: error });
  });
  if (!found.isFile()) throw new FileError(`${name} is not a regular file.`, {});
  return {
    size: found.size,
    name: basename(name),
    replayable: true,
    open: () => slicesOf(path),
  };
}

/** In one piece of memory: a stream would leave a garbage of the image's size behind. */
async function* slicesOf(path: string | URL): AsyncGenerator<Uint8Array, void, void> {
  const file = await open(path);
  try {
    const slice = new Uint8Array(CHUNK);
    for (;;) {
      const { bytesRead } = await file.read(slice, 0, CHUNK);
      if (bytesRead === 0) return;
      yield slice.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

function pathOf(url: URL): string {
  try {
    return fileURLToPath(url);
  } catch (cause) {
    throw new FileError(`${String(url)} could not be opened: it is neither a path nor a file: URL.`, { cause });
  }
}
