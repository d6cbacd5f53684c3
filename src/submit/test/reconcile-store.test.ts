import { describe, expect, it, onTestFinished } from "vitest";
import { Magnific, memoryTaskStore, type TaskStore } from "../../index.js";
import { fileTaskStore } from "../../node.js";
import { type Sandbox, startSandbox } from "../../sandbox/index.js";
import { pngOf } from "../../test-support/png.js";
import { tempFolder } from "../../test-support/temp-folder.js";
import { systemTime } from "../../util/time.js";

const HOUR = 3_600_000;

interface Place {
  readonly sandbox: Sandbox;
  readonly store: TaskStore;
  /** Milliseconds that the clocks of the clients are ahead. */
  readonly ahead: { wall: number; monotonic: number };
  client(): Magnific;
}

async function place(store: TaskStore): Promise<Place> {
  const sandbox = await startSandbox({ upscaler: "echo" });
  onTestFinished(() => sandbox.close());
  const ahead = { wall: 0, monotonic: 0 };
  const time = {
    ...systemTime,
    now: () => systemTime.now() + ahead.wall,
    monotonic: () => systemTime.monotonic() + ahead.monotonic,
  };
  const client = (): Magnific =>
    new Magnific({ apiKey: sandbox.key, baseUrl: sandbox.url, store, retry: 0, rate: false, time });
  return { sandbox, store, ahead, client };
}

/** One submit that works, and one whose answer is lost. @returns The digest of the second. */
async function lose({ sandbox, client, ahead }: Place, handled: boolean): Promise<string> {
  const magnific = client();
  await magnific.submit({ image: pngOf(300, 8, 8, "a") });
  ahead.wall += 1000;
  sandbox.fault({ kind: "reset", on: "submit", handled });
  const image = pngOf(300, 8, 8, "b");
  await expect(magnific.submit({ image })).rejects.toMatchObject({ submission: "unknown" });
  return magnific.digest({ image });
}

describe.each([
  ["memoryTaskStore", memoryTaskStore],
  [
    "fileTaskStore",
    () => {
      const folder = tempFolder("magnific-reconcile-");
      return fileTaskStore(folder);
    },
  ],
])("with a %s", (_, make) => {
  // @tests ReconcileOptions.exclusive, ReconcileOptions.settle, ReconcileOptions.store
  it("a submit that made no task is none once the time has passed, and can be submitted again", async () => {
    const here = await place(make());
    const digest = await lose(here, false);
    const magnific = here.client();
    const unsure = { outcome: "cannot_say", digests: [digest], tasks: [] };
    expect(await magnific.reconcile()).toEqual({ ...unsure, reasons: ["not_exclusive", "not_settled"] });
    expect(await magnific.reconcile({ exclusive: true })).toEqual({ ...unsure, reasons: ["not_settled"] });
    // This process knows by its monotonic clock; the wall clock may have been set.
    here.ahead.wall += 1000 * HOUR;
    expect(await magnific.reconcile({ exclusive: true })).toMatchObject({ reasons: ["not_settled"] });
    here.ahead.monotonic += 900_000;
    const none = { outcome: "none", digests: [digest], tasks: [], reasons: [] };
    expect(await magnific.reconcile({ exclusive: true })).toEqual(none);
    expect(await magnific.reconcile({ exclusive: true, settle: 2 * HOUR })).toMatchObject({ outcome: "cannot_say" });
    const bare = { begin: here.store.begin, finish: here.store.finish, forget: here.store.forget };
    expect(await magnific.reconcile({ exclusive: true, store: bare as TaskStore })).toMatchObject({
      reasons: ["store_cannot_list"],
    });
    await here.store.forget(digest);
    await magnific.submit({ image: pngOf(300, 8, 8, "b") });
    expect(here.sandbox.counts.paid).toBe(2);
    expect(await magnific.reconcile()).toMatchObject({ outcome: "none", digests: [] });
  });

  it("a task that was made is a candidate, also for another process, which goes by the times of the store", async () => {
    const here = await place(make());
    const digest = await lose(here, true);
    const [made] = here.sandbox.tasks();
    here.ahead.wall += HOUR;
    const entries = await here.store.submits?.();
    const store = { submits: async () => entries ?? [] };
    const found = await here.client().reconcile({ exclusive: true, store });
    expect(found).toMatchObject({ outcome: "candidates", digests: [digest], reasons: [] });
    expect(found.tasks.map(({ id }) => id)).toEqual([made?.id]);
    // What the list lacks, or cannot be read, is seen too.
    const gone = { submits: async () => [...(entries ?? []), { digest: "c", taskId: crypto.randomUUID(), at: 0 }] };
    expect(await here.client().reconcile({ exclusive: true, store: gone })).toMatchObject({
      reasons: ["list_incomplete"],
    });
    here.ahead.wall -= HOUR;
    expect(await here.client().reconcile({ exclusive: true, store })).toMatchObject({ reasons: ["not_settled"] });
  });
});

it("a submit that is still being sent, an entry that cannot be read and a client without a store prove nothing", async () => {
  const here = await place(memoryTaskStore());
  await lose(here, false);
  here.sandbox.fault({ kind: "stall", on: "submit" });
  const magnific = here.client();
  const stop = new AbortController();
  const sending = magnific.submit({ image: pngOf(300, 8, 8, "c") }, { signal: stop.signal });
  await expect.poll(() => here.sandbox.counts.faults, { interval: 5 }).toBe(2);
  expect((await magnific.reconcile({ exclusive: true, settle: 0 })).reasons).toContain("in_flight");
  stop.abort();
  await expect(sending).rejects.toMatchObject({ submission: "unknown" });
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const response = await globalThis.fetch(input, init);
    const { data } = (await response.json()) as { data: unknown[] };
    return Response.json({ data: [...data, { status: "CREATED" }] });
  };
  const { store, sandbox } = here;
  const other = new Magnific({ apiKey: sandbox.key, baseUrl: sandbox.url, store, fetch });
  expect((await other.reconcile({ exclusive: true, settle: 0 })).reasons).toContain("list_malformed");
  expect(await other.tasks()).toHaveProperty("unreadable", 1);
  const storeless = new Magnific({ apiKey: sandbox.key, baseUrl: sandbox.url });
  await expect(storeless.reconcile()).rejects.toMatchObject({ code: "configuration" });
  await expect(magnific.reconcile({ exclusiv: true } as never)).rejects.toMatchObject({ code: "configuration" });
});

it.each([undefined, null, {}, [null], [{ at: 1 }]])("a store whose list of submits is %j is an error", async (list) => {
  const here = await place({ ...memoryTaskStore(), submits: async () => list as never });
  const error = { code: "store_failed", message: expect.stringContaining("`submits`") };
  await expect(here.client().reconcile({ exclusive: true })).rejects.toMatchObject(error);
});
