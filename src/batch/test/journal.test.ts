import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { appendFileSync, existsSync, readFileSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { basename, join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { asNobody, CAN_BE_NOBODY } from "../../test-support/as-nobody.js";
import { Journal } from "../journal/journal.js";
import { acquireLock } from "../journal/lock.js";
import { readJournal } from "../journal/read.js";
import { headerLine, type JournalRecord, recordLine, recordOf } from "../journal/record.js";
import { stateOf } from "../journal/state.js";
import { bench, tally } from "./bench.js";
import { CAN_MOUNT, smallDisk } from "./small-disk.js";

let folder = "";
let path = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "magnific-journal-"));
  path = join(folder, "journal.jsonl");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

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
/** What a state says, without which run it is of. */
const said = ({ sources, digests, results }: ReturnType<typeof stateOf>): unknown =>
  JSON.parse(JSON.stringify([[...sources], [...digests], [...results]]));

describe("the records", () => {
  it("are read as they were written", () => {
    fc.assert(
      fc.property(record, (one) => {
        expect(recordOf(recordLine(one))).toEqual(JSON.parse(JSON.stringify(one)));
      }),
    );
  });

  it("come to the same state through a file, however it is cut, as those that are whole", async () => {
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

  it("of one request tell its state", () => {
    const intent: JournalRecord = { type: "intent", at: 1, source: "s", digest: "d", settings: "x", output: "o" };
    const task: JournalRecord = { type: "task", at: 2, digest: "d", task: "t" };
    const stateAfter = (...list: JournalRecord[]) => stateOf(list).digests.get("d")?.state;
    expect(stateAfter(intent)).toBe("sending");
    expect(stateAfter(intent, task)).toBe("sent");
    expect(stateAfter(intent, { type: "refused", at: 2, digest: "d" })).toBeUndefined();
    expect(stateAfter(intent, task, { type: "failed", at: 3, digest: "d", task: "t" })).toBe("failed");
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
    ["with a record that lacks a part", `${headerLine(0)}{"type":"task","at":1,"digest":"d"}\n`, "journal_damaged"],
  ])("%s is refused and left as it is", async (_name, content, fault) => {
    await writeFile(path, content);
    await expect(Journal.open(path, 0)).rejects.toMatchObject({ code: "batch_failed", fault });
    expect(await readFile(path, "utf8")).toBe(content);
    expect(existsSync(`${path}.lock`)).toBe(false);
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

describe("the lock", () => {
  it("lets one in, and names who that is", async () => {
    const journal = await Journal.open(path, 0);
    await expect(Journal.open(path, 0)).rejects.toMatchObject({
      fault: "journal_locked",
      message: expect.stringContaining(`process ${process.pid}`),
    });
    await journal.close();
    await (await Journal.open(path, 0)).close();
  });

  it("keeps another process out, and is taken over when that was killed", async () => {
    const lock = `${path}.lock`;
    const other = spawn("sleep", ["60"]);
    await once(other, "spawn");
    writeFileSync(lock, JSON.stringify({ pid: other.pid, host: hostname() }));
    await expect(Journal.open(path, 0)).rejects.toMatchObject({ fault: "journal_locked" });
    other.kill("SIGKILL");
    await once(other, "exit");
    await (await Journal.open(path, 0)).close();
    expect(existsSync(lock)).toBe(false);
  });

  it.skipIf(!existsSync("/proc/self/stat"))("is not held by a new process with the old number", async () => {
    writeFileSync(`${path}.lock`, JSON.stringify({ pid: process.pid, host: hostname(), began: "1" }));
    await (await Journal.open(path, 0)).close();
  });

  it("leaves nothing of those that were killed while they tried for it", async () => {
    const gone = 2 ** 22 + 5;
    const drafts = [`${path}.lock.${gone}.${randomUUID()}`, `${path}.lock.takeover.${gone}.${randomUUID()}`];
    const living = `${path}.lock.${process.pid}.${randomUUID()}`;
    const dead = JSON.stringify({ pid: gone, host: hostname() });
    for (const name of [...drafts, living, `${path}.lock`, `${path}.lock.takeover`]) writeFileSync(name, dead);
    await (await Journal.open(path, 0)).close();
    expect((await readdir(folder)).sort()).toEqual([basename(path), basename(living)]);
  });

  it("that was cut off when the machine went down is taken over, unless it may just be being written", async () => {
    const lock = `${path}.lock`;
    writeFileSync(lock, "");
    await expect(Journal.open(path, 0)).rejects.toMatchObject({ fault: "journal_locked" });
    utimesSync(lock, new Date(0), new Date(0));
    await (await Journal.open(path, 0)).close();
  });

  it("of another machine is left alone: nobody can tell from here whether that lives", async () => {
    writeFileSync(`${path}.lock`, JSON.stringify({ pid: 1, host: "elsewhere" }));
    await expect(Journal.open(path, 0)).rejects.toThrow("on elsewhere");
  });

  it("that is stale is taken over by one of many that try at once", async () => {
    for (let round = 0; round < 20; round++) {
      const lock = join(folder, `lock-${round}`);
      writeFileSync(lock, JSON.stringify({ pid: 2 ** 22 + 5, host: hostname() }));
      const tries = await Promise.allSettled(Array.from({ length: 8 }, () => acquireLock(lock)));
      const held = tries.filter((one) => one.status === "fulfilled");
      expect(held).toHaveLength(1);
      for (const one of held) await one.value.release();
    }
    expect(await readdir(folder)).toEqual([]);
  });
});

describe("where nothing can be written", () => {
  it.skipIf(!CAN_BE_NOBODY)("a read-only folder ends the batch before anything is sent", async () => {
    await using place = await bench();
    const [a = ""] = await place.images("a.png");
    await mkdir(place.out);
    await chmod(place.out, 0o555);
    await chmod(place.folder, 0o755);
    await asNobody(() =>
      expect(place.run([a])).rejects.toMatchObject({
        fault: "journal_unwritable",
        message: expect.stringMatching(/read-only/),
      }),
    );
    expect(place.sandbox.counts.requests).toBe(0);
  });

  it.skipIf(!CAN_MOUNT)("a full disk stops the sending, and the batch goes on when there is room", async () => {
    await using place = await bench();
    const paths = await place.images(...Array.from({ length: 12 }, (_, n) => `${n}.png`));
    await using _disk = await smallDisk(place.out);
    const ballast = join(place.out, "ballast");
    writeFileSync(ballast, Buffer.alloc(40 * 1024));
    const first = await collect(place.run.bind(place, paths, { concurrency: 2 }));
    expect(first).toMatchObject({ fault: "disk_full", message: expect.stringContaining("disk is full") });
    const { paid } = place.sandbox.counts;
    expect(paid).toBeLessThan(12);
    await rm(ballast);
    const second = tally(await place.run(paths));
    // Of what was paid only that may be unknown whose task could not be written down.
    expect((second.done ?? 0) + (second.skipped ?? 0) + (second.unknown ?? 0)).toBe(12);
    expect(place.sandbox.counts.paid).toBeLessThanOrEqual(12);
  });

  it.skipIf(!CAN_MOUNT)("a read-only file system is called so, also where the folder is still to be made", async () => {
    await using place = await bench();
    const paths = await place.images("a.png");
    await using _disk = await smallDisk(place.out, "size=64k,ro");
    for (const out of [place.out, join(place.out, "deep", "er")]) {
      const error = await collect(() => place.run(paths, { out }));
      expect(error).toMatchObject({ fault: "journal_unwritable", message: expect.stringContaining("EROFS") });
    }
    expect(place.sandbox.counts.requests).toBe(0);
  });

  it("a file or folder in its place is named", async () => {
    await using place = await bench();
    const paths = await place.images("a.png");
    await mkdir(place.journal, { recursive: true });
    const folder = { fault: "journal_unwritable", message: expect.stringMatching(/EISDIR/) };
    expect(await collect(() => place.run(paths))).toMatchObject(folder);
    await expect(readJournal(place.journal)).rejects.toMatchObject(folder);
    const file = { fault: "journal_unwritable", message: expect.stringMatching(/a file stands where its folder/) };
    for (const out of [paths[0] ?? "", join(paths[0] ?? "", "deep")])
      expect(await collect(() => place.run(paths, { out }))).toMatchObject(file);
    expect(place.sandbox.counts.requests).toBe(0);
  });

  it("half a line is taken back, and the journal stays readable", async () => {
    const journal = await Journal.open(path, 0);
    await journal.append({ type: "run", at: 1, pid: 1 });
    await journal.close();
    appendFileSync(path, '{"type":"run","a');
    const before = readFileSync(path, "utf8").length;
    await (await Journal.open(path, 0)).close();
    expect(readFileSync(path, "utf8").length).toBeLessThan(before);
    truncateSync(path, 20);
    const again = await Journal.open(path, 0);
    expect(again.state.digests.size).toBe(0);
    await again.close();
  });
});

async function collect(run: () => Promise<unknown>): Promise<unknown> {
  try {
    return await run();
  } catch (error) {
    return error;
  }
}
