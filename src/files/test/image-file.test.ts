import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { FileError } from "../../errors/file-error.js";
import { pngOf } from "../../test-support/png.js";
import { rejection } from "../../test-support/rejection.js";
import { imageFile } from "../image-file.js";

const CHUNK = 768 * 1024;
const folder = mkdtempSync(join(tmpdir(), "magnific-image-file-"));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

function written(name: string, size: number): { path: string; bytes: Uint8Array } {
  const path = join(folder, name);
  const bytes = pngOf(size).subarray(0, size);
  writeFileSync(path, bytes);
  return { path, bytes };
}

/** How often files are read, for how many bytes, and how many of them are closed again. */
async function watched(): Promise<{ lengths: number[]; closed: () => number; failNext: (error: Error) => void }> {
  const { path } = written("probe", 1);
  const probe = await open(path);
  const prototype = Object.getPrototypeOf(probe) as FileHandle;
  await probe.close();
  const read = vi.spyOn(prototype, "read");
  return {
    get lengths() {
      return read.mock.calls.map((args) => (args as unknown[])[2] as number);
    },
    closed: () => new Set((read.mock.contexts as FileHandle[]).filter(({ fd }) => fd === -1)).size,
    failNext: (error) => void read.mockRejectedValueOnce(error),
  };
}

describe("a file as an image", () => {
  it("is at no URL but file:", async () => {
    const error = await rejection(imageFile(new URL("https://example.com/a.png")), FileError);
    expect(error.message).toBe("https://example.com/a.png could not be opened: it is neither a path nor a file: URL.");
  });

  it("has its size and its name, from a path and from a URL, and can be opened again", async () => {
    const { path, bytes } = written("portrait one.png", 10);
    for (const given of [path, pathToFileURL(path)]) {
      const file = await imageFile(given);
      expect(file).toMatchObject({ size: 10, name: "portrait one.png", replayable: true });
      for (let time = 0; time < 2; time++) {
        const chunks: Uint8Array[] = [];
        for await (const chunk of file.open()) chunks.push(chunk.slice());
        expect(chunks).toEqual([bytes]);
      }
    }
  });

  it("says what is wrong with a path, and why", async () => {
    const missing = join(folder, "missing.png");
    const error = await rejection(imageFile(missing), Error);
    expect(error).toBeInstanceOf(FileError);
    expect(error.message).toBe(`${missing} could not be opened: ENOENT.`);
    expect(error.cause).toMatchObject({ code: "ENOENT", syscall: "stat" });
    const none = await rejection(imageFile(pathToFileURL(folder)), Error);
    expect(none).toBeInstanceOf(FileError);
    expect([none.message, none.cause]).toEqual([`${folder} is not a regular file.`, undefined]);
  });

  it("is read in slices of 768 KiB, from the third on ahead of whoever takes them", async () => {
    const { path, bytes } = written("large.png", 3 * CHUNK + 5);
    const seen = await watched();
    const whole = Buffer.alloc(bytes.byteLength);
    const steps: [taken: number, reads: number][] = [];
    let at = 0;
    for await (const chunk of (await imageFile(path)).open()) {
      whole.set(chunk, at);
      at += chunk.byteLength;
      steps.push([chunk.byteLength, seen.lengths.length]);
    }
    expect(steps).toEqual([
      [CHUNK, 1],
      [CHUNK, 3],
      [CHUNK, 4],
      [5, 4],
    ]);
    expect(seen.lengths).toEqual([CHUNK, CHUNK, CHUNK, CHUNK, CHUNK]);
    expect(whole.equals(bytes)).toBe(true);
    expect(seen.closed()).toBe(1);
  });

  it("that is small takes one byte more than it has, and one that is empty gives nothing", async () => {
    for (const size of [0, 10]) {
      const { path } = written(`of-${size}.png`, size);
      const seen = await watched();
      const sizes: number[] = [];
      for await (const { byteLength } of (await imageFile(path)).open()) sizes.push(byteLength);
      expect([sizes, seen.lengths]).toEqual(size === 0 ? [[], [1]] : [[10], [11, 11]]);
      expect(seen.closed()).toBe(1);
      vi.restoreAllMocks();
    }
  });

  it("is closed when nobody reads on, at any chunk", async () => {
    const { path } = written("left.png", 3 * CHUNK);
    for (const taken of [1, 2, 3]) {
      const seen = await watched();
      let chunks = 0;
      for await (const _ of (await imageFile(path)).open()) if (++chunks === taken) break;
      expect([chunks, seen.closed()]).toEqual([taken, 1]);
      vi.restoreAllMocks();
    }
  });

  it("that cannot be read on fails with the reason, and is closed", async () => {
    const { path } = written("broken.png", 4 * CHUNK);
    for (const good of [0, 2]) {
      const seen = await watched();
      const chunks = (await imageFile(path)).open()[Symbol.asyncIterator]();
      const worn = new Error("EIO: the disk is worn out");
      // Of two chunks the second has the third read ahead: what fails is the fourth.
      for (let n = 0; n < good; n++) await chunks.next();
      seen.failNext(worn);
      if (good > 0) await chunks.next();
      expect(await rejection(chunks.next(), Error)).toBe(worn);
      expect(seen.closed()).toBe(1);
      vi.restoreAllMocks();
    }
  });

  it("that cannot be read ahead is closed without a word when nobody wants the rest", async () => {
    const { path } = written("unwanted.png", 4 * CHUNK);
    const seen = await watched();
    const chunks = (await imageFile(path)).open()[Symbol.asyncIterator]();
    await chunks.next();
    await chunks.next();
    seen.failNext(new Error("EIO"));
    await chunks.next();
    await chunks.return?.();
    expect(seen.closed()).toBe(1);
  });

  it("shows its last bytes, all of them if it has no more, and fewer if it has shrunk", async () => {
    const { path, bytes } = written("tail.png", 10);
    const seen = await watched();
    const file = await imageFile(path);
    expect(await file.tail?.(4)).toEqual(bytes.subarray(6));
    expect(await file.tail?.(10)).toEqual(bytes);
    expect(await file.tail?.(11)).toEqual(bytes);
    expect(seen.lengths).toEqual([4, 10, 10]);
    truncateSync(path, 8);
    expect(await file.tail?.(4)).toEqual(bytes.subarray(6, 8));
    expect(seen.closed()).toBe(4);
    const worn = new Error("EIO");
    seen.failNext(worn);
    expect(await rejection(Promise.resolve(file.tail?.(4)), Error)).toBe(worn);
    expect(seen.closed()).toBe(5);
  });
});
