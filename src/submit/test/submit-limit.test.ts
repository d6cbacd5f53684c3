/** `maxSubmits`: what is counted, where, and what is given back. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  Magnific,
  MagnificError,
  type MagnificOptions,
  memoryTaskStore,
  SubmitLimitError,
  type TaskStore,
} from "../../index.js";
import { fileTaskStore } from "../../node.js";
import { freePort, type Loopback, loopback } from "../../test-support/loopback.js";
import { pngOf } from "../../test-support/png.js";
import { created, json, script } from "../../test-support/provider.js";
import { rejection } from "../../test-support/rejection.js";
import { SteppingTime } from "../../test-support/stepping-time.js";
import { tempFolder } from "../../test-support/temp-folder.js";

const image = (name: string | number) => pngOf(200, 8, 8, String(name));
const LIMIT = { code: "submit_limit_reached", submission: "not_sent" };

function folder(): string {
  const path = tempFolder("magnific-limit-");
  return path;
}

function clientOf(server: Pick<Loopback, "origin">, options: MagnificOptions): Magnific {
  const time = new SteppingTime([60_000]);
  return new Magnific({ apiKey: "key", baseUrl: server.origin, time, ...options });
}
const failure = (promise: Promise<unknown>): Promise<MagnificError> => rejection(promise, MagnificError);
const refused = json({ message: "no" }, 400);

// @tests MagnificOptions.maxSubmits
describe.each<[string, () => TaskStore | undefined, string]>([
  ["no store", () => undefined, "in this client"],
  ["a memoryTaskStore", memoryTaskStore, "in the memory of this process"],
  ["a fileTaskStore", () => fileTaskStore(folder()), join("submits")],
])("with %s, maxSubmits", (_name, make, where) => {
  it("lets so many be sent, and says of the next one why it is not", async () => {
    const server = await loopback(created);
    const magnific = clientOf(server, { store: make(), maxSubmits: 2 });
    for (const number of [1, 2]) await magnific.submit({ image: image(number) });
    const error = await rejection(magnific.submit({ image: image(3) }), SubmitLimitError);
    expect(error).toMatchObject({ ...LIMIT, maxSubmits: 2, used: 2, operation: expect.stringMatching(/^POST /) });
    for (const part of ["at most 2 submits", "`maxSubmits`", "2 are counted", where, "A higher limit"])
      expect(error.message).toContain(part);
    expect(server.requests).toHaveLength(2);
  });

  it("allows the last one to one of several at once", async () => {
    const server = await loopback(created);
    const magnific = clientOf(server, { store: make(), maxSubmits: 2 });
    const all = await Promise.allSettled([1, 2, 3, 4, 5].map((number) => magnific.submit({ image: image(number) })));
    expect(all.filter(({ status }) => status === "fulfilled")).toHaveLength(2);
    expect(server.requests).toHaveLength(2);
  });

  it("of 0 lets nothing be sent", async () => {
    const server = await loopback(created);
    expect(await failure(clientOf(server, { store: make(), maxSubmits: 0 }).submit({ image: image(1) }))).toMatchObject(
      LIMIT,
    );
    expect(server.requests).toEqual([]);
  });

  it("takes back what was refused or not sent, and keeps what is unknown", async () => {
    const server = await loopback(script(refused, (response) => response.destroy(), created));
    const store = make();
    const magnific = clientOf(server, { store, maxSubmits: 2, retry: 0 });
    expect(await failure(magnific.submit({ image: image(1) }))).toMatchObject({ submission: "rejected" });
    expect(await failure(magnific.submit({ image: image(2) }))).toMatchObject({ submission: "unknown" });
    await magnific.submit({ image: image(3) });
    expect(await failure(magnific.submit({ image: image(4) }))).toMatchObject({ ...LIMIT, used: 2 });
    const nobody = clientOf(
      { origin: `http://127.0.0.1:${await freePort()}` },
      { store: make(), maxSubmits: 1, retry: 0 },
    );
    for (const number of [1, 2])
      expect(await failure(nobody.submit({ image: image(number) }))).toMatchObject({ code: "connection_failed" });
  });

  it("counts a submit once however often it is retried", async () => {
    const slow = json({ message: "slow" }, 429, { "retry-after": "1" });
    const server = await loopback(script(slow, slow, created));
    const magnific = clientOf(server, { store: make(), maxSubmits: 2 });
    for (const number of [1, 2]) await magnific.submit({ image: image(number) });
    expect(server.requests).toHaveLength(4);
  });
});

describe("a store that counts", () => {
  it.each([memoryTaskStore, () => fileTaskStore(folder())])(
    "is shared by clients with their own limits, and a known task costs nothing",
    async (make) => {
      const server = await loopback(created);
      const store = make();
      const [low, high] = [1, 3].map((maxSubmits) => clientOf(server, { store, maxSubmits })) as [Magnific, Magnific];
      for (const number of [1, 2]) await high.submit({ image: image(number) });
      expect(await failure(low.submit({ image: image(3) }))).toMatchObject({ ...LIMIT, maxSubmits: 1, used: 2 });
      // Answered from the store, also where the limit is reached.
      await low.submit({ image: image(1) });
      await high.submit({ image: image(2) });
      expect(await store.begin("f".repeat(64), 1)).toBeUndefined();
      await high.submit({ image: image(3) });
      expect(await failure(high.submit({ image: image(4) }))).toMatchObject(LIMIT);
      expect(server.requests).toHaveLength(3);
    },
  );

  it("counts also what is sent without asking it", async () => {
    const server = await loopback(created);
    const store = memoryTaskStore();
    for (const _ of [1, 2])
      await clientOf(server, { store, maxSubmits: 2 }).submit({ image: image(1) }, { store: false });
    const magnific = clientOf(server, { store, maxSubmits: 2 });
    expect(await failure(magnific.submit({ image: image(1) }, { store: false }))).toMatchObject(LIMIT);
  });

  it("keeps counting what is forgotten by hand: the outcome is as unknown as before", async () => {
    const server = await loopback((response) => response.destroy());
    const store = fileTaskStore(folder());
    const magnific = clientOf(server, { store, maxSubmits: 1 });
    const { digest = "" } = await failure(magnific.submit({ image: image(1) }));
    await store.forget(digest);
    expect(await failure(magnific.submit({ image: image(1) }))).toMatchObject({ ...LIMIT, digest });
  });

  it("does not let a client pay above its limit through several stores", async () => {
    const server = await loopback(created);
    const magnific = clientOf(server, { maxSubmits: 1 });
    await magnific.submit({ image: image(1) }, { store: memoryTaskStore() });
    expect(await failure(magnific.submit({ image: image(2) }, { store: memoryTaskStore() }))).toMatchObject(LIMIT);
  });

  it("of the caller's own answers with `used` and `release`", async () => {
    const server = await loopback(script(refused, created));
    let used = 0;
    const reserve: TaskStore["reserve"] = async (most) =>
      used < most ? { used: ++used, release: async () => void used-- } : { used };
    const magnific = clientOf(server, { store: { ...memoryTaskStore(), reserve }, maxSubmits: 1 });
    await failure(magnific.submit({ image: image(1) }));
    expect(used).toBe(0);
    await magnific.submit({ image: image(2) });
    const error = await failure(magnific.submit({ image: image(3) }));
    expect(error.message).toContain("in the task store");
  });
});

describe("a store that cannot count", () => {
  const { reserve: _, ...store } = memoryTaskStore();

  it("is refused with a limit, before anything is sent", async () => {
    const server = await loopback(created);
    expect(() => clientOf(server, { store, maxSubmits: 1 })).toThrow("`maxSubmits` needs a store with `reserve`");
    const magnific = clientOf(server, { maxSubmits: 1 });
    const error = await failure(magnific.submit({ image: image(1) }, { store }));
    expect(error).toMatchObject({ code: "configuration", submission: "not_sent" });
    expect(server.requests).toEqual([]);
    await clientOf(server, { store }).submit({ image: image(1) });
  });

  it.each<[string, NonNullable<TaskStore["reserve"]>]>([
    ["rejects", () => Promise.reject(new Error("the disk is gone"))],
    [
      "throws",
      () => {
        throw new Error("the disk is gone");
      },
    ],
    ["answers with nothing", async () => null as never],
  ])("because it %s sends nothing", async (_name, reserve) => {
    const server = await loopback(created);
    const magnific = clientOf(server, { store: { ...memoryTaskStore(), reserve }, maxSubmits: 1 });
    expect(await failure(magnific.submit({ image: image(1) }))).toMatchObject({
      code: "store_failed",
      submission: "not_sent",
    });
    expect(server.requests).toEqual([]);
  });

  it("because it never answers ends at the signal, and what it grants too late is given back", async () => {
    const server = await loopback(created);
    let released = 0;
    let grant = (): void => {};
    const reserve: TaskStore["reserve"] = () =>
      new Promise((resolve) => {
        grant = () => resolve({ used: 1, release: async () => void released++ });
      });
    const magnific = clientOf(server, { store: { ...memoryTaskStore(), reserve }, maxSubmits: 1 });
    for (const option of ["signal", "stop"] as const) {
      const controller = new AbortController();
      const outcome = failure(magnific.submit({ image: image(option) }, { [option]: controller.signal }));
      setTimeout(() => controller.abort(), 20);
      expect(await outcome).toMatchObject({ code: "aborted", submission: "not_sent" });
      grant();
      await new Promise((done) => setTimeout(done, 5));
    }
    expect(released).toBe(2);
    expect(server.requests).toEqual([]);
  });
});

describe("the folder of a fileTaskStore", () => {
  it("holds a file for each submit that counts", async () => {
    const server = await loopback(script(created, refused, created));
    const path = folder();
    const magnific = clientOf(server, { store: fileTaskStore(path), maxSubmits: 5 });
    for (const number of [1, 2, 3]) await magnific.submit({ image: image(number) }).catch(() => undefined);
    expect(readdirSync(join(path, "submits")).sort()).toEqual(["1", "2"]);
  });

  it("that is removed meanwhile ends the sending: what was paid is no longer known", async () => {
    const server = await loopback(created);
    const path = folder();
    const magnific = clientOf(server, { store: fileTaskStore(path), maxSubmits: 5 });
    await magnific.submit({ image: image(1) });
    rmSync(path, { recursive: true });
    const error = await failure(magnific.submit({ image: image(2) }));
    expect(error).toMatchObject({ code: "store_failed", submission: "not_sent" });
    expect(error.message).toContain("removed");
    expect(server.requests).toHaveLength(1);
  });

  it("keeps the counting of others that began anew in it", async () => {
    const path = folder();
    let answer = (): void => {};
    const server = await loopback((response, n, request) => {
      answer = () => refused(response, n, request);
    });
    const first = failure(clientOf(server, { store: fileTaskStore(path), maxSubmits: 1 }).submit({ image: image(1) }));
    await expect.poll(() => server.requests.length).toBe(1);
    rmSync(join(path, "submits"), { recursive: true });
    await fileTaskStore(path).reserve?.(1);
    answer();
    await first;
    expect(readdirSync(join(path, "submits"))).toEqual(["1"]);
  });

  it("counts whatever stands under a number, and nothing else", async () => {
    const path = folder();
    mkdirSync(join(path, "submits", "1"), { recursive: true });
    for (const name of ["2", "x", ".magnific.part"]) writeFileSync(join(path, "submits", name), "");
    expect(await fileTaskStore(path).reserve?.(2)).toEqual({ used: 2, where: expect.stringContaining(path) });
    expect(await fileTaskStore(path).reserve?.(3)).toMatchObject({ used: 3, release: expect.any(Function) });
  });
});
