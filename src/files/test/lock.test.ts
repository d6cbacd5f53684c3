import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { readdir, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, join } from "node:path";
import { beforeEach, expect, it, onTestFinished } from "vitest";
import { replaced, systemError } from "../../batch/test/replaced.js";
import { until } from "../../test-support/loopback.js";
import { tempFolder } from "../../test-support/temp-folder.js";
import { acquireLock, LockedError } from "../lock.js";

let folder = "";
let path = "";
beforeEach(async () => {
  folder = tempFolder("magnific-lock-");
  path = join(folder, "x.lock");
});

/** No system has numbers of processes this high. */
const NONE = 2 ** 22 + 5;
const PROC = existsSync("/proc/self/stat");

/** What another process would leave. */
async function left(state: "trying" | "held", pid: number | undefined, start = "", host = hostname()): Promise<string> {
  const file = `${path}.${state}.${pid}.${start}.${randomUUID()}.${encodeURIComponent(host)}`;
  await writeFile(file, "");
  return file;
}

const statOf = (pid: number): string[] =>
  readFileSync(`/proc/${pid}/stat`, "latin1")
    .replace(/^.*\) /s, "")
    .split(" ");
/** The field that the system's manual calls starttime, the 22nd; the second is the name, in parentheses. */
const startOf = (pid: number): string => (PROC ? (statOf(pid)[22 - 3] ?? "") : "");

async function started(command: string, args: string[]): Promise<ChildProcess> {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "ignore"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child, "spawn");
  return child;
}

it("a lock keeps others out until it is released, and names its holder and its file", async () => {
  const lock = await acquireLock(path);
  const [file = "", ...more] = await readdir(folder);
  expect(more).toEqual([]);
  if (PROC) expect(file).toContain(`.held.${process.pid}.${startOf(process.pid)}.`);
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
  const other = await started("sleep", ["60"]);
  await left("held", other.pid, startOf(other.pid ?? 0));
  await expect(acquireLock(path)).rejects.toThrow(`in use by process ${other.pid}`);
  other.kill("SIGKILL");
  await once(other, "exit");
  await (await acquireLock(path)).release();
  expect(await readdir(folder)).toEqual([]);
});

it.runIf(PROC)(
  "a process that ended holds no lock, although its parent has not asked for its exit code yet",
  async () => {
    // The outer one becomes a program that never asks what became of the inner one.
    const outer = await started("sh", ["-c", "sh -c 'echo $$' & exec sleep 60"]);
    const [bytes] = (await once(outer.stdout ?? outer, "data")) as [Buffer];
    const pid = Number(bytes.toString().trim());
    await until(
      () => statOf(pid)[0] === "Z",
      () => "the inner process has not ended",
    );
    await left("held", pid);
    await (await acquireLock(path)).release();
  },
);

it.runIf(PROC)("a later process with the same number does not hold the lock", async () => {
  await left("held", process.pid, "1");
  await (await acquireLock(path)).release();
});

it("a process of another user holds its lock, also where the system does not say when it began", async () => {
  const answer = (code?: string) => () => () => {
    if (code === undefined) return true;
    throw systemError(code);
  };
  for (const start of ["", "1"]) {
    const file = await left("held", NONE, start);
    for (const code of ["EPERM", undefined])
      await replaced(process, "kill", answer(code) as never, () =>
        expect(acquireLock(path)).rejects.toThrow(`in use by process ${NONE}`),
      );
    await rm(file);
  }
});

it("what killed processes left is removed, and nothing else", async () => {
  await left("trying", NONE);
  await left("held", NONE);
  const others = [`${path}.held`, join(folder, "other.lock.held.5.1.x.y"), join(folder, "results.png")];
  for (const other of others) await writeFile(other, "");
  await (await acquireLock(path)).release();
  expect((await readdir(folder)).sort()).toEqual(others.map((other) => basename(other)).sort());
});

it("a lock of another machine is left alone: nobody can tell from here whether that process lives", async () => {
  const file = await left("held", NONE, "", "else.where-1");
  await expect(acquireLock(path)).rejects.toThrow(`in use by process ${NONE} on else.where-1.`);
  expect(existsSync(file)).toBe(true);
});

it("one of many that try at once gets the lock", { timeout: 30_000 }, async () => {
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
