/** A file as an image: opened anew for each attempt, read in slices, closed in any case. */
import { open, stat } from "node:fs/promises";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { FileError } from "../errors/request-errors.js";
import type { ImageSource } from "../image/source.js";
import { errorCode } from "./error-code.js";

/** Bytes read at a time: a multiple of what is encoded at a time. */
const CHUNK = 768 * 1024;

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

/** In two pieces of memory, one read while the other is used: a stream would leave garbage of the image's size behind. */
async function* slicesOf(path: string | URL): AsyncGenerator<Uint8Array, void, void> {
  const file = await open(path);
  const read = (slice: Uint8Array): Promise<Uint8Array> => {
    const reading = file.read(slice, 0, CHUNK).then(({ bytesRead }) => slice.subarray(0, bytesRead));
    // Its failure is thrown when it is awaited, which may be much later.
    reading.catch(() => undefined);
    return reading;
  };
  let [free, busy] = [new Uint8Array(CHUNK), new Uint8Array(CHUNK)];
  let next = read(free);
  try {
    for (let slice = await next; slice.byteLength > 0; slice = await next) {
      [free, busy] = [busy, free];
      next = read(free);
      yield slice;
    }
  } finally {
    await next.catch(() => undefined);
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
