import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CAN_MOUNT, smallDisk } from "../../test/small-disk.js";
import { Journal, syncFolder } from "../journal.js";
import { headerLine, type JournalRecord, recordLine } from "../record.js";

let folder = "";
let path = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "magnific-journal-"));
  path = join(folder, "j.jsonl");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const task = (digest: string): JournalRecord => ({ type: "task", at: 1, digest, task: `task of ${digest}` });
const opened = async (): Promise<Journal> => Journal.open(path, 0);

describe("a record", () => {
  it("counts from the moment on that it is on the disk", async () => {
    const journal = await opened();
    const appended = journal.append(task("a"));
    expect(journal.state.digests.has("a")).toBe(false);
    await appended;
    expect(journal.state.digests.get("a")).toEqual({ state: "sent", task: "task of a", at: 1, earlier: false });
    expect(await readFile(path, "utf8")).toBe(headerLine(0) + recordLine(task("a")));
    await journal.close();
  });

  it("follows the one before, whoever asked for it meanwhile, and in the order of asking", async () => {
    const journal = await opened();
    expect(journal.path).toBe(path);
    const names = Array.from({ length: 40 }, (_, n) => `${n}ä`);
    for (const round of [names.slice(0, 20), names.slice(20)]) {
      const first = journal.append(task(round[0] ?? ""));
      await Promise.resolve();
      await Promise.all([first, ...round.slice(1).map((name) => journal.append(task(name)))]);
    }
    await journal.close();
    expect(await readFile(path, "utf8")).toBe(headerLine(0) + names.map((name) => recordLine(task(name))).join(""));
  });

  it("that was asked for is written before the journal is closed", async () => {
    const journal = await opened();
    const appended = [journal.append(task("a")), journal.append(task("b"))];
    await journal.close();
    await Promise.all(appended);
    expect(await readFile(path, "utf8")).toBe(headerLine(0) + recordLine(task("a")) + recordLine(task("b")));
    expect(existsSync(`${path}.lock`)).toBe(false);
  });

  it("of an earlier run is told from one of this run", async () => {
    const first = await opened();
    await first.append(task("a"));
    await first.close();
    const second = await opened();
    await second.append(task("b"));
    expect(second.state.digests.get("a")).toMatchObject({ earlier: true });
    expect(second.state.digests.get("b")).toMatchObject({ earlier: false });
    await second.close();
  });

  it("that is torn is cut off, and the next one stands in its place", async () => {
    await writeFile(path, `${headerLine(7)}${recordLine(task("a"))}{"type":"task","at":1,"digest":"torn and long`);
    const journal = await opened();
    expect(await readFile(path, "utf8")).toBe(headerLine(7) + recordLine(task("a")));
    await journal.append(task("b"));
    await journal.close();
    expect(await readFile(path, "utf8")).toBe(headerLine(7) + recordLine(task("a")) + recordLine(task("b")));
  });
});

describe("a journal that cannot be opened", () => {
  it("says why in the system's word, where there is no better one, and leaves nothing", async () => {
    const long = join(folder, "x".repeat(300));
    await expect(Journal.open(long, 0)).rejects.toMatchObject({
      fault: "journal_unwritable",
      path: long,
      message: `The journal ${long} could not be written: ENAMETOOLONG.`,
      cause: { code: "ENAMETOOLONG" },
    });
    await mkdir(path);
    await expect(opened()).rejects.toMatchObject({
      fault: "journal_unwritable",
      message: `The journal ${path} could not be written: there is a folder of that name (EISDIR).`,
    });
    expect(await readdir(folder)).toEqual(["j.jsonl"]);
  });

  it.skipIf(!CAN_MOUNT)("for want of space says so, and opens when there is room", async () => {
    path = join(folder, "small", "j.jsonl");
    await using disk = await smallDisk(join(folder, "small"));
    disk.fill();
    await expect(opened()).rejects.toMatchObject({
      fault: "disk_full",
      path,
      message: `The disk is full (ENOSPC): the journal ${path} could not be written, and nothing more is sent. Make room and run the batch again.`,
      cause: { code: "ENOSPC" },
    });
    expect(await readdir(join(folder, "small"))).toEqual(["ballast"]);
    disk.clear();
    const journal = await opened();
    await journal.append(task("a"));
    await journal.close();
  });
});

it.skipIf(!CAN_MOUNT)(
  "a journal on a full disk takes back what is half written, and refuses all that follows",
  async () => {
    path = join(folder, "small", "j.jsonl");
    await using disk = await smallDisk(join(folder, "small"));
    const journal = await opened();
    await journal.append(task("a"));
    expect(journal.broken).toBeUndefined();
    const whole = await readFile(path, "utf8");
    disk.fill();
    const large = task("x".repeat(8192));
    const tried = await Promise.allSettled([large, task("b"), task("c")].map((record) => journal.append(record)));
    const { broken } = journal;
    expect(broken).toMatchObject({ fault: "disk_full", path });
    expect(tried).toEqual([1, 2, 3].map(() => ({ status: "rejected", reason: broken })));
    disk.clear();
    await expect(journal.append(task("d"))).rejects.toBe(broken);
    expect([...journal.state.digests.keys()]).toEqual(["a"]);
    expect(await readFile(path, "utf8")).toBe(whole);
    await journal.close();
    expect(existsSync(`${path}.lock`)).toBe(false);
    const again = await opened();
    await again.append(task("b"));
    await again.close();
    expect(await readFile(path, "utf8")).toBe(whole + recordLine(task("b")));
  },
);

it("the folder of a new name is written to the disk where that can be done, and nothing is said where not", async () => {
  for (const place of [folder, join(folder, "none"), path]) await expect(syncFolder(place)).resolves.toBeUndefined();
});
