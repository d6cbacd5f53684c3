import { rmSync } from "node:fs";
import { copyFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { BatchEvent } from "../options.js";
import { upscaleAll } from "../upscale-all.js";
import { type Bench, bench, clientOf, tally } from "./bench.js";

describe("a batch that is stopped", () => {
  it("does not send what waits for its turn in the rate budget", async () => {
    await using place = await bench({}, { rate: 1 });
    await place.client.tasks();
    const stop = new AbortController();
    let begun = 0;
    const onEvent = ({ type }: BatchEvent): void => {
      // Both have begun, and neither has its turn within this minute.
      if (type === "started" && ++begun === 2) setTimeout(() => stop.abort(), 50);
    };
    const results = await place.run([place.a, place.b], { stop: stop.signal, onEvent });
    expect(results).toEqual([
      { outcome: "stopped", path: expect.any(String) },
      { outcome: "stopped", path: expect.any(String) },
    ]);
    expect(place.sandbox.counts.submits).toBe(0);
    expect((await place.records()).map(({ type }) => type)).toEqual([undefined, "run"]);
  });

  it("does not retry what was refused, and what was refused is sent by the next run", async () => {
    await using place = await bench({}, { retry: 1 });
    place.sandbox.fault({ kind: "rate_limited", on: "submit", retryAfter: "0", reset: 0 });
    const stop = new AbortController();
    const onEvent = ({ type }: BatchEvent): void => {
      if (type === "sending") stop.abort();
    };
    expect(await place.run([place.a], { stop: stop.signal, onEvent })).toEqual([{ outcome: "stopped", path: place.a }]);
    expect(place.sandbox.counts.submits).toBe(1);
    expect((await place.records()).map(({ type }) => type)).toEqual([undefined, "run", "intent", "refused"]);
    expect(tally(await place.run([place.a]))).toEqual({ done: 1 });
    expect(place.sandbox.counts.paid).toBe(1);
  });

  it("ends in the pause that a refused send is to be repeated after", async () => {
    const stop = new AbortController();
    const onRetry = (): void => void setTimeout(() => stop.abort(), 20);
    await using place = await bench({}, { retry: { limit: 1, maxRetryAfter: 600_000, total: 900_000 }, onRetry });
    place.sandbox.fault({ kind: "rate_limited", on: "submit", retryAfter: "599", reset: 0 });
    expect(await place.run([place.a], { stop: stop.signal })).toEqual([{ outcome: "stopped", path: place.a }]);
    expect((await place.records()).map(({ type }) => type)).toEqual([undefined, "run", "intent", "refused"]);
    expect(place.sandbox.counts).toMatchObject({ submits: 1, paid: 0 });
  });

  it("waits for a task that an earlier run made, also when the stop comes before that is known", async () => {
    await using place = await bench();
    const [first] = await place.run([place.a]);
    await rm(join(place.out, "a.png"));
    const stop = new AbortController();
    const results = await place.run([place.a], { stop: stop.signal, onEvent: () => stop.abort() });
    expect(results).toMatchObject([{ outcome: "done", task: first?.task, paid: false }]);
  });

  it("calls stopped, not unknown, what waited for another send of the same image", async () => {
    await using place = await bench({ latencyMs: 100 });
    await copyFile(place.a, place.b);
    const stop = new AbortController();
    const onEvent = ({ type }: BatchEvent): void => {
      if (type === "sending") setTimeout(() => stop.abort(), 30);
    };
    const results = await place.run([place.a, place.b], { stop: stop.signal, onEvent });
    expect(tally(results)).toEqual({ done: 1, stopped: 1 });
    expect(place.sandbox.counts.paid).toBe(1);
    expect(place.sandbox.counts.submits).toBe(1);
  });
});

describe("a send", () => {
  it("that is tried twice is recorded, reported and paid once", async () => {
    await using place = await bench({}, { retry: 1 });
    place.sandbox.fault({ kind: "rate_limited", on: "submit", retryAfter: "0", reset: 0 });
    const told: string[] = [];
    const results = await place.run([place.a], { onEvent: ({ type }) => told.push(type) });
    expect(results).toMatchObject([{ outcome: "done", paid: true }]);
    expect(told.filter((type) => type === "sending")).toHaveLength(1);
    expect((await place.records()).filter(({ type }) => type === "intent")).toHaveLength(1);
    expect(place.sandbox.counts).toMatchObject({ submits: 2, paid: 1 });
  });

  it("that was allowed a second time and was refused leaves the first as unknown as it was", async () => {
    await using place = await bench();
    place.sandbox.fault({ kind: "reset", on: "submit", handled: true });
    expect(tally(await place.run([place.a]))).toEqual({ unknown: 1 });
    place.sandbox.fault({ kind: "error", status: 400, on: "submit" });
    expect(await place.run([place.a], { resubmitUnknown: true })).toMatchObject([
      { outcome: "failed", error: { submission: "rejected" } },
    ]);
    expect(tally(await place.run([place.a]))).toEqual({ unknown: 1 });
    expect(place.sandbox.counts.paid).toBe(1);
    expect(tally(await place.run([place.a], { resubmitUnknown: true }))).toEqual({ done: 1 });
    expect(place.sandbox.counts.paid).toBe(2);
  });

  it("in place of a failed task that was refused leaves that task known", async () => {
    await using place = await bench();
    place.sandbox.script("failed");
    const [failed] = await place.run([place.a]);
    place.sandbox.fault({ kind: "error", status: 400, on: "submit" });
    expect(await place.run([place.a], { resubmitFailed: true })).toMatchObject([{ error: { submission: "rejected" } }]);
    expect(await place.run([place.a])).toMatchObject([{ error: { code: "task_failed" }, task: failed?.task }]);
    expect(place.sandbox.counts.paid).toBe(1);
  });

  it("whose connection is refused is not a send, so that the next run sends it", async () => {
    await using place = await bench();
    const client = clientOf(place.sandbox, { fetch: () => Promise.reject(refused()) });
    expect(await place.run([place.a], { client })).toMatchObject([
      { outcome: "failed", error: { submission: "not_sent" } },
    ]);
    expect(tally(await place.run([place.a]))).toEqual({ done: 1 });
    expect(place.sandbox.counts.paid).toBe(1);
  });
});

describe("a journal that disappears while the batch runs", () => {
  const GONE = "was removed or replaced while the batch ran. Nothing more is sent.";
  const ANEW = "was removed while the batch ran. It was written anew, and nothing more is sent.";
  it.each<[string, string, (place: Bench) => Promise<void>, ((place: Bench) => Promise<void>)?]>([
    ["with its folder", ANEW, ({ out }) => rm(out, { recursive: true }), async () => {}],
    ["alone", ANEW, ({ journal }) => rm(journal), async () => {}],
    [
      "because its folder is renamed",
      GONE,
      ({ out }) => rename(out, `${out}-old`),
      async ({ out, locks }) => {
        await rm(out, { recursive: true, force: true });
        await rename(`${out}-old`, out);
        // The lock of a process that still runs, which is this one.
        for (const lock of await locks()) await rm(join(out, lock));
      },
    ],
    ["because another file replaces it", GONE, ({ journal }) => rm(journal).then(() => writeFile(journal, ""))],
  ])("ends it before anything more is sent: %s", async (_name, message, remove, restore) => {
    await using place = await bench();
    const paths = await place.images(...Array.from({ length: 8 }, (_, n) => `${n}.png`));
    let results = 0;
    const { client, out } = place;
    const run = async (): Promise<void> => {
      for await (const _ of upscaleAll(paths, { client, out, concurrency: 1 }))
        if (++results === 3) await remove(place);
    };
    await expect(run()).rejects.toMatchObject({
      fault: "journal_unwritable",
      path: place.journal,
      message: expect.stringContaining(message),
    });
    // The loop begins the next image when it is asked for the next result.
    expect(place.sandbox.counts).toMatchObject({ submits: 3, paid: 3 });
    if (restore === undefined) return;
    // The next run knows all that was sent.
    await restore(place);
    expect(tally(await place.run(paths)).unknown).toBeUndefined();
    expect(place.sandbox.counts).toMatchObject({ submits: 8, paid: 8 });
    expect(await place.locks()).toEqual([]);
  });

  it("still records what became of sends that had begun", async () => {
    await using place = await bench({ latencyMs: 200 });
    const paths = await place.images(...Array.from({ length: 6 }, (_, n) => `${n}.png`));
    const onEvent = ({ type, path }: BatchEvent): void => {
      // The others are in flight by then.
      if (type === "sending" && path === paths[2]) setTimeout(() => rmSync(place.out, { recursive: true }), 50);
    };
    await expect(place.run(paths, { concurrency: 3, onEvent })).rejects.toMatchObject({ fault: "journal_unwritable" });
    expect(place.sandbox.counts.paid).toBe(3);
    expect(tally(await place.run(paths))).toEqual({ done: 6 });
    expect(place.sandbox.counts.paid).toBe(6);
  });
});

describe("a refusal", () => {
  it.each([
    [401, 1],
    [402, 1],
    [403, 3],
    [404, 3],
    [400, 7],
    [413, 7],
  ])("with %i ends the batch after %i in a row", async (status, sent) => {
    await using place = await bench();
    const paths = await place.images(...Array.from({ length: 7 }, (_, n) => `${n}.png`));
    place.sandbox.fault({ kind: "error", status, on: "submit", times: 99 });
    const results = await place.run(paths, { concurrency: 1 });
    expect(tally(results)).toEqual({ failed: sent });
    expect(place.sandbox.counts.submits).toBe(sent);
  });

  it("with 403 from the sixth image on ends the batch, and one between made tasks does not", async () => {
    await using place = await bench();
    const paths = await place.images(...Array.from({ length: 12 }, (_, n) => `${n}.png`));
    place.sandbox.fault({ kind: "error", status: 403, on: "submit", skip: 1, times: 2 });
    place.sandbox.fault({ kind: "error", status: 403, on: "submit", skip: 3, times: 99 });
    expect(tally(await place.run(paths, { concurrency: 1 }))).toEqual({ done: 3, failed: 5 });
  });
});

function refused(): Error {
  const cause = Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
  return new TypeError("fetch failed", { cause });
}
