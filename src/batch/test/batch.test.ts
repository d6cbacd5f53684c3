import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { AuthenticationError } from "../../errors/authentication-error.js";
import { ConfigurationError } from "../../errors/configuration-error.js";
import { CreditsExhaustedError } from "../../errors/credits-exhausted-error.js";
import { FileError } from "../../errors/file-error.js";
import type { MagnificError } from "../../errors/magnific-error.js";
import { RateLimitError } from "../../errors/rate-limit-error.js";
import { jobOf } from "../context.js";
import { BatchError } from "../errors.js";
import { bench } from "./bench.js";
import { systemError } from "./replaced.js";
import { CAN_MOUNT, smallDisk } from "./small-disk.js";
import { underWay } from "./under-way.js";

const TASK = "046b6c7f-0b8a-43b9-b35d-6489e6daee91";

describe("the store of a batch", () => {
  it("knows of a digest what the journal knows", async () => {
    await using place = await bench();
    const [a = ""] = await place.images("a.png");
    await using open = await underWay(place);
    const { batch } = open;
    const digested = await open.digested(a);
    const { digest } = digested;
    const { store } = batch;

    expect(await store.begin(digest, 1)).toBeUndefined();
    await batch.intend(digested);
    const { at } = batch.known.digests.get(digest) ?? {};
    expect(await store.begin(digest, 1)).toEqual({ state: "sending", taskId: undefined, at });
    await store.finish(digest, TASK, 7);
    expect(await store.begin(digest, 1)).toEqual({ state: "sent", taskId: TASK, at: 7 });
    await batch.failed(digest, TASK);
    // A task that failed was sent all the same.
    expect(await store.begin(digest, 1)).toMatchObject({ state: "sent", taskId: TASK });
    expect((await place.records()).slice(1)).toMatchObject([
      { type: "intent", digest },
      { type: "task", digest, task: TASK, at: 7 },
      { type: "failed", digest, task: TASK, at: expect.any(Number) },
    ]);
  });

  it("lets a digest be sent again once for each time that it is told to", async () => {
    await using place = await bench();
    const [a = ""] = await place.images("a.png");
    await using open = await underWay(place);
    const { batch } = open;
    const digested = await open.digested(a);
    await batch.intend(digested);
    batch.sendAgain(digested.digest);
    expect(await batch.store.begin(digested.digest, 1)).toBeUndefined();
    await batch.intend(digested);
    expect(await batch.store.begin(digested.digest, 1)).toMatchObject({ state: "sending" });
  });

  it("forgets what this run was sending, and nothing else", async () => {
    await using place = await bench();
    const [a = "", b = "", c = ""] = await place.images("a.png", "b.png", "c.png");
    const types = async (): Promise<unknown[]> => (await place.records()).slice(1).map(({ type }) => type);
    {
      await using earlier = await underWay(place);
      await earlier.batch.intend(await earlier.digested(a));
    }
    await using open = await underWay(place);
    const { batch } = open;
    const [ofA, ofB, ofC] = [await open.digested(a), await open.digested(b), await open.digested(c)];
    await batch.store.forget(ofA.digest);
    expect(batch.known.digests.get(ofA.digest)).toMatchObject({ state: "sending", earlier: true });
    await batch.store.forget(ofB.digest);
    expect(await types()).toEqual(["intent"]);
    await batch.intend(ofB);
    await batch.store.finish(ofB.digest, TASK, 1);
    await batch.store.forget(ofB.digest);
    expect(batch.known.digests.get(ofB.digest)).toMatchObject({ state: "sent", task: TASK });
    await batch.intend(ofC);
    await batch.store.forget(ofC.digest);
    expect(batch.known.digests.has(ofC.digest)).toBe(false);
    expect(await types()).toEqual(["intent", "intent", "task", "intent", "refused"]);
  });
});

describe("an output's name", () => {
  it("is one source's for the run", async () => {
    await using place = await bench();
    await using open = await underWay(place);
    const { batch } = open;
    const [mine, other] = [jobOf(batch.places, "x/a.png"), jobOf(batch.places, "y/a.webp")];
    batch.claim(mine);
    batch.claim(mine);
    expect(() => batch.claim(other)).toThrow(
      expect.objectContaining({
        fault: "output_taken",
        path: join(place.out, "a.{ext}"),
        submission: "not_sent",
        message: `y/a.webp and another source of this batch (${mine.source}) would have the same output name. Use a template that tells them apart, e.g. with {source_ext} or {dir}.`,
      }),
    );
    batch.claim(mine);
  });
});

describe("a result", () => {
  it("is written when each of its files is there, and has the size of all", async () => {
    await using place = await bench();
    const [a = ""] = await place.images("a.png");
    await using open = await underWay(place);
    const { batch } = open;
    const digested = await open.digested(a);
    const outputs = [join(place.out, "a.png"), join(place.out, "a-2.png")];
    const { job, digest, facts } = digested;
    const done = { digest, outputs: ["a.png", "a-2.png"], task: TASK, facts, at: 0 };
    await mkdir(place.out, { recursive: true });
    await writeFile(outputs[0] ?? "", "123");
    await writeFile(outputs[1] ?? "", "4567");
    expect(batch.written(done)).toBe(false);
    expect(await batch.finished(digested, TASK, outputs)).toBe(7);
    expect(batch.written(done)).toBe(true);
    await rm(outputs[0] ?? "");
    expect(batch.written(done)).toBe(false);
    expect(batch.written({ ...done, digest: "another", outputs: ["a-2.png"] })).toBe(false);
    const record = { type: "done", source: job.source, digest, settings: batch.settings, task: TASK, facts };
    expect((await place.records()).at(-1)).toEqual({ ...record, at: expect.any(Number), outputs: done.outputs });
  });
});

