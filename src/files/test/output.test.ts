import { execFileSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { isDiskFull } from "../error-code.js";
import { openDraft, targetOf, whyNotWritable, writeFileAtomically } from "../output.js";
import { placeFile } from "../place-file.js";

const ROOT = process.getuid?.() === 0;
const UNIX = process.platform !== "win32";

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "magnific-output-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

/** A file system on which linking fails, as on FAT. */
function withoutLinks(replaced: object = {}): void {
  const builtin = process.getBuiltinModule.bind(process) as (name: string) => object;
  const link = () => Promise.reject(Object.assign(new Error("no links"), { code: "EPERM" }));
  vi.spyOn(process, "getBuiltinModule").mockImplementation(((name: string) =>
    name === "node:fs/promises" ? { ...builtin(name), link, ...replaced } : builtin(name)) as never);
  onTestFinished(() => void vi.restoreAllMocks());
}

for (const links of [true, false])
  describe(`a finished file on a file system ${links ? "with" : "without"} links`, () => {
    it("gets its name from exactly one of many that want it, and replaces nothing", async () => {
      const here = folder();
      if (!links) withoutLinks();
      const drafts = Array.from({ length: 10 }, (_, n) => join(here, `draft-${n}`));
      for (const draft of drafts) writeFileSync(draft, draft);
      const placed = await Promise.all(drafts.map((draft) => placeFile(draft, join(here, "name"), false)));
      expect(placed.filter(Boolean)).toHaveLength(1);
      expect(readFileSync(join(here, "name"), "utf8")).toBe(drafts[placed.indexOf(true)]);
      expect(readdirSync(here)).toHaveLength(10);
    });

    it("replaces another where it may", async () => {
      const here = folder();
      if (!links) withoutLinks();
      writeFileSync(join(here, "name"), "old");
      expect([
        await writeFileAtomically(join(here, "name"), "new", { replace: false }),
        readFileSync(join(here, "name"), "utf8"),
        await writeFileAtomically(join(here, "name"), "new"),
        readFileSync(join(here, "name"), "utf8"),
        readdirSync(here),
      ]).toEqual([false, "old", true, "new", ["name"]]);
    });
  });

it("a name that was claimed is given back when the file cannot be moved to it", async () => {
  const here = folder();
  writeFileSync(join(here, "draft"), "");
  withoutLinks({ rename: () => Promise.reject(Object.assign(new Error("full"), { code: "ENOSPC" })) });
  const error = await placeFile(join(here, "draft"), join(here, "name"), false).catch((thrown: unknown) => thrown);
  expect([isDiskFull(error), isDiskFull(new Error("of", { cause: error })), isDiskFull("ENOSPC")]).toEqual([
    true,
    true,
    false,
  ]);
  expect(readdirSync(here)).toEqual(["draft"]);
});

it("a file has the mode that was asked for, and its draft is gone when writing fails", async () => {
  const here = folder();
  await writeFileAtomically(join(here, "secret"), "", { mode: 0o600 });
  expect(statSync(join(here, "secret")).mode & 0o777).toBe(UNIX ? 0o600 : 0o666);
  mkdirSync(join(here, "folder"));
  await expect(writeFileAtomically(join(here, "folder"), "")).rejects.toThrow("it is a folder");
  await expect(writeFileAtomically(join(here, "missing", "x"), "")).rejects.toMatchObject({ code: "ENOENT" });
  const draft = await openDraft(join(here, "later"), false);
  writeFileSync(join(here, "later"), "other");
  expect(await draft.commit()).toBe(false);
  await draft.discard();
  expect(readdirSync(here)).toEqual(["folder", "later", "secret"]);
});

describe.runIf(UNIX)("a symlink", () => {
  it("stays, and its target is written, also one that does not exist yet and one behind other links", async () => {
    const here = folder();
    mkdirSync(join(here, "far"));
    writeFileSync(join(here, "far", "file"), "old");
    symlinkSync("far/file", join(here, "one"));
    symlinkSync("one", join(here, "two"));
    symlinkSync("far/new", join(here, "dangling"));
    for (const [name, target] of [
      ["one", "file"],
      ["two", "file"],
      ["dangling", "new"],
    ] as const) {
      expect(await writeFileAtomically(join(here, name), name)).toBe(true);
      expect(lstatSync(join(here, name)).isSymbolicLink()).toBe(true);
      expect(readFileSync(join(here, "far", target), "utf8")).toBe(name);
    }
    expect(readdirSync(join(here, "far")).sort()).toEqual(["file", "new"]);
  });

  it("in a circle is refused as the system does it", async () => {
    const here = folder();
    symlinkSync("b", join(here, "a"));
    symlinkSync("a", join(here, "b"));
    await expect(writeFileAtomically(join(here, "a"), "")).rejects.toMatchObject({ code: "ELOOP" });
    expect(readlinkSync(join(here, "a"))).toBe("b");
  });
});

describe.runIf(UNIX)("what is no regular file", () => {
  it("is never replaced by one", async () => {
    const here = folder();
    const fifo = join(here, "fifo");
    execFileSync("mkfifo", [fifo]);
    if (ROOT) execFileSync("mknod", [join(here, "device"), "c", "1", "3"]);
    const device = ROOT ? join(here, "device") : "/dev/null";
    symlinkSync(device, join(here, "link"));
    for (const path of [fifo, device, join(here, "link"), "/dev/stdout"]) {
      const before = lstatSync(path).mode;
      await expect(writeFileAtomically(path, "")).rejects.toThrow(/it is a (?:pipe|device)/);
      expect(lstatSync(path).mode).toBe(before);
    }
    expect(existsSync(join(here, "link"))).toBe(true);
  });

  it("is told apart", async () => {
    const here = folder();
    execFileSync("mkfifo", [join(here, "fifo")]);
    const kinds = { [here]: "folder", "/dev/null": "other", "/dev/stdout": "stream", "/dev/fd/7": "stream" };
    for (const [path, kind] of Object.entries({
      ...kinds,
      [join(here, "fifo")]: "stream",
      [join(here, "x")]: "nothing",
    }))
      expect([path, (await targetOf(path)).kind]).toEqual([path, kind]);
    expect((await targetOf("/dev/fd/7")).fd).toBe(7);
    expect(whyNotWritable({ path: "", kind: "stream" }, false)).toBe("it already exists");
    expect(whyNotWritable({ path: "", kind: "stream" }, true)).toBeUndefined();
  });
});
