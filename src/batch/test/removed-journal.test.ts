/** A journal whose file goes away while a batch runs: what is known comes back, and nothing more is sent. */
import { existsSync, readdirSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { beforeEach, expect, it } from "vitest";
import { CAN_MOUNT, smallDisk } from "../../test-support/small-disk.js";
import { tempFolder } from "../../test-support/temp-folder.js";
import { Journal } from "../journal/journal.js";
import { headerLine, type JournalRecord, recordLine } from "../journal/record.js";

let folder = "";
let path = "";
beforeEach(async () => {
  folder = tempFolder("magnific-journal-");
  path = join(folder, "journal.jsonl");
});

const written = (list: readonly JournalRecord[]): string => headerLine(0) + list.map(recordLine).join("");

it("a journal that is removed is written anew for outcomes, and takes no intent, also not one that already waits", async () => {
  const journal = await Journal.open(path, 0);
  const intent = (digest: string): JournalRecord => {
    return { type: "intent", at: 1, source: digest, digest, settings: "s", output: "o" };
  };
  const task = (digest: string): JournalRecord => ({ type: "task", at: 1, digest, task: "t" });
  await journal.append(intent("a"));
  await rm(path);
  const noticing = journal.append(task("a"));
  const waiting = Promise.resolve().then(() =>
    Promise.allSettled([journal.append(intent("b")), journal.append(task("c"))]),
  );
  await expect(noticing).rejects.toMatchObject({ fault: "journal_unwritable" });
  expect((await waiting).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  await journal.append(task("d"));
  await expect(journal.append(intent("e"))).rejects.toThrow("written anew");
  await journal.close();
  expect(await readFile(path, "utf8")).toBe(written([intent("a"), task("a"), task("c"), task("d")]));
  expect(readdirSync(folder)).toEqual([basename(path)]);
});

it("a journal that is removed once more, or after its last record, is there when it is closed", async () => {
  const journal = await Journal.open(path, 0);
  const run: JournalRecord = { type: "run", at: 1, pid: 1 };
  for (const _ of [1, 2, 3]) {
    await rm(folder, { recursive: true });
    await expect(journal.append(run)).rejects.toMatchObject({ fault: "journal_unwritable" });
  }
  await rm(folder, { recursive: true });
  await journal.close();
  expect(await readFile(path, "utf8")).toBe(written([run, run, run]));
  expect(readdirSync(folder)).toEqual([basename(path)]);
});

it.each(["a lock", "a full disk"])(
  "a journal that cannot be written anew at once because of %s is when it is closed",
  async (cause) => {
    const journal = await Journal.open(path, 0);
    const run: JournalRecord = { type: "run", at: 1, pid: 1, note: "n".repeat(100_000) };
    await journal.append(run);
    await rm(folder, { recursive: true });
    await mkdir(folder);
    const lock = `${path}.lock.held.1.1.0aef35f6-aa54-46e8-9f2f-64cf88067919.elsewhere`;
    if (cause === "a lock") await writeFile(lock, "");
    const disk = cause === "a lock" || !CAN_MOUNT ? undefined : await smallDisk(folder);
    await expect(journal.append(run)).rejects.toMatchObject({ fault: "journal_unwritable" });
    expect(existsSync(path)).toBe(cause !== "a lock" && !CAN_MOUNT);
    await disk?.[Symbol.asyncDispose]();
    await rm(lock, { force: true });
    await journal.close();
    expect((await readFile(path, "utf8")).startsWith(written([run]))).toBe(true);
  },
);
