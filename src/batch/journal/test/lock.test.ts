import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import fs, { chmod, mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { basename, join } from "node:path";
import timers from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { asNobody, CAN_BE_NOBODY } from "../../../test-support/as-nobody.js";
import { BatchError } from "../../errors.js";
import { replaced, systemError, withoutLinks } from "../../test/replaced.js";
import { beginOf } from "../holder.js";
import { acquireLock } from "../lock.js";

/** No system gives numbers so high. */
const NONE = 2 ** 22 + 5;

let folder = "";
let path = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "magnific-lock-"));
  path = join(folder, "j.lock");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const holder = (facts: Record<string, unknown>): string => `${JSON.stringify({ host: hostname(), ...facts })}\n`;
const locked = (message: string) => expect.objectContaining({ fault: "journal_locked", path, message });
const remedy = (): string => `Wait for it, or, if that process is surely gone, delete ${path}.`;
const old = (file: string): void => utimesSync(file, new Date(0), new Date(0));

/** With links, and where the file system knows none. */
describe.each([
  ["with links", undefined],
  ["without links (EPERM)", "EPERM"],
  ["without links (ENOTSUP)", "ENOTSUP"],
  ["without links (EOPNOTSUPP)", "EOPNOTSUPP"],
  ["without links (ENOSYS)", "ENOSYS"],
])("a lock, on a file system %s,", (_name, code) => {
  const there = <T>(run: () => Promise<T>): Promise<T> => (code === undefined ? run() : withoutLinks(code, run));

  it("names its holder, and nothing of it stays", async () => {
    const lock = await there(() => acquireLock(path));
    const text = readFileSync(path, "utf8");
    expect(JSON.parse(text)).toEqual({
      pid: process.pid,
      host: hostname(),
      began: await beginOf(process.pid),
      id: expect.stringMatching(/^[\da-f-]{36}$/),
    });
    expect(text.endsWith("}\n")).toBe(true);
    expect(await readdir(folder)).toEqual([basename(path)]);
    await lock.release();
    expect(await readdir(folder)).toEqual([]);
  });

  it("keeps a second one out until it is let go of", async () => {
    const lock = await there(() => acquireLock(path));
    const text = readFileSync(path, "utf8");
    await expect(there(() => acquireLock(path))).rejects.toEqual(
      locked(`The journal is in use by process ${process.pid}. ${remedy()}`),
    );
    expect(readFileSync(path, "utf8")).toBe(text);
    expect(await readdir(folder)).toEqual([basename(path)]);
    await lock.release();
    await (await there(() => acquireLock(path))).release();
  });

  it.each<[string, string]>([
    ["of a process that is gone", holder({ pid: NONE })],
    ["of a process whose number another has now", holder({ pid: process.pid, began: "1" })],
  ])("is taken over %s, at once", async (_name, text) => {
    writeFileSync(path, text);
    const lock = await there(() => acquireLock(path));
    expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({ pid: process.pid, id: expect.any(String) });
    expect(await readdir(folder)).toEqual([basename(path)]);
    await lock.release();
    expect(await readdir(folder)).toEqual([]);
  });
});

