import { expect, it } from "vitest";
import { MemoryStore } from "../memory-store.js";

const read = async (store: MemoryStore, id: string, kind: "source" | "result") => {
  const bytes = await store.readFile(id, kind);
  return bytes && Buffer.from(bytes).toString();
};

it("keeps what was sent and what was made of each task apart", async () => {
  const store = new MemoryStore();
  await store.writeFile("a", "source", Buffer.from("sent"));
  await store.writeFile("a", "result", Buffer.from("made"));
  await store.writeFile("b", "source", Buffer.from("other"));
  expect([await read(store, "a", "source"), await read(store, "a", "result")]).toEqual(["sent", "made"]);
  expect([await read(store, "b", "source"), await read(store, "b", "result")]).toEqual(["other", undefined]);
  const file = await store.file("a", "result");
  expect([file?.size, String(file?.read(1, 2))]).toEqual([4, "ad"]);
  expect(await store.file("b", "result")).toBeUndefined();

  await store.removeFiles("a");
  expect([await read(store, "a", "source"), await read(store, "a", "result")]).toEqual([undefined, undefined]);
  expect(await read(store, "b", "source")).toBe("other");
  await store.close();
  expect(await read(store, "b", "source")).toBeUndefined();
});

it("reads from within a larger buffer", async () => {
  const store = new MemoryStore();
  await store.writeFile("a", "source", Buffer.from("0123456789").subarray(3, 8));
  expect(String((await store.file("a", "source"))?.read(1, 4))).toBe("4567");
});

it("finds nothing of an earlier run, and takes the secrets given", async () => {
  const store = new MemoryStore();
  const fresh = { key: "k", webhookSecret: "w", signingSecret: "s" };
  expect(await store.secrets(fresh)).toBe(fresh);
  expect([await store.tasks(), await store.webhooks()]).toEqual([[], []]);
});
