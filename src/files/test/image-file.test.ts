import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { FileError } from "../../errors/request-errors.js";
import { until } from "../../test-support/loopback.js";
import { pngOf } from "../../test-support/png.js";
import { rejection } from "../../test-support/rejection.js";
import { imageFile } from "../image-file.js";

const folder = mkdtempSync(join(tmpdir(), "magnific-image-file-"));
afterAll(() => rmSync(folder, { recursive: true }));

function written(name: string, size: number): { path: string; bytes: Uint8Array } {
  const path = join(folder, name);
  const bytes = pngOf(size).subarray(0, size);
  writeFileSync(path, bytes);
  return { path, bytes };
}

/** Whether this process has the file open, where the system tells. */
function isOpen(path: string): boolean {
  return readdirSync("/proc/self/fd").some((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === path;
    } catch {
      return false;
    }
  });
}

describe("a file as an image", () => {
  it("has size and name, from a path and from a URL, and can be opened again", async () => {
    for (const [name, size] of [
      ["portrait one.png", 10],
      ["empty", 0],
      ["large.png", 3_000_000],
    ] as const) {
      const { path, bytes } = written(name, size);
      for (const place of [path, pathToFileURL(path)]) {
        const file = await imageFile(place);
        expect(file).toMatchObject({ size, name, replayable: true });
        for (let time = 0; time < 2; time++) {
          const chunks: Uint8Array[] = [];
          for await (const chunk of file.open()) chunks.push(chunk);
          expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
          // In slices: memory does not grow with the file.
          for (const { byteLength } of chunks) expect(byteLength).toBeLessThanOrEqual(768 * 1024);
        }
      }
    }
  });

  it("is refused with the path and the reason", async () => {
    const missing = join(folder, "missing.png");
    const error = await rejection(imageFile(missing), FileError);
    expect(error.message).toBe(`${missing} could not be opened: ENOENT.`);
    expect(error.cause).toMatchObject({ code: "ENOENT", syscall: "stat" });
    expect((await rejection(imageFile(pathToFileURL(folder)), FileError)).message).toBe(
      `${folder} is not a regular file.`,
    );
    expect((await rejection(imageFile(new URL("https://example.com/a.png")), FileError)).message).toBe(
      "https://example.com/a.png could not be opened: it is neither a path nor a file: URL.",
    );
  });

  it("fails with the reason when it is gone by the time it is read", async () => {
    const { path } = written("gone.png", 100);
    const file = await imageFile(path);
    rmSync(path);
    await expect(file.open()[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: "ENOENT" });
  });

  it.skipIf(!existsSync("/proc/self/fd"))(
    "is closed when nobody reads further, at any chunk, and at its end",
    async () => {
      const { path } = written("left.png", 3_000_000);
      for (const taken of [1, 2, 9]) {
        let chunks = 0;
        for await (const _ of (await imageFile(path)).open()) if (++chunks === taken) break;
        await until(
          () => !isOpen(path),
          () => "the file is still open",
        );
      }
    },
  );
});