describe("a lock", () => {
  it("that another took over is not let go of by the one that had it", async () => {
    const lock = await acquireLock(path);
    writeFileSync(path, "another's");
    await lock.release();
    expect(readFileSync(path, "utf8")).toBe("another's");
    await rm(path);
    await lock.release();
  });

  it("of a living process is left alone, also where the beginning of that is not told", async () => {
    const text = holder({ pid: process.pid, began: 5 });
    writeFileSync(path, text);
    await expect(acquireLock(path)).rejects.toEqual(
      locked(`The journal is in use by process ${process.pid}. ${remedy()}`),
    );
    expect(readFileSync(path, "utf8")).toBe(text);
  });

  it("of another machine is left alone", async () => {
    writeFileSync(path, holder({ pid: NONE, host: "elsewhere" }));
    await expect(acquireLock(path)).rejects.toEqual(
      locked(`The journal is in use by process ${NONE} on elsewhere. ${remedy()}`),
    );
  });

  it.each([
    "",
    "{",
    "null",
    "5",
    '{"pid":1}',
    '{"host":"x"}',
    `{"pid":"1","host":"${hostname()}"}`,
    '{"pid":1,"host":5}',
  ])("that says %j may just be being written for ten seconds, and is taken over then", async (text) => {
    writeFileSync(path, text);
    const at = (age: number): void => utimesSync(path, new Date(Date.now() - age), new Date(Date.now() - age));
    at(9_000);
    await expect(acquireLock(path)).rejects.toEqual(
      locked(`Another process is just taking the lock ${path}. Try again.`),
    );
    expect(readFileSync(path, "utf8")).toBe(text);
    at(11_000);
    await (await acquireLock(path)).release();
    expect(await readdir(folder)).toEqual([]);
  });

  it("waits while another takes over, and looks again", async () => {
    const guard = await acquireLock(`${path}.takeover`);
    writeFileSync(path, holder({ pid: NONE }));
    let had = false;
    const taking = acquireLock(path).then((lock) => {
      had = true;
      return lock;
    });
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(had).toBe(false);
    await guard.release();
    await (await taking).release();
    expect(await readdir(folder)).toEqual([]);
  });

  it("is given up after a hundred looks while another takes over, and not waited for without an end", async () => {
    const guard = holder({ pid: process.ppid });
    writeFileSync(`${path}.takeover`, guard);
    writeFileSync(path, holder({ pid: NONE }));
    const pauses: unknown[] = [];
    const capture = (): typeof timers.setTimeout => (async (pause: number) => void pauses.push(pause)) as never;
    await replaced(timers, "setTimeout", capture, () =>
      expect(acquireLock(path)).rejects.toEqual(locked(`Other processes keep taking the lock ${path}. Try again.`)),
    );
    expect(pauses).toEqual(Array.from({ length: 100 }, () => 20));
    expect(readFileSync(path, "utf8")).toBe(holder({ pid: NONE }));
    expect(readFileSync(`${path}.takeover`, "utf8")).toBe(guard);
    expect(await readdir(folder)).toHaveLength(2);
  });

  it("that another took over just before is that one's", async () => {
    writeFileSync(path, holder({ pid: NONE }));
    const theirs = holder({ pid: process.ppid });
    const taking = (link: typeof fs.link): typeof fs.link => {
      return (from, to) => {
        if (String(to).endsWith(".takeover")) writeFileSync(path, theirs);
        return link(from, to);
      };
    };
    await replaced(fs, "link", taking, () =>
      expect(acquireLock(path)).rejects.toEqual(
        locked(`The journal is in use by process ${process.ppid}. ${remedy()}`),
      ),
    );
    expect(readFileSync(path, "utf8")).toBe(theirs);
    expect(await readdir(folder)).toEqual([basename(path)]);
  });

  it.each(["", holder({ pid: NONE })])("that goes while it is looked at is there to be had: %j", async (text) => {
    writeFileSync(path, text);
    const going = (read: typeof fs.readFile): typeof fs.readFile =>
      (async (...given: Parameters<typeof read>) => {
        const found = await read(...given);
        if (given[0] === path) await rm(path, { force: true });
        return found;
      }) as never;
    const lock = await replaced(fs, "readFile", going, () => acquireLock(path));
    expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({ pid: process.pid });
    await lock.release();
    // Gone between the try for it and the look at it.
    writeFileSync(path, text);
    const gone = (link: typeof fs.link): typeof fs.link => {
      return async (from, to) => {
        if (to === path) rmSync(path, { force: true });
        await link(from, to);
      };
    };
    await (await replaced(fs, "link", gone, () => acquireLock(path))).release();
    expect(await readdir(folder)).toEqual([]);
  });

  it("whose guard or own file the system refuses is the system's error", async () => {
    const refusing = (open: typeof fs.open): typeof fs.open => {
      return (file, flags, ...more) =>
        file === path && flags === "wx" ? Promise.reject(systemError("EIO")) : open(file, flags, ...more);
    };
    await withoutLinks("EPERM", () =>
      replaced(fs, "open", refusing, () => expect(acquireLock(path)).rejects.toThrow("EIO")),
    );
    expect(await readdir(folder)).toEqual([]);
    writeFileSync(path, holder({ pid: NONE }));
    await mkdir(`${path}.takeover`);
    await expect(acquireLock(path)).rejects.toThrow("EISDIR");
    expect(readFileSync(path, "utf8")).toBe(holder({ pid: NONE }));
  });

  it("that is a folder, or has none, is the system's error, and nothing of the attempt stays", async () => {
    await mkdir(path);
    await expect(acquireLock(path)).rejects.toThrow("EISDIR");
    expect(await readdir(folder)).toEqual([basename(path)]);
    await expect(acquireLock(join(folder, "none", "j.lock"))).rejects.toThrow("ENOENT");
  });

  it("is not had where a link fails for another reason", async () => {
    await expect(withoutLinks("EIO", () => acquireLock(path))).rejects.toThrow("EIO");
    expect(await readdir(folder)).toEqual([]);
  });

  it.skipIf(!CAN_BE_NOBODY)("that may not be read is the system's error", async () => {
    writeFileSync(path, holder({ pid: NONE }), { mode: 0o600 });
    await chmod(folder, 0o777);
    await asNobody(() => expect(acquireLock(path)).rejects.toThrow("EACCES"));
  });
});

