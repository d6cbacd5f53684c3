import { getEventListeners } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ConfigurationError } from "../../errors/request-errors.js";
import { CAN_MOUNT, smallDisk } from "../../test-support/small-disk.js";
import type { BatchEvent, BatchResult, UpscaleAllOptions } from "../options.js";
import { upscaleAll } from "../upscale-all.js";
import { all, type Bench, bench, tally } from "./bench.js";

type Inputs = Parameters<typeof upscaleAll>[0];

/** What a batch gives, and what it throws then. */
async function outcome(
  place: Bench,
  inputs: Inputs,
  more: Partial<UpscaleAllOptions> = {},
): Promise<{ results: BatchResult[]; error: unknown }> {
  const results: BatchResult[] = [];
  try {
    const { client, out } = place;
    for await (const result of upscaleAll(inputs, { client, out, ...more })) results.push(result);
    return { results, error: undefined };
  } catch (error) {
    return { results, error };
  }
}

describe("inputs", () => {
  it.each(["stop", "signal"] as const)("that never come do not keep a batch from its end by %s", async (option) => {
    await using place = await bench();
    async function* inputs() {
      yield place.a;
      await new Promise(() => {});
    }
    const end = new AbortController();
    const { client, out } = place;
    const results: unknown[] = [];
    for await (const result of upscaleAll(inputs(), { client, out, [option]: end.signal })) {
      results.push(result);
      // After the loop has begun to wait again.
      setTimeout(() => end.abort(), 20);
    }
    expect(results).toMatchObject([{ outcome: "done" }]);
    expect(await place.locks()).toEqual([]);
  });

  it("that are none leave the journal alone", async () => {
    await using place = await bench();
    const { client, out } = place;
    await expect(all(upscaleAll(undefined as never, { client, out }))).rejects.toThrow(ConfigurationError);
    await expect(all(upscaleAll(place.a, { client, out }))).rejects.toThrow("for one file pass");
    expect(existsSync(out)).toBe(false);
    expect(tally(await place.run([place.a]))).toEqual({ done: 1 });
  });

  it("that fail end the batch with their error, after what was in flight", async () => {
    await using place = await bench({ lifeCycle: ["CREATED", { status: "IN_PROGRESS", ms: 60_000 }, "COMPLETED"] });
    const mine = new Error("mine");
    let [fail, tasks] = [(): void => {}, 0];
    async function* inputs() {
      yield place.a;
      await new Promise<void>((resolve) => {
        fail = resolve;
      });
      throw mine;
    }
    const onEvent = ({ type }: BatchEvent): void => {
      if (type === "task" && ++tasks === 1) fail();
    };
    const { results, error } = await outcome(place, inputs(), { onEvent });
    expect(error).toBe(mine);
    expect(results).toMatchObject([{ outcome: "stopped", task: place.sandbox.tasks()[0]?.id }]);
    expect(await place.locks()).toEqual([]);
  });

  it("are asked for as they are needed, one at a time, and let go of when the loop is left", async () => {
    await using place = await bench();
    const paths = await place.images("a.png", "b.png", "c.png", "d.png");
    let [asked, asking, most, left] = [0, 0, 0, false];
    const inputs = {
      [Symbol.asyncIterator]: () => ({
        async next() {
          most = Math.max(most, ++asking);
          await new Promise((resolve) => setTimeout(resolve, 2));
          asking--;
          return { done: asked === paths.length, value: paths[asked++] ?? "" };
        },
        async return() {
          left = true;
          throw new Error("which nobody hears");
        },
      }),
    };
    const { client, out } = place;
    for await (const _ of upscaleAll(inputs as never, { client, out, concurrency: 1 })) break;
    expect([asked <= 2, most, left]).toEqual([true, 1, true]);
    expect(place.sandbox.counts.paid).toBe(1);
    [asked, left] = [0, false];
    expect(tally((await outcome(place, inputs as never)).results)).toEqual({ done: 3, skipped: 1 });
    // They have come to their own end.
    expect([most, left]).toEqual([1, false]);
  });

  it("are not asked for where a wait could not begin", async () => {
    await using place = await bench();
    const paths = await place.images("a.png");
    const { error } = await outcome(place, paths, { timeout: "60" as never });
    expect(error).toMatchObject({ code: "configuration", message: expect.stringContaining("`timeout`") });
    expect(place.sandbox.counts.paid).toBe(0);
  });

  it("that fail as they are let go of keep nobody from the journal", async () => {
    await using place = await bench();
    const paths = await place.images("a.png", "b.png");
    const inputs = (): Iterator<string> => ({
      next: () => ({ value: paths[0] ?? "" }),
      return: () => {
        throw new Error("which nobody hears");
      },
    });
    const { client, out } = place;
    for await (const _ of upscaleAll({ [Symbol.iterator]: inputs }, { client, out, concurrency: 1 })) break;
    expect(await place.locks()).toEqual([]);
    expect(tally(await place.run(paths))).toEqual({ skipped: 1, done: 1 });
  });

  it("that have failed have ended, and are not let go of as well", async () => {
    await using place = await bench();
    let left = false;
    const inputs = () => ({
      next: () => Promise.reject(new Error("mine")),
      return: async () => {
        left = true;
        return { done: true as const, value: undefined };
      },
    });
    expect(String((await outcome(place, { [Symbol.asyncIterator]: inputs })).error)).toBe("Error: mine");
    expect(left).toBe(false);
  });

  it("that come after the stop are not begun", async () => {
    await using place = await bench({ lifeCycle: ["CREATED", { status: "IN_PROGRESS", ms: 80 }, "COMPLETED"] });
    const stop = new AbortController();
    let go = (): void => {};
    async function* inputs() {
      yield place.a;
      await new Promise<void>((resolve) => {
        go = resolve;
      });
      yield place.b;
    }
    const started: string[] = [];
    const onEvent = ({ type, path }: BatchEvent): void => {
      if (type === "started") started.push(path);
      if (type !== "task") return;
      stop.abort();
      go();
    };
    expect((await outcome(place, inputs(), { stop: stop.signal, onEvent })).results).toMatchObject([
      { outcome: "done", path: place.a },
    ]);
    expect(started).toEqual([place.a]);
  });
});

