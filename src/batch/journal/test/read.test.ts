import { existsSync, readdirSync, readlinkSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Journal } from "../journal.js";
import { readJournal } from "../read.js";
import { headerLine } from "../record.js";

let folder = "";
let path = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "magnific-read-"));
  path = join(folder, "j.jsonl");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it("a journal that is not there is empty, and one that cannot be read is not taken for that", async () => {
  expect((await readJournal(path)).digests.size).toBe(0);
  await writeFile(path, headerLine(0));
  const below = join(path, "deep");
  await expect(readJournal(below)).rejects.toMatchObject({
    fault: "journal_unwritable",
    path: below,
    message: `The journal ${below} could not be read: ENOTDIR.`,
    cause: { code: "ENOTDIR" },
  });
});

it.each(["\n", `\n${headerLine(0)}`, `${headerLine(0)}\n`])(
  "an empty line is damage, and cut off by nobody: %j",
  async (text) => {
    await writeFile(path, text);
    await expect(readJournal(path)).rejects.toMatchObject({ fault: "journal_damaged" });
    await expect(Journal.open(path, 0)).rejects.toMatchObject({ fault: "journal_damaged" });
    expect(await readFile(path, "utf8")).toBe(text);
  },
);

it.skipIf(!existsSync("/proc/self/fd"))("a journal is closed when it was read, or could not be", async () => {
  await writeFile(path, headerLine(0));
  await readJournal(path);
  await writeFile(path, "no journal\n");
  await expect(readJournal(path)).rejects.toThrow("is no journal");
  const open = readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      return [];
    }
  });
  expect(open.filter((each) => each.startsWith(folder))).toEqual([]);
});
