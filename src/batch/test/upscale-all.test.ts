import { appendFile, copyFile, mkdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { pngOf } from "../../test-support/png.js";
import type { BatchEvent } from "../options.js";
import { upscaleAll } from "../upscale-all.js";
import { all, bench, clientOf, tally } from "./bench.js";

describe("a batch", () => {
  // @tests BatchSettings.client, BatchSettings.out, BatchSettings.parameters, UpscaleAllOptions.note
  it("upscales each image once and writes down intent, task and result in this order", async () => {
    await using place = await bench();
    const results = await place.run([place.a, place.b], { parameters: { sharpen: 40 }, note: { by: "test" } });

    expect(tally(results)).toEqual({ done: 2 });
    expect(results).toContainEqual(
      expect.objectContaining({ path: place.a, paid: true, outputs: [join(place.out, "a.png")], bytes: 400 }),
    );
    expect(await readFile(join(place.out, "b.png"))).toEqual(await readFile(place.b));
    expect(place.sandbox.tasks().map(({ sliders }) => sliders.sharpen)).toEqual([40, 40]);
    expect(place.sandbox.counts.paid).toBe(2);

    const [header, run, ...records] = await place.records();
    expect(header).toMatchObject({ journal: "magnific-client batch", version: 1 });
    expect(run).toMatchObject({ type: "run", pid: process.pid, note: { by: "test" } });
    const ofA = records.filter(
      ({ digest }) => digest === records.find(({ source }) => source === "../in/a.png")?.digest,
    );
    expect(ofA.map(({ type }) => type)).toEqual(["intent", "task", "done"]);
    expect(ofA[0]).toMatchObject({ output: "a.{ext}" });
    expect(ofA[2]).toMatchObject({ outputs: ["a.png"] });
    expect((await place.outputs()).map((path) => relative(place.out, path))).toEqual(["a.png", "b.png"]);
    // Run again it skips them, without a request.
    const { requests } = place.sandbox.counts;
    expect(tally(await place.run([place.a, place.b], { parameters: { sharpen: 40 } }))).toEqual({ skipped: 2 });
    expect(place.sandbox.counts.requests).toBe(requests);
  });

  it("uses the name that an image is given, and knows it by that name when it lies elsewhere", async () => {
    await using place = await bench();
    await writeFile(place.b, await readFile(place.a));
    const run = (path: string, name: string) =>
      all(upscaleAll([{ path, as: "-" }], { client: place.client, out: place.out, name }));
    const outputs = [join(place.out, "x.png")];
    expect(await run(place.a, "x.{ext}")).toMatchObject([{ outcome: "done", path: "-", outputs }]);
    expect(await run(place.b, "x.{ext}")).toMatchObject([{ outcome: "skipped", path: "-", outputs }]);
    // Under another name it is a copy, which costs nothing.
    const renamed = { outcome: "done", paid: false, outputs: [join(place.out, "b.png")] };
    expect(await run(place.b, "{name}.{ext}")).toMatchObject([renamed]);
    expect(place.sandbox.counts.paid).toBe(1);
    expect(await place.records()).toContainEqual(expect.objectContaining({ type: "done", source: "-" }));
  });

  it("skips by digest a file that was only touched, and fetches a result again that is gone", async () => {
    await using place = await bench();
    const paths = await place.images("a.png", "b.png");
    await place.run(paths);
    await utimes(paths[0] ?? "", new Date(0), new Date(0));
    await rm(join(place.out, "b.png"));
    expect(tally(await place.run(paths))).toEqual({ skipped: 1, done: 1 });
    expect(await place.outputs()).toHaveLength(2);
    expect(place.sandbox.counts.paid).toBe(2);
  });

  it("sends an image that stands under two names once, and writes both results", async () => {
    await using place = await bench();
    const twins = [join(place.folder, "in", "b.png"), join(place.folder, "in", "c.png")];
    for (const twin of twins) await writeFile(twin, await readFile(place.a));
    expect(tally(await place.run([place.a, twins[0] ?? ""], { concurrency: 2 }))).toEqual({ done: 2 });
    // Later, too: the result is copied then, also when its URL is long gone.
    const [late] = await place.run([twins[1] ?? ""]);
    expect(late).toMatchObject({ outcome: "done", paid: false });
    expect(place.sandbox.counts.paid).toBe(1);
    expect(place.sandbox.counts.downloads).toBe(2);
    expect(await place.outputs()).toHaveLength(3);
  });

  // @tests UpscaleAllOptions.timeout, UpscaleAllOptions.onEvent
  it("resumes a known task instead of sending again", async () => {
    await using place = await bench({ lifeCycle: "stuck" });
    const [first] = await place.run([place.a], { timeout: 30 });
    expect(first).toMatchObject({ outcome: "failed", error: { code: "wait_timeout" } });
    const events: BatchEvent[] = [];
    const [second] = await place.run([place.a], { timeout: 30, onEvent: (event) => events.push(event) });
    expect(second?.task).toBe(first?.task);
    expect(events).toContainEqual({ type: "task", path: place.a, task: first?.task, resumed: true });
    expect(place.sandbox.counts.paid).toBe(1);
  });

  it("continues with images when one fails, and says what is wrong with it", async () => {
    await using place = await bench();
    await writeFile(place.a, "no image");
    const results = await place.run([place.a, join(place.folder, "none.png"), place.b]);
    expect(tally(results)).toEqual({ failed: 2, done: 1 });
    expect(results.find(({ path }) => path === place.a)).toMatchObject({ error: { code: "invalid_request" } });
    expect(place.sandbox.counts.paid).toBe(1);
  });

  it("stops sending when the key is refused", async () => {
    await using place = await bench();
    const paths = await place.images("a.png", "b.png", "c.png");
    const client = clientOf(place.sandbox, { apiKey: "wrong" });
    const results = await place.run(paths, { client, concurrency: 1 });
    expect(results).toMatchObject([{ outcome: "failed", error: { code: "authentication_failed" } }]);
    expect(place.sandbox.counts.submits).toBe(1);
    // Refused means that no task was made: with the right key they are sent without asking.
    expect(tally(await place.run(paths, { client: place.client }))).toEqual({ done: 3 });
  });
});

describe("an outcome that nobody knows", () => {
  // @tests BatchSettings.resubmitUnknown
  it("is listed, not retried, and retried only when asked to", async () => {
    await using place = await bench();
    place.sandbox.fault({ kind: "reset", on: "submit", handled: true });
    const [lost] = await place.run([place.a]);
    expect(lost).toMatchObject({ outcome: "unknown", error: { submission: "unknown" } });

    const again = await place.run([place.a, place.b]);
    expect(tally(again)).toEqual({ unknown: 1, done: 1 });
    expect(again.find(({ path }) => path === place.a)).toMatchObject({ error: { code: "submission_unknown" } });
    expect(place.sandbox.counts.paid).toBe(2);

    expect(tally(await place.run([place.a, place.b], { resubmitUnknown: true }))).toEqual({ done: 1, skipped: 1 });
    expect(place.sandbox.counts.paid).toBe(3);
    expect(tally(await place.run([place.a, place.b]))).toEqual({ skipped: 2 });
  });

  it("of this run is not retried by this run, whatever its options say", async () => {
    await using place = await bench();
    await copyFile(place.a, place.b);
    place.sandbox.fault({ kind: "reset", on: "submit", handled: true });
    expect(tally(await place.run([place.a, place.b], { concurrency: 1, resubmitUnknown: true }))).toEqual({
      unknown: 2,
    });
    expect(place.sandbox.counts.paid).toBe(1);
  });

  it("is none where the provider refused", async () => {
    await using place = await bench();
    place.sandbox.fault({ kind: "rate_limited", on: "submit", retryAfter: "0" });
    expect(await place.run([place.a])).toMatchObject([{ outcome: "failed", error: { submission: "rejected" } }]);
    expect(tally(await place.run([place.a]))).toEqual({ done: 1 });
  });
});

describe("a failed task", () => {
  // @tests BatchSettings.resubmitFailed
  it("is not paid for again unless asked to", async () => {
    await using place = await bench();
    place.sandbox.script("failed");
    expect(await place.run([place.a])).toMatchObject([{ outcome: "failed", error: { code: "task_failed" } }]);
    expect(await place.run([place.a])).toMatchObject([{ outcome: "failed", error: { code: "task_failed" } }]);
    expect(place.sandbox.counts.paid).toBe(1);
    expect(tally(await place.run([place.a], { resubmitFailed: true }))).toEqual({ done: 1 });
    expect(place.sandbox.counts.paid).toBe(2);
  });
});

describe("a source that changed", () => {
  // @tests BatchSettings.resubmitChanged
  it("is neither sent nor mixed up with its old result, unless asked to", async () => {
    await using place = await bench();
    await place.run([place.a]);
    await writeFile(place.a, pngOf(500, 8, 8, "changed"));
    const [result] = await place.run([place.a]);
    expect(result).toMatchObject({ outcome: "failed", error: { fault: "source_changed" } });
    expect((await stat(join(place.out, "a.png"))).size).toBe(400);
    expect(place.sandbox.counts.paid).toBe(1);

    expect(tally(await place.run([place.a], { resubmitChanged: true }))).toEqual({ done: 1 });
    expect((await stat(join(place.out, "a.png"))).size).toBe(500);
    expect(tally(await place.run([place.a]))).toEqual({ skipped: 1 });
  });

  // @tests BatchSettings.verify
  it("is noticed although its size and times are as they were, when asked to verify", async () => {
    await using place = await bench();
    await place.run([place.a]);
    // What is written here stands for a change that no time shows: the journal is made to believe in it.
    const journal = await readFile(place.journal, "utf8");
    await writeFile(place.a, pngOf(400, 8, 8, "changed"));
    const { size, mtimeMs, ctimeMs } = await stat(place.a);
    const facts = JSON.stringify({ size, mtimeMs, ctimeMs });
    await writeFile(
      place.journal,
      journal.replace(/"facts":\{[^}]*\}/, `"facts":${facts}`).replaceAll(/"at":\d+/g, `"at":${Date.now() + 60_000}`),
    );
    expect(tally(await place.run([place.a]))).toEqual({ skipped: 1 });
    expect(await place.run([place.a], { verify: true })).toMatchObject([{ error: { fault: "source_changed" } }]);
  });

  it("is noticed when other parameters are asked for", async () => {
    await using place = await bench();
    await place.run([place.a]);
    expect(await place.run([place.a], { parameters: { sharpen: 30 } })).toMatchObject([
      { error: { fault: "source_changed" } },
    ]);
    expect(place.sandbox.counts.paid).toBe(1);
  });

  it("between its digest and its send fails as changed, with nothing paid", async () => {
    await using place = await bench();
    const client = clientOf(place.sandbox, {
      fetch: async (input, init) => {
        await appendFile(place.a, "x");
        return fetch(input, init);
      },
    });
    const [result] = await place.run([place.a], { client });
    expect(result).toMatchObject({ outcome: "failed", error: { fault: "source_changed", submission: "not_sent" } });
    expect(place.sandbox.counts.paid).toBe(0);
    expect(tally(await place.run([place.a]))).toEqual({ done: 1 });
  });
});

