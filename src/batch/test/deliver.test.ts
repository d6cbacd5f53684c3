import { existsSync, readdirSync, readlinkSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { asNobody, CAN_BE_NOBODY } from "../../test-support/as-nobody.js";
import { cannotWrite, copyOf, deliver } from "../deliver.js";
import { BatchError } from "../errors.js";
import { bench } from "./bench.js";
import { withoutLinks } from "./replaced.js";

let folder = "";
let work = "";
let target = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "magnific-deliver-"));
  work = join(folder, "work.part");
  target = join(folder, "out", "deep", "a.png");
});
afterEach(async () => {
  expect(openBelow(folder)).toEqual([]);
  await rm(folder, { recursive: true, force: true });
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
    message: `${target} already exists and is not the result of this image. Move it away, choose other names, or allow overwriting.`,
  });

describe.each([true, false])("a finished file, where replacing is %s,", (mayReplace) => {
  it("gets its name, in a folder that is made, and leaves nothing beside it", async () => {
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
      message: `${target} could not be written: ENOENT.`,
    });
  });

  it("says what stands in its way", async () => {
    await writeFile(join(folder, "out"), "a file where a folder is to be");
    await writeFile(work, "mine");
    await expect(deliver(work, target, mayReplace)).rejects.toMatchObject({
      code: "file_failed",
      message: expect.stringMatching(/^\/.*a\.png could not be written: E[A-Z]+\.$/),
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
      message: `${target} could not be written: EISDIR.`,
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

  it("gives way where it may be replaced", async () => {
    await meeting("mine", "theirs");
    await deliver(work, target, true);
    expect(await readFile(target, "utf8")).toBe("mine");
  });

  const long = Buffer.alloc(150_000, 7);
  const other = (at: number): Buffer => {
    const bytes = Buffer.from(long);
    bytes[at] = 8;
    return bytes;
  };
  it.each<[string, string | Buffer, string | Buffer]>([
    ["is longer", "mine", "mine and more"],
    ["is shorter", "mine", "min"],
    ["is empty", "mine", ""],
    ["is not empty", "", "theirs"],
    ["differs in its first byte", long, other(0)],
    ["differs in its last byte", long, other(149_999)],
    ["differs behind the first piece", long, other(65_536)],
    ["differs before the end of the first piece", long, other(65_535)],
  ])("stays when it %s", async (_name, mine, theirs) => {
    await meeting(mine, theirs);
    await expect(deliver(work, target, false)).rejects.toEqual(exists());
    expect((await readFile(target)).equals(Buffer.from(theirs))).toBe(true);
    expect(existsSync(work)).toBe(false);
  });

  it.each([0, 65_536, 150_000])("counts as delivered when all of its %i bytes are the same", async (length) => {
    await meeting(long.subarray(0, length), long.subarray(0, length));
    await deliver(work, target, false);
    expect(existsSync(work)).toBe(false);
  });
});

describe.each(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"])("where a link fails with %s, a finished file", (code) => {
  it("gets its name by a rename", async () => {
    await writeFile(work, "mine");
    await withoutLinks(code, () => deliver(work, target, false));
    expect(await readFile(target, "utf8")).toBe("mine");
    expect(existsSync(work)).toBe(false);
  });

  it("is compared with what is there, which stays", async () => {
    await meeting("mine", "theirs");
    await expect(withoutLinks(code, () => deliver(work, target, false))).rejects.toEqual(exists());
    expect(await readFile(target, "utf8")).toBe("theirs");
    await meeting("mine", "mine");
    await withoutLinks(code, () => deliver(work, target, false));
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
      message: `${target} could not be written: EISDIR.`,
    });
    expect(await readdir(join(folder, "out", "deep"))).toEqual(["a.png"]);
    expect(await readdir(far)).toEqual([]);
  });

  there("leaves another's file as it is, and no copy beside it", async () => {
    await meeting("mine", "theirs");
    await expect(deliver(work, target, false)).rejects.toEqual(exists());
    expect(await readFile(target, "utf8")).toBe("theirs");
    expect(await readdir(join(folder, "out", "deep"))).toEqual(["a.png"]);
    expect(await readdir(far)).toEqual([]);
  });

  there("is what every result is when the journal is there", async () => {
    await using place = await bench();
    const [a = ""] = await place.images("a.png");
    const results = await place.run([a], { journal: join(far, "j.jsonl") });
    expect(results).toMatchObject([{ outcome: "done", outputs: [join(place.out, "a.png")] }]);
    expect(await place.outputs()).toEqual([join(place.out, "a.png")]);
    expect(await readdir(far)).toEqual(["j.jsonl"]);
  });
});

describe("a copy", () => {
  it("has the same bytes under a name of its own", async () => {
    await writeFile(work, "mine");
    const made = [await copyOf(work, folder, target), await copyOf(work, folder, target)];
    expect(new Set(made).size).toBe(2);
    for (const path of made) {
      expect(path).toMatch(/\.part$/);
      expect(await readFile(path, "utf8")).toBe("mine");
    }
    expect(await readFile(work, "utf8")).toBe("mine");
  });

  it("that cannot be made says why and leaves nothing", async () => {
    await expect(copyOf(join(folder, "none"), folder, target)).rejects.toMatchObject({
      code: "file_failed",
      message: `${target} could not be written: ENOENT.`,
    });
    await mkdir(join(folder, "sub"));
    await expect(copyOf(join(folder, "sub"), folder, target)).rejects.toMatchObject({ code: "file_failed" });
    expect(await readdir(folder)).toEqual(["sub"]);
  });
});

describe("what could not be written", () => {
  it("for want of space says so, and that its task is kept", () => {
    const cause = Object.assign(new Error("full"), { code: "ENOSPC" });
    const error = cannotWrite("/out/a.png", cause);
    expect(error).toBeInstanceOf(BatchError);
    expect(error).toMatchObject({
      fault: "disk_full",
      path: "/out/a.png",
      message: "The disk is full (ENOSPC): /out/a.png could not be written. The provider keeps its task.",
      cause,
    });
  });

  it("for another reason names that", () => {
    const cause = new Error("strange");
    expect(cannotWrite("/out/a.png", cause)).toMatchObject({
      code: "file_failed",
      message: "/out/a.png could not be written: Error: strange.",
      cause,
    });
  });

  it.skipIf(!CAN_BE_NOBODY)("because its folder is read-only names that", async () => {
    await meeting("mine", "theirs");
    await rm(target);
    await chmod(folder, 0o777);
    await chmod(join(folder, "out", "deep"), 0o555);
    await asNobody(() =>
      expect(deliver(work, target, true)).rejects.toMatchObject({
        code: "file_failed",
        message: `${target} could not be written: EACCES.`,
      }),
    );
  });
});

/** A folder for temporary files that is no part of the usual one's file system. */
function otherFileSystem(): string | undefined {
  return existsSync("/dev/shm") ? "/dev/shm" : undefined;
}
