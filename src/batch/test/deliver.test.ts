import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readlinkSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { tempFolder } from "../../test-support/temp-folder.js";
import { deliver } from "../deliver.js";
import { bench } from "./bench.js";

let folder = "";
let work = "";
let target = "";
beforeEach(async () => {
  folder = tempFolder("magnific-deliver-");
  work = join(folder, "work.part");
  target = join(folder, "out", "deep", "a.png");
});
afterEach(async () => {
  expect(openBelow(folder)).toEqual([]);
});

/** Files of a folder that this process has open, where the system tells. */
function openBelow(place: string): string[] {
  if (!existsSync("/proc/self/fd")) return [];
  const targets = readdirSync("/proc/self/fd").map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return "";
    }
  });
  return targets.filter((each) => each.startsWith(place));
}

/** Two files, one of which is delivered under the other's name. */
async function meeting(mine: string | Buffer, theirs: string | Buffer): Promise<void> {
  await mkdir(join(folder, "out", "deep"), { recursive: true });
  await writeFile(work, mine);
  await writeFile(target, theirs);
}

const exists = (): unknown =>
  expect.objectContaining({
    fault: "output_exists",
    path: target,
    summary: `${target} already exists and is not the result of this image. Move it away, choose other names, or allow overwriting.`,
  });

describe.each([true, false])("a finished file, where replacing is %s,", (mayReplace) => {
  it("gets its name, in a folder that is made, and leaves nothing next to it", async () => {
    await writeFile(work, "mine");
    await deliver(work, target, mayReplace);
    expect(await readFile(target, "utf8")).toBe("mine");
    expect((await stat(target)).nlink).toBe(1);
    expect(existsSync(work)).toBe(false);
  });

  it("that is there with the same bytes, from a run that was killed, counts as delivered", async () => {
    await meeting("mine", "mine");
    await deliver(work, target, mayReplace);
    expect(await readFile(target, "utf8")).toBe("mine");
    expect(existsSync(work)).toBe(false);
  });

  it("of which nothing is left is an error", async () => {
    await expect(deliver(work, target, mayReplace)).rejects.toMatchObject({
      code: "file_failed",
      summary: `${target} could not be written: ENOENT.`,
    });
  });

  it("says what stands in its way", async () => {
    await writeFile(join(folder, "out"), "a file where a folder is to be");
    await writeFile(work, "mine");
    await expect(deliver(work, target, mayReplace)).rejects.toMatchObject({
      code: "file_failed",
      summary: expect.stringMatching(/^\/.*a\.png could not be written: E[A-Z]+\.$/),
      cause: { code: expect.stringMatching(/^E/) },
    });
    expect(existsSync(work)).toBe(false);
  });
});

describe("a file of that name", () => {
  it("stays when it is a folder, which nothing replaces", async () => {
    await mkdir(target, { recursive: true });
    await writeFile(work, "mine");
    await expect(deliver(work, target, true)).rejects.toMatchObject({
      summary: `${target} could not be written: it is not a regular file.`,
    });
    expect(existsSync(work)).toBe(false);
  });

  it("stays when it is a link that leads nowhere", async () => {
    await mkdir(join(folder, "out", "deep"), { recursive: true });
    await symlink("nowhere", target);
    await writeFile(work, "mine");
    await expect(deliver(work, target, false)).rejects.toMatchObject({ code: "file_failed" });
    expect(await readlink(target)).toBe("nowhere");
  });

  it("stays when it has the same size and other bytes", async () => {
    await meeting("mine", "mind");
    await expect(deliver(work, target, false)).rejects.toEqual(exists());
    expect(await readFile(target, "utf8")).toBe("mind");
    expect(existsSync(work)).toBe(false);
  });

  it.skipIf(process.platform === "win32")("stays when it is a pipe or a link, whose target is written", async () => {
    await mkdir(join(folder, "out", "deep"), { recursive: true });
    execFileSync("mkfifo", [target]);
    await writeFile(work, "mine");
    await expect(deliver(work, target, true)).rejects.toThrow("it is not a regular file");
    expect((await stat(target)).isFIFO()).toBe(true);
    await rm(target);
    await symlink("../real.png", target);
    await writeFile(work, "mine");
    await deliver(work, target, true);
    expect([await readlink(target), await readFile(target, "utf8")]).toEqual(["../real.png", "mine"]);
  });

  it("gives way where it may be replaced", async () => {
    await meeting("mine", "theirs");
    await deliver(work, target, true);
    expect(await readFile(target, "utf8")).toBe("mine");
  });
});

describe("a finished file on another file system", () => {
  const elsewhere = otherFileSystem();
  let far = "";
  beforeEach(async () => {
    if (elsewhere === undefined) return;
    far = await mkdtemp(join(elsewhere, "magnific-deliver-"));
    work = join(far, "work.part");
  });
  afterEach(() => rm(far, { recursive: true, force: true }));
  const there = it.skipIf(elsewhere === undefined);

  there.each([true, false])("gets its name by way of a copy, where replacing is %s", async (mayReplace) => {
    await writeFile(work, "mine");
    await deliver(work, target, mayReplace);
    expect(await readFile(target, "utf8")).toBe("mine");
    expect(await readdir(join(folder, "out", "deep"))).toEqual(["a.png"]);
    expect(await readdir(far)).toEqual([]);
  });

  there("leaves no copy where that does not get the name", async () => {
    await mkdir(target, { recursive: true });
    await writeFile(work, "mine");
    await expect(deliver(work, target, true)).rejects.toMatchObject({
      summary: `${target} could not be written: it is not a regular file.`,
    });
    expect(await readdir(join(folder, "out", "deep"))).toEqual(["a.png"]);
    expect(await readdir(far)).toEqual([]);
  });

  there("leaves another's file as it is, and no copy next to it", async () => {
    await meeting("mine", "theirs");
    await expect(deliver(work, target, false)).rejects.toEqual(exists());
    expect(await readFile(target, "utf8")).toBe("theirs");
    expect(await readdir(join(folder, "out", "deep"))).toEqual(["a.png"]);
    expect(await readdir(far)).toEqual([]);
  });

  there("is what every result is when the journal is there", async () => {
    await using place = await bench();
    const results = await place.run([place.a], { journal: join(far, "j.jsonl") });
    expect(results).toMatchObject([{ outcome: "done", outputs: [join(place.out, "a.png")] }]);
    expect(await place.outputs()).toEqual([join(place.out, "a.png")]);
    expect(await readdir(far)).toEqual(["j.jsonl"]);
  });
});

/** A folder for temporary files that is not part of the usual one's file system. */
function otherFileSystem(): string | undefined {
  return existsSync("/dev/shm") ? "/dev/shm" : undefined;
}
