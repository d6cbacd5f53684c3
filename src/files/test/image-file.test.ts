import { existsSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, it } from "vitest";
import { FileError, imageFile } from "../../node.js";
import { until } from "../../test-support/loopback.js";
import { pngOf } from "../../test-support/png.js";
import { rejection } from "../../test-support/rejection.js";
import { tempFolder } from "../../test-support/temp-folder.js";

const folder = tempFolder("magnific-image-file-");

function written(name: string, size: number): { path: string; bytes: Uint8Array } {
  const path = join(folder, name);
  const bytes = pngOf(size).subarray(0, size);
  writeFileSync(path, bytes);
  return { path, bytes };
}

/** Whether this process has the file open. */
const isOpen = (path: string): boolean =>
  readdirSync("/proc/self/fd").some((fd) => {
    const link = `/proc/self/fd/${fd}`;
    return existsSync(link) && readlinkSync(link) === path;
  });

it.each([
  ["portrait one.png", 10],
  ["empty", 0],
  ["large.png", 3_000_000],
])("imageFile() reads %s from a path and from a URL, in slices, again and again", async (name, size) => {
  const { path, bytes } = written(name, size);
  for (const place of [path, pathToFileURL(path)]) {
    const file = await imageFile(place);
    expect(file).toMatchObject({ size, name, replayable: true });
    for (let time = 0; time < 2; time++) {
      const chunks: Uint8Array[] = [];
      // The source uses its memory again for the next chunk.
      for await (const chunk of file.open()) chunks.push(chunk.slice());
      expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
      // Memory does not grow with the file.
      for (const { byteLength } of chunks) expect(byteLength).toBeLessThanOrEqual(768 * 1024);
    }
  }
});

it("imageFile() refuses what is not a regular file, with the path and the reason", async () => {
  const missing = join(folder, "missing.png");
  for (const [place, message] of [
    [missing, `${missing} could not be opened: ENOENT.`],
    [pathToFileURL(folder), `${folder} is not a regular file.`],
    [
      new URL("https://example.com/a.png"),
      "https://example.com/a.png could not be opened: it is neither a path nor a file: URL.",
    ],
  ] as const)
    expect((await rejection(imageFile(place), FileError)).summary).toBe(message);
  await expect(imageFile(missing)).rejects.toMatchObject({ cause: { code: "ENOENT", syscall: "stat" } });
});

it("an image file that is gone by the time it is read fails with the reason", async () => {
  const { path } = written("gone.png", 100);
  const file = await imageFile(path);
  rmSync(path);
  await expect(file.open()[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: "ENOENT" });
});

it.runIf(existsSync("/proc/self/fd")).each([1, 2, 9])(
  "an image file is closed when nobody reads beyond chunk %d, or at its end",
  async (taken) => {
    const { path } = written("left.png", 3_000_000);
    let chunks = 0;
    for await (const _ of (await imageFile(path)).open()) if (++chunks === taken) break;
    await until(
      () => !isOpen(path),
      () => "the file is still open",
    );
  },
);
