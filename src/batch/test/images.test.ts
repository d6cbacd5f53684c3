import fs, { copyFile, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { pngOf } from "../../test-support/png.js";
import type { BatchEvent, BatchResult } from "../options.js";
import { planAll } from "../plan.js";
import { upscaleAll } from "../upscale-all.js";
import { all, bench, tally } from "./bench.js";
import { replaced, systemError } from "./replaced.js";

describe("events of an image", () => {
  it("is each step on its way, in this order", async () => {
    await using place = await bench({ lifeCycle: ["CREATED", "IN_PROGRESS", "COMPLETED"] });
    const events: BatchEvent[] = [];
    const onEvent = (event: BatchEvent): void => void events.push(event);
    const [result] = await place.run([place.a], { onEvent });
    const task = result?.task ?? "";
    expect(events).toEqual([
      { type: "started", path: place.a },
      { type: "sending", path: place.a },
      { type: "task", path: place.a, task, resumed: false },
      { type: "status", path: place.a, task, status: "IN_PROGRESS" },
      { type: "status", path: place.a, task, status: "COMPLETED" },
      { type: "saving", path: place.a, task },
    ]);
    events.length = 0;
    await rm(join(place.out, "a.png"));
    await place.run([place.a], { onEvent });
    expect(events).toEqual([
      { type: "started", path: place.a },
      { type: "task", path: place.a, task, resumed: true },
      { type: "status", path: place.a, task, status: "COMPLETED" },
      { type: "saving", path: place.a, task },
    ]);
    events.length = 0;
    expect(await place.run([place.a], { onEvent })).toEqual([
      { outcome: "skipped", path: place.a, task, outputs: [join(place.out, "a.png")] },
    ]);
    expect(events).toEqual([{ type: "started", path: place.a }]);
  });

  it("has a status that is unknown here by the provider's word", async () => {
    await using place = await bench({ lifeCycle: [{ status: "QUEUED", answers: 2 }, "COMPLETED"] });
    const told: string[] = [];
    await place.run([place.a], { onEvent: (event) => void (event.type === "status" && told.push(event.status)) });
    expect(told).toEqual(["QUEUED", "COMPLETED"]);
  });

  it.each(["started", "sending", "task", "status", "saving"])(
    "ends the batch when it throws at %s, and the next run continues",
    async (type) => {
      await using place = await bench();
      const paths = await place.images("a.png", "b.png");
      const mine = new Error("mine");
      const onEvent = (event: BatchEvent): void => {
        if (event.type === type) throw mine;
      };
      await expect(place.run(paths, { onEvent, concurrency: 1 })).rejects.toBe(mine);
      expect(tally(await place.run(paths))).toEqual({ done: 2 });
      expect(place.sandbox.counts.paid).toBe(2);
    },
  );
});

describe("an image that stands elsewhere now", () => {
  it("and would have the same output is skipped: that is its result", async () => {
    await using place = await bench();
    const [done] = await place.run([place.a]);
    const moved = join(place.folder, "elsewhere", "a.png");
    await mkdir(join(place.folder, "elsewhere"));
    await rename(place.a, moved);
    const outputs = [join(place.out, "a.png")];
    expect(await place.run([moved])).toEqual([{ outcome: "skipped", path: moved, task: done?.task, outputs }]);
    expect((await place.records()).filter(({ type }) => type === "done")).toHaveLength(1);
  });

  it("is skipped too where only the first of several results has its own name", async () => {
    await using place = await bench();
    await place.run([place.a]);
    const text = await readFile(place.journal, "utf8");
    await writeFile(place.journal, text.replace('["a.png"]', '["a.png","a-2.png"]'));
    await copyFile(join(place.out, "a.png"), join(place.out, "a-2.png"));
    const moved = join(place.folder, "elsewhere", "a.png");
    await mkdir(join(place.folder, "elsewhere"));
    await rename(place.a, moved);
    expect(await all(planAll([moved], { client: place.client, out: place.out }))).toMatchObject([{ action: "skip" }]);
    expect(await place.run([moved])).toMatchObject([{ outcome: "skipped" }]);
  });

  it("and has another name gets a copy of the result, which is not a second payment", async () => {
    await using place = await bench();
    const [done] = await place.run([place.a]);
    const moved = join(place.folder, "in", "b.png");
    await rename(place.a, moved);
    const outputs = [join(place.out, "b.png")];
    const expected = { path: moved, task: done?.task, outputs };
    expect(await place.run([moved])).toEqual([{ outcome: "done", ...expected, bytes: 400, paid: false }]);
    expect(await place.run([moved])).toEqual([{ outcome: "skipped", ...expected }]);
    expect(place.sandbox.counts).toMatchObject({ paid: 1, downloads: 1 });
  });

  it("is not copied over another's file, unless that may be overwritten", async () => {
    await using place = await bench();
    const [done] = await place.run([place.a]);
    await copyFile(place.a, place.b);
    await writeFile(join(place.out, "b.png"), "mine");
    expect(await place.run([place.b])).toMatchObject([
      { outcome: "failed", task: done?.task, error: { fault: "output_exists" } },
    ]);
    expect(await readFile(join(place.out, "b.png"), "utf8")).toBe("mine");
    expect(tally(await place.run([place.b], { overwrite: true }))).toEqual({ done: 1 });
    expect((await readFile(join(place.out, "b.png"))).equals(await readFile(place.b))).toBe(true);
    expect(place.sandbox.counts.paid).toBe(1);
  });
});

describe("what an image fails with", () => {
  it("names its earlier task when it changed since", async () => {
    await using place = await bench();
    const [done] = await place.run([place.a]);
    place.sandbox.fault({ kind: "reset", on: "submit", handled: true });
    await place.run([place.b]);
    for (const path of [place.a, place.b]) await writeFile(path, pngOf(500, 8, 8, `changed ${path}`));
    const results = await place.run([place.a, place.b], { concurrency: 1 });
    const before = "was sent before with other content, with other settings or to another server.";
    const after = "Allow changed sources to be submitted again, or use another output folder.";
    const error = { fault: "source_changed", submission: "not_sent" };
    expect(results).toMatchObject([
      {
        task: done?.task,
        error: {
          ...error,
          path: place.a,
          taskId: done?.task,
          summary: `${place.a} ${before} Its earlier task is ${done?.task}. ${after}`,
        },
      },
      { error: { ...error, path: place.b, summary: `${place.b} ${before} ${after}` } },
    ]);
    expect(results[1]).not.toHaveProperty("task");
  });

  it("says since when nobody knows of it, and its digest", async () => {
    await using place = await bench();
    place.sandbox.fault({ kind: "reset", on: "submit", handled: true });
    const [lost] = await place.run([place.a]);
    expect(lost).not.toHaveProperty("task");
    const intent = (await place.records()).find(({ type }) => type === "intent");
    const since = new Date(Number(intent?.at)).toISOString();
    expect(await place.run([place.a])).toMatchObject([
      {
        outcome: "unknown",
        error: {
          digest: intent?.digest,
          submission: "unknown",
          summary: `${place.a} was sent before (${since}), and it is not known whether that made a task. Look for a task of that time in the list of tasks; allow unknown outcomes to be retried only if there is none.`,
        },
      },
    ]);
  });

  it("holds its task where the journal could not be written, and is asked about then", async () => {
    await using place = await bench();
    const handle = await fs.open(place.a);
    const files = Object.getPrototypeOf(handle) as typeof handle;
    await handle.close();
    const full = (write: typeof files.write): typeof files.write =>
      function (this: typeof files, ...given: unknown[]) {
        const said = Buffer.isBuffer(given[0]) ? given[0].toString() : "";
        if (said.includes('"type":"task"')) return Promise.reject(systemError("ENOSPC"));
        return Reflect.apply(write, this, given);
      } as never;
    const results: BatchResult[] = [];
    const { client, out } = place;
    await replaced(files, "write", full, () =>
      expect(
        (async () => {
          for await (const result of upscaleAll([place.a, place.b], { client, out, concurrency: 1 }))
            results.push(result);
        })(),
      ).rejects.toMatchObject({ fault: "disk_full", path: place.journal }),
    );
    const task = place.sandbox.tasks()[0]?.id;
    expect(results).toMatchObject([{ outcome: "failed", task, error: { submission: "unknown", taskId: task } }]);
    expect(place.sandbox.counts.paid).toBe(1);
    expect(tally(await place.run([place.a, place.b]))).toEqual({ unknown: 1, done: 1 });
    expect(place.sandbox.counts.paid).toBe(2);
  });

  it("ends the batch where it is none of this package's errors", async () => {
    await using place = await bench();
    const failing = (stat: typeof fs.stat): typeof fs.stat =>
      ((path: string) => (path.endsWith("out/a.png") ? Promise.reject(systemError("EIO")) : stat(path))) as never;
    await replaced(fs, "stat", failing, () => expect(place.run([place.a])).rejects.toThrow("EIO"));
    expect(tally(await place.run([place.a]))).toEqual({ skipped: 1 });
    expect(place.sandbox.counts.paid).toBe(1);
  });

  it("is its task's end, which the journal then knows", async () => {
    await using place = await bench();
    place.sandbox.script("failed");
    const [failed] = await place.run([place.a]);
    const digest = (await place.records()).find(({ type }) => type === "intent")?.digest;
    expect((await place.records()).at(-1)).toMatchObject({ type: "failed", digest, task: failed?.task });
  });

  it("keeps its task when the result is fetched in vain, for the next run", async () => {
    await using place = await bench();
    place.sandbox.fault({ kind: "error", status: 400, on: "result", times: 9 });
    const [first] = await place.run([place.a]);
    expect(first).toMatchObject({ outcome: "failed", task: place.sandbox.tasks()[0]?.id });
    expect(await place.outputs()).toEqual([]);
  });
});

describe("a new result", () => {
  it("takes the place of the old one, also after a run that was stopped between", async () => {
    await using place = await bench();
    await place.run([place.a]);
    await writeFile(place.a, pngOf(500, 8, 8, "changed"));
    place.sandbox.script("stuck");
    expect(tally(await place.run([place.a], { resubmitChanged: true, timeout: 20 }))).toEqual({ failed: 1 });
    expect((await readFile(join(place.out, "a.png"))).byteLength).toBe(400);
    place.sandbox.script("failed");
    await writeFile(place.a, pngOf(600, 8, 8, "changed again"));
    expect(tally(await place.run([place.a], { resubmitChanged: true }))).toEqual({ failed: 1 });
    expect(tally(await place.run([place.a], { resubmitFailed: true }))).toEqual({ done: 1 });
    expect((await readFile(join(place.out, "a.png"))).byteLength).toBe(600);
  });
});

describe("a result that gave way to another", () => {
  it("is fetched again for a source that has it, and the other is not taken for it", async () => {
    await using place = await bench();
    const [before, after] = [await readFile(place.a), pngOf(500, 8, 8, "changed")];
    const [first] = await place.run([place.a]);
    await writeFile(place.a, after);
    expect(tally(await place.run([place.a], { resubmitChanged: true }))).toEqual({ done: 1 });

    const twin = join(place.folder, "in", "b.png");
    await writeFile(twin, before);
    expect(await all(planAll([twin], { client: place.client, out: place.out }))).toMatchObject([
      { action: "resume", task: first?.task },
    ]);
    expect(await place.run([twin])).toMatchObject([{ outcome: "done", task: first?.task, paid: false, bytes: 400 }]);
    expect((await readFile(join(place.out, "b.png"))).equals(before)).toBe(true);

    // And for the source itself, when it is again what it was.
    await writeFile(place.a, before);
    expect(await place.run([place.a], { resubmitChanged: true })).toMatchObject([{ outcome: "done", paid: false }]);
    expect((await readFile(join(place.out, "a.png"))).equals(before)).toBe(true);
    expect(place.sandbox.counts.paid).toBe(2);
  });

  it("to another source's is not put over that in its turn", async () => {
    await using place = await bench();
    const [a = "", other = ""] = await place.images("a.png", "other.png");
    const [first] = await place.run([a]);
    const rival = join(place.folder, "elsewhere", "a.png");
    await mkdir(join(place.folder, "elsewhere"));
    await rename(other, rival);
    expect(tally(await place.run([rival], { overwrite: true }))).toEqual({ done: 1 });
    expect(await place.run([a])).toMatchObject([
      { outcome: "failed", task: first?.task, error: { fault: "output_exists" } },
    ]);
    expect((await readFile(join(place.out, "a.png"))).equals(await readFile(rival))).toBe(true);
    expect(place.sandbox.counts.paid).toBe(2);
  });
});