describe("a stop", () => {
  it("reaches all that wait for it, and only these", async () => {
    await using place = await bench();
    await using open = await underWay(place);
    const { batch } = open;
    const told: string[] = [];
    batch.onStop(() => told.push("one"));
    const end = batch.onStop(() => told.push("two"));
    end();
    expect(batch.stopping).toBe(false);
    batch.stop();
    expect([batch.stopping, batch.hard.aborted, told]).toEqual([true, false, ["one"]]);
    expect(batch.fatal).toBeUndefined();
  });

  it("at once ends waits and downloads too, with its reason", async () => {
    await using place = await bench();
    await using open = await underWay(place);
    const { batch } = open;
    const told: string[] = [];
    batch.onStop(() => told.push("stopped"));
    batch.abort("enough");
    expect([batch.stopping, batch.hard.aborted, batch.hard.reason, told]).toEqual([true, true, "enough", ["stopped"]]);
  });
});

describe("an error of one image", () => {
  const api = { status: 400 };
  const file = (code: string): FileError => new FileError(`It failed: ${code}.`, { cause: systemError(code) });
  const considered = async (...errors: MagnificError[]): Promise<{ stopping: boolean; fatal: unknown }> => {
    await using place = await bench();
    await using open = await underWay(place);
    for (const error of errors) open.batch.consider(error);
    const { stopping, fatal, hard } = open.batch;
    // What was sent is waited for and fetched all the same.
    expect(hard.aborted).toBe(false);
    return {
      stopping,
      fatal: fatal && {
        ...fatal,
        message: fatal.message,
        out: fatal.path === place.out,
        caused: fatal.cause === errors[0],
      },
    };
  };

  it.each<[string, MagnificError]>([
    ["a refused key", new AuthenticationError("no", api)],
    ["used-up credits", new CreditsExhaustedError("no", api)],
    ["a used-up limit", new RateLimitError("usage_limit_reached", "no", api)],
    ["options that cannot work", new ConfigurationError("no")],
  ])("is one of all where it is %s: nothing more is sent", async (_name, error) => {
    expect(await considered(error)).toEqual({ stopping: true, fatal: undefined });
  });

  it.each<[string, MagnificError]>([
    ["a limit that passes", new RateLimitError("rate_limited", "no", api)],
    ["a file that cannot be read", file("EACCES")],
    ["a source that changed", new BatchError("source_changed", "/a", "changed")],
  ])("is its own where it is %s", async (_name, error) => {
    expect(await considered(error)).toEqual({ stopping: false, fatal: undefined });
  });

  it.each([
    ["ENOSPC", "disk_full"],
    ["EDQUOT", "disk_full"],
    ["EROFS", "journal_unwritable"],
  ])("ends the batch where it is %s, as %s", async (code, fault) => {
    expect(await considered(file(code))).toMatchObject({
      stopping: true,
      fatal: { fault, out: true, message: `Results can no longer be written: It failed: ${code}.`, caused: true },
    });
  });

  it("that says why itself is kept, and so is the first", async () => {
    const first = new BatchError("disk_full", "/out/a.png", "The first.", { cause: systemError("ENOSPC") });
    expect(await considered(first, file("EROFS"))).toMatchObject({
      stopping: true,
      fatal: { fault: "disk_full", message: "The first.", out: false },
    });
  });

  it.skipIf(!CAN_MOUNT)("that met a journal on a full disk ends the batch with the journal's word", async () => {
    await using place = await bench();
    const [a = ""] = await place.images("a.png");
    await using disk = await smallDisk(join(place.folder, "small"));
    await using open = await underWay(place, { journal: join(place.folder, "small", "j.jsonl") });
    const { batch, journal } = open;
    const digested = await open.digested(a);
    await batch.intend(digested);
    const whole = await readFile(journal.path, "utf8");
    disk.fill();
    const note = "x".repeat(8192);
    const broken = expect.objectContaining({ fault: "disk_full", path: journal.path });
    await expect(journal.append({ type: "run", at: 0, pid: 0, note })).rejects.toEqual(broken);
    expect(batch.stopping).toBe(false);
    batch.consider(new BatchError("source_changed", "/a", "changed"));
    expect([batch.stopping, batch.fatal]).toEqual([true, broken]);
    // Half a record is taken back, and nothing follows it although there is room again.
    expect(await readFile(journal.path, "utf8")).toBe(whole);
    disk.clear();
    await expect(batch.failed(digested.digest, TASK)).rejects.toEqual(broken);
    expect(await readFile(journal.path, "utf8")).toBe(whole);
  });
});
