import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { acquireLock, LockedError } from "../lock.js";
import { beginOf } from "../process.js";

let folder = "";
let path = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "magnific-lock-"));
  path = join(folder, "x.lock");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** No system has numbers of processes this high. */
const NONE = 2 ** 22 + 5;

/** What another process would leave. */
async function left(state: "trying" | "held", pid: number | undefined, began = "", host = hostname()): Promise<string> {
  const file = `${path}.${state}.${pid}.${began}.${randomUUID()}.${encodeURIComponent(host)}`;
  await writeFile(file, "");
  return file;
}

it("a lock keeps others out until it is released, and names its holder and its file", async () => {
  const lock = await acquireLock(path);
  const [file = "", ...more] = await readdir(folder);
  expect(more).toEqual([]);
  const error: unknown = await acquireLock(path).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(LockedError);
  expect(String(error)).toBe(
    `LockedError: It is in use by process ${process.pid}. Wait for it; if that process is surely gone, delete ${join(folder, file)}.`,
  );
  await lock.release();
  expect(await readdir(folder)).toEqual([]);
  await (await acquireLock(path)).release();
});

it("a lock of another process keeps others out until that process ends", async () => {
  const other = spawn("sleep", ["60"]);
  await once(other, "spawn");
  await left("held", other.pid, await beginOf(other.pid ?? 0));
  await expect(acquireLock(path)).rejects.toThrow(`in use by process ${other.pid}`);
  other.kill("SIGKILL");
  await once(other, "exit");
  await (await acquireLock(path)).release();
  expect(await readdir(folder)).toEqual([]);
});

it.skipIf(!existsSync("/proc/self/stat"))("a later process with the same number does not hold the lock", async () => {
  await left("held", process.pid, "1");
  await (await acquireLock(path)).release();
});

it("what killed processes left is removed, and nothing else", async () => {
  await left("trying", NONE);
  await left("held", NONE);
  const others = [`${path}.held`, join(folder, "other.lock.held.5.1.x.y"), join(folder, "results.png")];
  for (const other of others) await writeFile(other, "");
  const lock = await acquireLock(path);
  await lock.release();
  expect((await readdir(folder)).sort()).toEqual(others.map((other) => basename(other)).sort());
});

it("a lock of another machine is left alone: nobody can tell from here whether that process lives", async () => {
  const file = await left("held", NONE, "", "else.where-1");
  await expect(acquireLock(path)).rejects.toThrow(`in use by process ${NONE} on else.where-1.`);
  expect(existsSync(file)).toBe(true);
});

it("one of many that try at once gets the lock, in this process and in others", { timeout: 30_000 }, async () => {
  for (let round = 0; round < 10; round++) {
    const tries = await Promise.allSettled(Array.from({ length: 8 }, () => acquireLock(path)));
    const held = tries.filter((one) => one.status === "fulfilled");
    expect(held).toHaveLength(1);
    for (const one of held) await one.value.release();
    expect(await readdir(folder)).toEqual([]);
  }
});

it("a process that never gets further than trying is not waited for without end", async () => {
  await left("trying", process.ppid);
  await expect(acquireLock(path)).rejects.toThrow("Other processes keep trying to use it. Try again.");
});

it("a folder that is not there is the system's error", async () => {
  await expect(acquireLock(join(folder, "none", "x"))).rejects.toMatchObject({ code: "ENOENT" });
});