describe("files that are there", () => {
  // @tests BatchSettings.overwrite
  it("are never overwritten, and nothing is paid for a result that could not be kept", async () => {
    await using place = await bench();
    await mkdir(place.out);
    await writeFile(join(place.out, "a.jpg"), "mine");
    expect(await place.run([place.a])).toMatchObject([{ outcome: "failed", error: { fault: "output_exists" } }]);
    expect(place.sandbox.counts.submits).toBe(0);
    expect(tally(await place.run([place.a], { overwrite: true }))).toEqual({ done: 1 });
    expect(await readFile(join(place.out, "a.jpg"), "utf8")).toBe("mine");
  });

  it("are not overwritten either when they come while the task runs", async () => {
    await using place = await bench({ lifeCycle: ["CREATED", { status: "IN_PROGRESS", ms: 100 }, "COMPLETED"] });
    const target = join(place.out, "a.png");
    const onEvent = ({ type }: BatchEvent): void => {
      if (type === "task") void writeFile(target, "mine");
    };
    expect(await place.run([place.a], { onEvent })).toMatchObject([
      { outcome: "failed", error: { fault: "output_exists" } },
    ]);
    expect(await readFile(target, "utf8")).toBe("mine");
    await rm(target);
    expect(tally(await place.run([place.a]))).toEqual({ done: 1 });
    expect(place.sandbox.counts.paid).toBe(1);
  });

  // @tests BatchSettings.journal
  it("its journal is where the option says", async () => {
    await using place = await bench();
    const journal = join(place.folder, "elsewhere.jsonl");
    const inputs = await place.images("a.png");
    expect(tally(await place.run(inputs, { journal }))).toEqual({ done: 1 });
    expect(await readFile(journal, "utf8")).toContain("magnific-client batch");
    await expect(readFile(place.journal, "utf8")).rejects.toThrow("ENOENT");
  });

  it("keep the braces of a source's name, whatever other sources are called", async () => {
    await using place = await bench();
    const paths = await place.images("{ext}.png", "png.png", "{name}{dir}.png", "{source_ext}.png");
    expect(tally(await place.run(paths))).toEqual({ done: 4 });
    const names = paths.map((path) => join(place.out, basename(path))).sort();
    expect(await place.outputs()).toEqual(names);
    expect(place.sandbox.counts.paid).toBe(4);
  });

  // @tests BatchSettings.name
  it("of two sources with one output name the second fails, unpaid", async () => {
    await using place = await bench();
    await writeFile(join(place.folder, "in", "a.webp"), pngOf(410, 8, 8, "other"));
    const both = [place.a, join(place.folder, "in", "a.webp")];
    const results = await place.run(both);
    expect(tally(results)).toEqual({ done: 1, failed: 1 });
    expect(results.find(({ path }) => path !== place.a)).toMatchObject({ error: { fault: "output_taken" } });
    expect(
      tally(await place.run(both, { name: "{name}-{source_ext}.{ext}", out: join(place.folder, "other") })),
    ).toEqual({
      done: 2,
    });
  });
});

