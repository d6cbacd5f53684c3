import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { CAN_MOUNT, smallDisk } from "../../test-support/small-disk.js";
import { ManualTime, type Sandbox, startSandbox, type Upscaler } from "../index.js";
import { call, crash, dataOf, finished, look, submit, TASKS, TINY, temporaryFolder, until } from "./requests.js";

let folder: string;
beforeEach(async () => {
  folder = join(await temporaryFolder(), "state");
});

const start = (more: Parameters<typeof startSandbox>[0] = {}): Promise<Sandbox> =>
  startSandbox({ folder, upscaler: "echo", lifeCycle: "completed", ...more });

// @tests sandbox/SandboxOptions.folder
it("Key, secrets, tasks and results survive a restart", async () => {
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

it("Result URLs name the new origin where the port has changed", async () => {
  const before = await start();
  const done = await finished(before);
  await before.close();
  await using after = await start();
  const url = (await look(after, done.task_id)).generated[0] ?? "";
  expect(new URL(url).origin).toBe(after.url);
  expect((await fetch(url)).status).toBe(200);
});

it("A restart resumes the work and the time that were left", async () => {
  const never: Upscaler = () => new Promise(() => {});
  const lifeCycle = [{ status: "CREATED", ms: 1000 }, "COMPLETED"];
  const time = new ManualTime();
  const abandoned = await start({ upscaler: never, lifeCycle, time });
  const { task_id: id } = dataOf(await submit(abandoned));
  await crash(folder);

  time.advance(600);
  await using after = await start({ lifeCycle, time });
  time.advance(399);
  expect((await look(after, id)).status).toBe("CREATED");
  time.advance(1);
  await until(() => after.tasks()[0]?.status === "COMPLETED");
  await abandoned.close();
});

it("Work in hand is left to the next start when the sandbox is closed", async () => {
  const never: Upscaler = () => new Promise(() => {});
  const before = await start({ upscaler: never });
  const { task_id: id } = dataOf(await submit(before));
  await before.close();
  await using after = await start();
  let status = "";
  while (status !== "COMPLETED") status = (await look(after, id)).status;
});

describe("A folder", () => {
  it("lets no second sandbox in while it is used, and is free again after that, or after a crash", async () => {
    const first = await start();
    await expect(start()).rejects.toMatchObject({
      name: "SandboxError",
      code: "state_folder",
      message: expect.stringMatching(/cannot be used: It is in use by process \d+\. Wait for it; /),
    });
    expect((await call(first, TASKS)).status).toBe(200);
    await first.close();
    await using second = await start();
    await crash(folder);
    await using third = await start();
    expect([second.key, third.key]).toEqual([first.key, first.key]);
  });

  it("that is a file, or was written by another version, is refused", async () => {
    await mkdir(folder);
    await writeFile(join(folder, "sandbox.json"), '{"version":99}');
    await expect(start()).rejects.toMatchObject({ code: "state_folder", message: expect.stringContaining("version") });
    const file = join(folder, "sandbox.json");
    const message = expect.stringMatching(/^The state folder .*sandbox\.json cannot be used: Error: E/);
    await expect(start({ folder: file })).rejects.toMatchObject({
      code: "state_folder",
      message,
      cause: expect.any(Error),
    });
  });

  it("is let go of when the sandbox cannot start, and options override what is found there", async () => {
    await using other = await startSandbox({ upscaler: "echo" });
    const port = Number(new URL(other.url).port);
    await expect(start({ port })).rejects.toMatchObject({ code: "EADDRINUSE" });
    const first = await start();
    await first.close();
    await using own = await start({ key: "mine", webhooks: { secret: "ours" } });
    expect([own.key, own.webhookSecret]).toEqual(["mine", "ours"]);
    expect((await call(own, TASKS, { headers: { "x-magnific-api-key": first.key } })).status).toBe(401);
  });
});

it("The folder holds complete files that only their owner can read, and no lock", async () => {
  const sandbox = await start();
  await Promise.all(Array.from({ length: 5 }, () => finished(sandbox)));
  await sandbox.close();
  expect(await readdir(folder)).toEqual(["images", "sandbox.json", "tasks", "webhooks"]);
  const names = await readdir(folder, { recursive: true });
  expect(names.filter((name) => name.endsWith(".tmp"))).toEqual([]);
  for (const name of await readdir(join(folder, "tasks"))) {
    expect(JSON.parse(await readFile(join(folder, "tasks", name), "utf8"))).toMatchObject({ result: { bytes: 98 } });
  }
  const modes = await Promise.all(["tasks", "images", ...names].map((name) => stat(join(folder, name))));
  expect(modes.filter(({ mode }) => (mode & 0o077) !== 0)).toEqual([]);
});

it("A task whose image is gone fails, and a change continues after one that failed", async () => {
  const before = await start();
  const { task_id: id } = dataOf(await submit(before));
  await until(() => before.tasks()[0]?.result !== undefined);
  await before.close();
  const [path, images] = [join(folder, "tasks", `${id}.json`), join(folder, "images")];
  const { result: _, ...record } = JSON.parse(await readFile(path, "utf8"));
  await writeFile(path, JSON.stringify(record));
  for (const name of await readdir(images)) await rm(join(images, name));
  await using after = await start();
  await until(() => after.tasks()[0]?.failure === "the image is no longer there");
  while ((await look(after, id)).status === "CREATED");
  await rm(path);
  await mkdir(path);
  while (dataOf(await call(after, `${TASKS}/${id}`))?.status !== "FAILED");
  expect(after.log).toContainEqual(expect.objectContaining({ event: "request", status: 500 }));
});

it("The images are removed when their URLs have expired", async () => {
  const time = new ManualTime();
  await using sandbox = await start({ time, resultTtlMs: 1000 });
  await finished(sandbox);
  expect(await readdir(join(folder, "images"))).toHaveLength(2);
  time.advance(2000);
  while ((await readdir(join(folder, "images"))).length > 0) await new Promise((resolve) => setTimeout(resolve, 5));
});

it.skipIf(!CAN_MOUNT)("A full disk leaves no draft, and no task that a restart would find half written", async () => {
  await using disk = await smallDisk(folder);
  const sandbox = await start();
  await finished(sandbox);
  const names = async () =>
    (await readdir(folder, { recursive: true })).filter((name) => !name.includes("lock")).sort();
  const before = await names();
  disk.fill();
  expect((await submit(sandbox)).status).toBe(500);
  await sandbox.close();
  expect((await names()).filter((name) => name !== "ballast")).toEqual(before);
  disk.clear();
  await using after = await start();
  expect(after.tasks()).toHaveLength(1);
});
