import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ManualTime, type Sandbox, startSandbox, type Upscaler } from "../index.js";
import { dataOf, finished, look, submit, TINY, talk, until } from "./talk.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sandbox-test-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const start = (more: Parameters<typeof startSandbox>[0] = {}): Promise<Sandbox> =>
  startSandbox({ folder, upscaler: "echo", lifeCycle: "completed", ...more });

// @tests sandbox/SandboxOptions.folder
it("keeps key, secrets, tasks and results over a restart", async () => {
  const before = await start();
  const done = await finished(before);
  const { task_id: open } = dataOf(await submit(before));
  await look(before, open);
  const { key, webhookSecret, url } = before;
  await before.close();

  await using after = await start({ port: Number(new URL(url).port) });
  expect([after.key, after.webhookSecret]).toEqual([key, webhookSecret]);
  expect(after.tasks().map((task) => [task.id, task.status])).toEqual([
    [open, "IN_PROGRESS"],
    [done.task_id, "COMPLETED"],
  ]);
  expect(await look(after, done.task_id)).toEqual(done);
  const response = await fetch(done.generated[0] ?? "", { headers: { range: "bytes=1-" } });
  const bytes = Buffer.from(await response.arrayBuffer());
  expect(bytes.equals(Buffer.from(TINY, "base64").subarray(1))).toBe(true);
  let status = "";
  while (status !== "COMPLETED") status = (await look(after, open)).status;
});

it("names its new origin where the port has changed", async () => {
  const before = await start();
  const done = await finished(before);
  await before.close();
  await using after = await start();
  const url = (await look(after, done.task_id)).generated[0] ?? "";
  expect(new URL(url).origin).toBe(after.url);
  expect((await fetch(url)).status).toBe(200);
});

it("takes up the work and the time that were left", async () => {
  const never: Upscaler = () => new Promise(() => {});
  const lifeCycle = [{ status: "CREATED", ms: 1000 }, "COMPLETED"];
  const time = new ManualTime();
  const abandoned = await start({ upscaler: never, lifeCycle, time });
  const { task_id: id } = dataOf(await submit(abandoned));
  // As after a crash: nobody closed it, so its lock is still there and names a process that is gone.
  await writeFile(join(folder, "lock"), '{"pid":999999999}');

  time.advance(600);
  await using after = await start({ lifeCycle, time });
  time.advance(399);
  expect((await look(after, id)).status).toBe("CREATED");
  time.advance(1);
  await until(() => after.tasks()[0]?.status === "COMPLETED");
  await abandoned.close();
});

it("leaves work in hand to the next start when it is closed", async () => {
  const never: Upscaler = () => new Promise(() => {});
  const before = await start({ upscaler: never });
  const { task_id: id } = dataOf(await submit(before));
  await before.close();
  await using after = await start();
  let status = "";
  while (status !== "COMPLETED") status = (await look(after, id)).status;
});

it("lets no second sandbox in", async () => {
  await using first = await start();
  await expect(start()).rejects.toMatchObject({ code: "state_folder", message: expect.stringContaining("in use") });
  expect((await talk(first, "/v1/ai/image-upscaler-precision")).status).toBe(200);
});

it("takes over the lock of a crashed sandbox that had the same process number, as all have in a container", async () => {
  await writeFile(join(folder, "lock"), JSON.stringify({ pid: process.pid }));
  await using sandbox = await start();
  await expect(start()).rejects.toMatchObject({ code: "state_folder" });
  expect(sandbox.tasks()).toEqual([]);
});

it.skipIf(!existsSync("/proc/self/stat"))(
  "is not kept out by one that was just killed and nobody has mourned yet",
  async () => {
    // The shell is replaced by a program that never asks after the one it started.
    const parent = spawn("sh", ["-c", "sleep 0 & echo $!; exec sleep 60"], { stdio: ["ignore", "pipe", "ignore"] });
    try {
      const pid = Number(String((await once(parent.stdout, "data"))[0]));
      await expect.poll(() => readFile(`/proc/${pid}/stat`, "utf8")).toMatch(/\) Z /);
      await writeFile(join(folder, "lock"), JSON.stringify({ pid }));
      await using sandbox = await start();
      expect(sandbox.tasks()).toEqual([]);
    } finally {
      parent.kill("SIGKILL");
    }
  },
);

it("refuses a folder that is none, and one of another version", async () => {
  const file = join(folder, "file");
  await writeFile(file, "");
  await expect(startSandbox({ folder: file, upscaler: "echo" })).rejects.toMatchObject({ code: "state_folder" });
  await writeFile(join(folder, "sandbox.json"), '{"version":99}');
  await expect(start()).rejects.toMatchObject({ code: "state_folder", message: expect.stringContaining("version") });
});

it("leaves whole files that only their owner reads, and no lock", async () => {
  const sandbox = await start();
  await Promise.all(Array.from({ length: 5 }, () => finished(sandbox)));
  await sandbox.close();
  expect(await readdir(folder)).toEqual(["images", "sandbox.json", "tasks", "webhooks"]);
  const names = await readdir(folder, { recursive: true });
  expect(names.filter((name) => name.endsWith(".tmp"))).toEqual([]);
  for (const name of await readdir(join(folder, "tasks"))) {
    expect(JSON.parse(await readFile(join(folder, "tasks", name), "utf8"))).toMatchObject({ result: { bytes: 98 } });
  }
  expect((await stat(join(folder, "sandbox.json"))).mode & 0o077).toBe(0);
});

it("forgets the images when their URLs have expired", async () => {
  const time = new ManualTime();
  await using sandbox = await start({ time, resultTtlMs: 1000 });
  await finished(sandbox);
  expect(await readdir(join(folder, "images"))).toHaveLength(2);
  time.advance(2000);
  while ((await readdir(join(folder, "images"))).length > 0) await new Promise((resolve) => setTimeout(resolve, 5));
});