describe("what processes left that were killed while they tried for a lock", () => {
  it("stays where the folder cannot be listed, and the lock is had all the same", async () => {
    const left = `${path}.${NONE}.${randomUUID()}`;
    writeFileSync(left, "");
    const refusing = (): typeof fs.readdir => (() => Promise.reject(systemError("EACCES"))) as never;
    await (await replaced(fs, "readdir", refusing, () => acquireLock(path))).release();
    expect(existsSync(left)).toBe(true);
  });

  it("goes when the lock is had, and nothing else does", async () => {
    const gone = [`${path}.${NONE}.${randomUUID()}`, `${path}.takeover.${NONE}.${randomUUID()}`];
    const kept = [
      `${path}.${process.pid}.${randomUUID()}`,
      `${path}.${NONE}`,
      `${path}.${NONE}.${randomUUID()}.png`,
      `${path}.x${randomUUID()}`,
      `${path}${NONE}.${randomUUID()}`,
      join(folder, `other.lock.${NONE}.${randomUUID()}`),
      join(folder, "other.takeover"),
    ];
    for (const name of [...gone, ...kept]) writeFileSync(name, "");
    await (await acquireLock(path)).release();
    expect((await readdir(folder)).sort()).toEqual(kept.map((name) => basename(name)).sort());
  });

  it("may be a guard: that of a dead one goes, that of a living one stays", async () => {
    const guard = `${path}.takeover`;
    writeFileSync(guard, holder({ pid: NONE }));
    await (await acquireLock(path)).release();
    expect(existsSync(guard)).toBe(false);
    writeFileSync(guard, holder({ pid: process.pid }));
    await (await acquireLock(path)).release();
    expect(await readFile(guard, "utf8")).toBe(holder({ pid: process.pid }));
    // One that cannot be read at all is in nobody's way either, as long as the lock is free.
    await rm(guard);
    await mkdir(guard);
    await (await acquireLock(path)).release();
    expect(existsSync(guard)).toBe(true);
  });

  it("is cut off, where the machine went down, and no reason to wait", async () => {
    writeFileSync(`${path}.takeover`, "");
    old(`${path}.takeover`);
    writeFileSync(path, holder({ pid: NONE }));
    const lock = await acquireLock(path);
    await lock.release();
    expect(await readdir(folder)).toEqual([]);
  });
});

it("an error of the lock names the lock", async () => {
  writeFileSync(path, holder({ pid: process.pid }));
  await expect(acquireLock(path)).rejects.toBeInstanceOf(BatchError);
});
