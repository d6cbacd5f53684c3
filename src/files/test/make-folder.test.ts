import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, expect, it } from "vitest";
import { tempFolder } from "../../test-support/temp-folder.js";
import { makeFolder } from "../make-folder.js";

let folder: string;
beforeEach(async () => {
  folder = tempFolder("make-folder-");
});

const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;

it("makes what is missing, with the mode asked for, and leaves what is there as it is", async () => {
  const before = await modeOf(folder);
  await makeFolder(join(folder, "a/b/c"), 0o700);
  for (const path of ["a", "a/b", "a/b/c"]) expect(await modeOf(join(folder, path))).toBe(0o700);
  await makeFolder(join(folder, "a"), 0o755);
  expect([await modeOf(join(folder, "a")), await modeOf(folder)]).toEqual([0o700, before]);
});

it("makes a folder once where many want it at once", async () => {
  const path = join(folder, "a/b/c");
  await Promise.all(Array.from({ length: 20 }, () => makeFolder(path)));
  expect((await stat(path)).isDirectory()).toBe(true);
});

it("fails where a file is in the way, itself or above", async () => {
  await writeFile(join(folder, "file"), "");
  await expect(makeFolder(join(folder, "file"))).rejects.toMatchObject({ code: "EEXIST" });
  await expect(makeFolder(join(folder, "file/below"))).rejects.toMatchObject({ code: "ENOTDIR" });
});

it.runIf(process.platform === "linux")("fails at once where no folder can be made", async () => {
  await expect(makeFolder("/proc/nothing/below/it")).rejects.toMatchObject({ code: "ENOENT" });
});