describe("a signal", () => {
  it.each(["stop", "signal"] as const)("that has fired already as %s lets nothing begin", async (option) => {
    await using place = await bench();
    const paths = await place.images("a.png");
    expect(await place.run(paths, { [option]: AbortSignal.abort() })).toEqual([]);
    expect(place.sandbox.counts.requests).toBe(0);
    const [, run, ...more] = await place.records();
    expect([run, more]).toEqual([{ type: "run", at: expect.any(Number), pid: process.pid }, []]);
  });

  it("is not listened to after the end", async () => {
    await using place = await bench();
    const paths = await place.images("a.png");
    const [stop, signal] = [new AbortController().signal, new AbortController().signal];
    const during: number[] = [];
    const count = (): number[] => [stop, signal].map((one) => getEventListeners(one, "abort").length);
    await place.run(paths, {
      stop,
      signal,
      onEvent: ({ type }) => void (type === "started" && during.push(...count())),
    });
    expect([during, count()]).toEqual([
      [1, 1],
      [0, 0],
    ]);
  });
});

describe("leaving the loop", () => {
  it("waits for answers to sends that are in flight, and then lets go of the journal", async () => {
    await using place = await bench({ latencyMs: 60 });
    await place.run([place.a]);
    const { client, out } = place;
    let sending = (): void => {};
    const begun = new Promise<void>((resolve) => {
      sending = resolve;
    });
    const onEvent = ({ type }: BatchEvent): void => {
      if (type === "sending") sending();
    };
    for await (const _ of upscaleAll([place.a, place.b], { client, out, onEvent })) {
      await begun;
      break;
    }
    expect((await place.records()).at(-1)).toMatchObject({ type: "task", task: place.sandbox.tasks()[0]?.id });
    expect(await place.locks()).toEqual([]);
    expect(existsSync(`${place.journal}.work`)).toBe(false);
  });
});

describe("the folders", () => {
  it("lose what a killed run left half written, and keep nothing of this one", async () => {
    await using place = await bench();
    const paths = await place.images("a.png");
    await mkdir(`${place.journal}.work`, { recursive: true });
    await writeFile(join(`${place.journal}.work`, "half.part"), "half");
    const during: string[][] = [];
    const onEvent = ({ type }: BatchEvent): void => {
      if (type === "started") void readdir(`${place.journal}.work`).then((names) => during.push(names));
    };
    await place.run(paths, { onEvent });
    expect(during).toEqual([[]]);
    expect((await readdir(place.out)).sort()).toEqual(["a.png", "magnific-journal.jsonl"]);
  });

  it.skipIf(!CAN_MOUNT)("that cannot be written to end the batch before anything is sent", async () => {
    await using place = await bench();
    const paths = await place.images("a.png");
    const journal = join(place.folder, "j.jsonl");
    {
      await using _disk = await smallDisk(place.out, "size=64k,ro");
      expect((await outcome(place, paths, { journal })).error).toMatchObject({
        fault: "journal_unwritable",
        path: place.out,
        summary: `${place.out} cannot be written to (EROFS), so results could not be saved. Nothing was sent.`,
        cause: { code: "EROFS" },
      });
    }
    {
      await using _disk = await smallDisk(place.out, "size=64k,nr_inodes=1");
      const out = join(place.out, "deep");
      expect((await outcome(place, paths, { journal, out })).error).toMatchObject({
        fault: "disk_full",
        path: out,
        summary: "The disk is full (ENOSPC): nothing was sent.",
        cause: { code: "ENOSPC" },
      });
    }
    expect(place.sandbox.counts.requests).toBe(0);
    expect((await readdir(place.folder)).sort()).toEqual(["in", "j.jsonl", "out"]);
  });

  it.skipIf(!CAN_MOUNT)("that are full in between end it, after every result that there is", async () => {
    await using place = await bench();
    const paths = await place.images("a.png", "b.png", "c.png");
    const journal = join(place.folder, "j.jsonl");
    await using disk = await smallDisk(place.out);
    let saving = 0;
    const onEvent = ({ type }: BatchEvent): void => {
      if (type === "saving" && ++saving === 2) disk.fill();
    };
    const { results, error } = await outcome(place, paths, { journal, onEvent, concurrency: 1 });
    expect(results).toMatchObject([
      { outcome: "done", path: paths[0] },
      { outcome: "failed", path: paths[1], task: place.sandbox.tasks()[0]?.id },
    ]);
    expect(error).toMatchObject({ fault: "disk_full", path: join(place.out, "b.png") });
    expect(await readFile(journal, "utf8")).toContain(String(results[1]?.task));
  });
});
