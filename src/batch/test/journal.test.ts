import { existsSync, readdirSync, readlinkSync, writeFileSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { CAN_MOUNT, smallDisk } from "../../test-support/small-disk.js";
import { tempFolder } from "../../test-support/temp-folder.js";
import { Journal, readJournal } from "../journal/journal.js";
import { headerLine, type JournalRecord, parseRecord, recordLine } from "../journal/record.js";
import { type JournalState, Replay } from "../journal/state.js";

let folder = "";
let path = "";
beforeEach(async () => {
  folder = tempFolder("magnific-journal-");
  path = join(folder, "journal.jsonl");
});

const text = fc.constantFrom("a", "b", "c");
const at = fc.nat();
const record: fc.Arbitrary<JournalRecord> = fc.oneof(
  fc.record({
    type: fc.constant("intent" as const),
    at,
    source: text,
    digest: text,
    settings: text,
    output: fc.string(),
  }),
  fc.record({ type: fc.constant("task" as const), at, digest: text, task: fc.string() }),
  fc.record({ type: fc.constant("refused" as const), at, digest: text }),
  fc.record({ type: fc.constant("failed" as const), at, digest: text, task: fc.string() }),
  fc.record({
    type: fc.constant("done" as const),
    at,
    source: text,
    digest: text,
    settings: text,
    task: fc.string(),
    outputs: fc.array(fc.string(), { minLength: 1, maxLength: 2 }),
    facts: fc.record({
      size: fc.nat(),
      mtimeMs: fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 }),
      ctimeMs: fc.nat(),
    }),
  }),
);
const records = fc.array(record, { maxLength: 12 });
const written = (list: readonly JournalRecord[]): string => headerLine(0) + list.map(recordLine).join("");
const stateOf = (list: readonly JournalRecord[]): JournalState => {
  const replay = new Replay();
  for (const one of list) replay.add(one);
  return replay;
};
/** What a state says, without which run it is of. */
const said = ({ sources, digests, results }: ReturnType<typeof stateOf>): unknown =>
  JSON.parse(JSON.stringify([[...sources], [...digests], [...results]]));

describe("the records", () => {
  it("are read as they were written", () => {
    fc.assert(
      fc.property(record, (one) => {
        expect(parseRecord(recordLine(one))).toEqual(JSON.parse(JSON.stringify(one)));
      }),
    );
  });

  it("come to the same state through a file, however it is truncated, as those that are complete", async () => {
    await fc.assert(
      fc.asyncProperty(records, fc.double({ min: 0, max: 1, noNaN: true }), async (list, share) => {
        const bytes = Buffer.from(written(list));
        const cut = bytes.subarray(0, Math.round(bytes.byteLength * share));
        await writeFile(path, cut);
        const whole = Math.max(0, cut.toString("latin1").split("\n").length - 2);
        const journal = await Journal.open(path, 0);
        expect(said(journal.state)).toEqual(said(stateOf(list.slice(0, whole))));
        // What is appended after a torn line is a line of its own.
        await journal.append({ type: "run", at: 1, pid: 2 });
        await journal.close();
        expect(said(await readJournal(path))).toEqual(said(stateOf(list.slice(0, whole))));
        expect(await readFile(path, "utf8")).toMatch(/\{"type":"run","at":1,"pid":2\}\n$/);
      }),
      { numRuns: 60 },
    );
  });
});

