import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { beginOf } from "../../files/process.js";
import { FolderStore } from "../folder-store.js";
import type { TaskRecord } from "../task.js";
import type { PendingWebhook } from "../webhook-delivery.js";

let folder: string;
let store: FolderStore;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), "sandbox-test-")), "state");
  store = await FolderStore.open(folder);
});
afterEach(async () => {
  await store.close();
  await rm(join(folder, ".."), { recursive: true, force: true });
});

const task = (id: string, createdAt: number): TaskRecord => ({
  id,
  owner: "me",
  createdAt,
  steps: [{ status: "CREATED" }],
  position: { index: 0, since: 0, answers: 0 },
  image: { bytes: 1, sha256: "" },
  sliders: { sharpen: 0, smart_grain: 0, ultra_detail: 0 },
  filterNsfw: false,
  generated: [],
});
const webhook = (id: string, dueAt: number): PendingWebhook => ({
  id,
  webhookId: "msg",
  target: "http://localhost/",
  detail: { task_id: "1", status: "CREATED", generated: [] },
  forged: false,
  attempt: 1,
  dueAt,
});
const mode = async (...path: string[]): Promise<number> => (await stat(join(folder, ...path))).mode & 0o777;

describe("what is kept in a folder", () => {
  it("are tasks, the oldest first, each as it was saved last", async () => {
    for (const [id, at] of [
      ["a", 30],
      ["b", 10],
      ["c", 20],
    ] as const)
      await store.save(task(id, at));
    await Promise.all([1, 2, 3, 4].map((owner) => store.save({ ...task("b", 10), owner: String(owner) })));
    await writeFile(join(folder, "tasks", "d.json.7.tmp"), "{");
    expect(await store.tasks()).toEqual([{ ...task("b", 10), owner: "4" }, task("c", 20), task("a", 30)]);
  });

  it("are webhooks until they are taken, the first due first", async () => {
    for (const [id, at] of [
      ["a", 30],
      ["b", 10],
      ["c", 20],
    ] as const)
      await store.saveWebhook(webhook(id, at));
    await store.removeWebhook("c");
    await store.removeWebhook("never there");
    expect(await store.webhooks()).toEqual([webhook("b", 10), webhook("a", 30)]);
  });

  it("are images, whole or in part, until they are removed", async () => {
    await store.writeFile("a", "source", Buffer.from("sent"));
    await store.writeFile("a", "result", Buffer.from("made of it"));
    await store.writeFile("b", "source", Buffer.from("other"));
    expect(String(await store.readFile("a", "source"))).toBe("sent");
    expect(await store.readFile("b", "result")).toBeUndefined();
    const file = await store.file("a", "result");
    let part = "";
    for await (const chunk of file?.read(5, 6) ?? []) part += chunk;
    expect([file?.size, part, await store.file("b", "result")]).toEqual([10, "of", undefined]);
    await store.removeFiles("a");
    // There is no result of this one.
    await store.removeFiles("b");
    expect(await readdir(join(folder, "images"))).toEqual([]);
  });

  it("are the first secrets, of this version alone", async () => {
    const fresh = { key: "k", webhookSecret: "w", signingSecret: "s" };
    expect(await store.secrets(fresh)).toEqual(fresh);
    expect(await store.secrets({ key: "x", webhookSecret: "y", signingSecret: "z" })).toEqual(fresh);
    const path = join(folder, "sandbox.json");
    expect(JSON.parse(await readFile(path, "utf8"))).toEqual({ version: 1, ...fresh });
    await writeFile(path, JSON.stringify({ ...fresh, version: 2 }));
    await expect(store.secrets(fresh)).rejects.toMatchObject({ code: "state_folder" });
  });

  it("is for its owner's eyes, and leaves no draft", async () => {
    await store.secrets({ key: "k", webhookSecret: "w", signingSecret: "s" });
    await store.save(task("a", 1));
    await store.saveWebhook(webhook("b", 1));
    await store.writeFile("a", "source", Buffer.from("sent"));
    const parts = ["images", "tasks", "webhooks"];
    expect(await readdir(folder)).toEqual(["images", "lock", "sandbox.json", "tasks", "webhooks"]);
    expect(await Promise.all(parts.map((part) => readdir(join(folder, part))))).toEqual([
      ["a.source"],
      ["a.json"],
      ["b.json"],
    ]);
    for (const part of parts) expect(await mode(part)).toBe(0o700);
    for (const path of ["lock", "sandbox.json", "tasks/a.json", "images/a.source"])
      expect(await mode(path)).toBe(0o600);
  });

  it("goes on after a change that failed", async () => {
    await mkdir(join(folder, "tasks", "a.json"));
    await expect(store.save(task("a", 1))).rejects.toThrow();
    await rm(join(folder, "tasks", "a.json"), { recursive: true });
    await Promise.all([store.save(task("a", 2)), store.save(task("a", 3))]);
    expect(await store.tasks()).toEqual([task("a", 3)]);
  });
});

describe("a folder", () => {
  const lock = (): string => join(folder, "lock");
  const open = async (): Promise<void> => (await FolderStore.open(folder)).close();

  it("names its process while it is open, and is free when it is closed", async () => {
    expect(JSON.parse(await readFile(lock(), "utf8"))).toEqual({ pid: process.pid, began: await beginOf(process.pid) });
    await expect(open()).rejects.toMatchObject({
      name: "SandboxError",
      code: "state_folder",
      message: `The state folder is in use by process ${process.pid} (${lock()}).`,
    });
    await store.close();
    expect(await readdir(folder)).not.toContain("lock");
    await open();
    // Closing it once more, or without its lock, does no harm.
    await store.close();
  });

  it.each(["", "{", "null", "7", "{}", '{"pid":"7"}', '{"pid":0}', '{"pid":-1}', '{"pid":999999999}'])(
    "is taken over where its lock says %j",
    async (text) => {
      await store.close();
      await writeFile(lock(), text);
      store = await FolderStore.open(folder);
      expect(JSON.parse(await readFile(lock(), "utf8"))).toMatchObject({ pid: process.pid });
    },
  );

  it("is not taken from a process that lives, and from a later one of its number it is", async () => {
    await store.close();
    const parent = { pid: process.ppid, began: await beginOf(process.ppid) };
    for (const held of [parent, { pid: process.ppid }, { pid: process.ppid, began: 7 }]) {
      await writeFile(lock(), JSON.stringify(held));
      await expect(open()).rejects.toThrow(`in use by process ${process.ppid}`);
    }
    expect(await readFile(lock(), "utf8")).toContain(String(process.ppid));
    if (parent.began === undefined) return;
    await writeFile(lock(), JSON.stringify({ ...parent, began: "1" }));
    await open();
  });

  it("must be one", async () => {
    await writeFile(join(folder, "file"), "");
    const opened = FolderStore.open(join(folder, "file"));
    const message = expect.stringMatching(/^The state folder .*file cannot be used: Error: E/);
    await expect(opened).rejects.toMatchObject({ code: "state_folder", message, cause: expect.any(Error) });
  });
});