describe("options", () => {
  // @tests UpscaleAllOptions.concurrency
  it("bound how many images are in progress at once", async () => {
    await using place = await bench({ lifeCycle: ["CREATED", { status: "IN_PROGRESS", ms: 20 }, "COMPLETED"] });
    const paths = await place.images(...Array.from({ length: 9 }, (_, index) => `${index}.png`));
    const most = async (concurrency: number, out: string): Promise<number> => {
      let [current, peak] = [0, 0];
      const onEvent = ({ type }: BatchEvent): void => {
        if (type === "started") peak = Math.max(peak, ++current);
      };
      for await (const _ of upscaleAll(paths, { client: place.client, out, concurrency, onEvent })) current--;
      return peak;
    };
    expect(await most(3, join(place.folder, "three"))).toBe(3);
    expect(await most(1, join(place.folder, "one"))).toBe(1);
  });

  it("take inputs as they come, and folders from {dir}", async () => {
    await using place = await bench();
    async function* inputs() {
      yield { path: place.a, dir: "holiday/2026" };
    }
    const { client, out } = place;
    await all(upscaleAll(inputs(), { client, out, journal: join(place.folder, "elsewhere.jsonl") }));
    expect((await place.outputs()).map((path) => relative(place.out, path))).toEqual(["holiday/2026/a.png"]);
  });
});