describe("a journal", () => {
  it("makes its folder, and one record a line that people can read", async () => {
    const deep = join(folder, "a", "b", "j.jsonl");
    const journal = await Journal.open(deep, Date.UTC(2026, 0, 2));
    await Promise.all([1, 2, 3].map((pid) => journal.append({ type: "run", at: 0, pid })));
    await journal.close();
    expect((await readFile(deep, "utf8")).split("\n")).toEqual([
      '{"journal":"magnific-client batch","version":1,"created":"2026-01-02T00:00:00.000Z"}',
      '{"type":"run","at":0,"pid":1}',
      '{"type":"run","at":0,"pid":2}',
      '{"type":"run","at":0,"pid":3}',
      "",
    ]);
    expect(await readdir(join(folder, "a", "b"))).toEqual(["j.jsonl"]);
  });

  it.each([
    ["of a newer format", '{"journal":"magnific-client batch","version":2,"created":""}\n', "journal_version"],
    ["that is another file", '{"hello":"world"}\n', "journal_damaged"],
    ["with a damaged line in the middle", `${headerLine(0)}{"type":"task","at":\n${headerLine(0)}`, "journal_damaged"],
    ["with an empty first line", `\n${headerLine(0)}`, "journal_damaged"],
    ["with an empty line", `${headerLine(0)}\n`, "journal_damaged"],
    ["with a time that is not one", `${headerLine(0)}{"type":"refused","at":1e300,"digest":"d"}\n`, "journal_damaged"],
    ["with a record that lacks a part", `${headerLine(0)}{"type":"task","at":1,"digest":"d"}\n`, "journal_damaged"],
  ])("%s is refused and left as it is", async (_name, content, fault) => {
    await writeFile(path, content);
    await expect(Journal.open(path, 0)).rejects.toMatchObject({ code: "batch_failed", fault });
    expect(await readFile(path, "utf8")).toBe(content);
    expect(await readdir(folder)).toEqual([basename(path)]);
  });

  it("names the line that is damaged", async () => {
    await writeFile(path, `${headerLine(0)}{"type":"run","at":1,"pid":1}\nrubbish\n`);
    await expect(Journal.open(path, 0)).rejects.toThrow("Line 3 of");
  });

  it("of 10,000 finished images opens in under a second", async () => {
    const lines = Array.from({ length: 10_000 }, (_, n) => {
      const [digest, source] = [`${n}`.padStart(64, "0"), `../photos/image-${n}.jpg`];
      const facts = { size: 1, mtimeMs: 2, ctimeMs: 3 };
      const [settings, task] = ["0123456789abcdef", "046b6c7f-0b8a-43b9-b35d-6489e6daee91"];
      return written([
        { type: "intent", at: 1, source, digest, settings, output: `image-${n}.{ext}` },
        { type: "task", at: 1, digest, task },
        { type: "done", at: 1, source, digest, settings, task, outputs: [`image-${n}.png`], facts },
      ]).slice(headerLine(0).length);
    });
    writeFileSync(path, headerLine(0) + lines.join(""));
    // The processor's time, which other work on the machine does not lengthen; it is what there is to do.
    const start = process.cpuUsage();
    const journal = await Journal.open(path, 0);
    const { user, system } = process.cpuUsage(start);
    expect(journal.state.sources.size).toBe(10_000);
    await journal.close();
    expect((user + system) / 1000).toBeLessThan(1000);
  });
});

it("a journal in use names the process that uses it, and is free again when it is closed", async () => {
  const journal = await Journal.open(path, 0);
  await expect(Journal.open(path, 0)).rejects.toMatchObject({
    fault: "journal_locked",
    message: expect.stringMatching(`The journal ${path} cannot be used. It is in use by process ${process.pid}. Wait`),
  });
  await journal.close();
  await (await Journal.open(path, 0)).close();
  expect(await readdir(folder)).toEqual([basename(path)]);
});

const task = (digest: string): JournalRecord => ({ type: "task", at: 1, digest, task: `task of ${digest}` });
const opened = async (): Promise<Journal> => Journal.open(path, 0);

describe("a record", () => {
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
});

describe("a journal that cannot be opened", () => {
  it("says why in the system's word, where there is no better one, and leaves nothing", async () => {
    const long = join(folder, "x".repeat(300));
    await expect(Journal.open(long, 0)).rejects.toMatchObject({
      fault: "journal_unwritable",
      path: long,
      summary: `The journal ${long} could not be written: ENAMETOOLONG.`,
      cause: { code: "ENAMETOOLONG" },
    });
    await mkdir(path);
    await expect(opened()).rejects.toMatchObject({
      fault: "journal_unwritable",
      summary: `The journal ${path} could not be written: there is a folder of that name (EISDIR).`,
    });
    expect(await readdir(folder)).toEqual([basename(path)]);
  });

  it.skipIf(!CAN_MOUNT)("for want of space says so, and opens when there is room", async () => {
    path = join(folder, "small", "j.jsonl");
    await using disk = await smallDisk(join(folder, "small"));
    disk.fill();
    await expect(opened()).rejects.toMatchObject({
      fault: "disk_full",
      path,
      summary: `The disk is full (ENOSPC): the journal ${path} could not be written, and nothing more is sent. Make room and run the batch again.`,
      cause: { code: "ENOSPC" },
    });
    expect(await readdir(join(folder, "small"))).toEqual(["ballast", "j.jsonl"]);
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
    const again = await opened();
    await again.append(task("b"));
    await again.close();
    expect(await readFile(path, "utf8")).toBe(whole + recordLine(task("b")));
  },
);

it("a journal that is not there is empty, and one that cannot be read is not mistaken for an empty one", async () => {
  expect((await readJournal(path)).digests.size).toBe(0);
  await writeFile(path, headerLine(0));
  const below = join(path, "deep");
  await expect(readJournal(below)).rejects.toMatchObject({
    fault: "journal_unwritable",
    path: below,
    summary: `The journal ${below} could not be read: ENOTDIR.`,
    cause: { code: "ENOTDIR" },
  });
});

it.skipIf(!existsSync("/proc/self/fd"))("a journal is closed when it was read, or could not be", async () => {
  await writeFile(path, headerLine(0));
  await readJournal(path);
  await writeFile(path, "no journal\n");
  await expect(readJournal(path)).rejects.toThrow("is not the journal of a batch");
  const open = readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      return [];
    }
  });
  expect(open.filter((each) => each.startsWith(folder))).toEqual([]);
});
