import { rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { memoryTaskStore } from "../../index.js";
import { bench, clientOf, tally } from "./bench.js";

const REACHED = {
  code: "submit_limit_reached",
  submission: "not_sent",
  message: expect.stringContaining("magnific-journal.jsonl"),
};

describe("a batch of a client with maxSubmits", () => {
  it("ends softly at the limit, counted in the journal across runs, and a higher limit resumes it", async () => {
    await using place = await bench();
    const paths = await place.images(...Array.from({ length: 8 }, (_, n) => `${n}.png`));
    const run = (maxSubmits: number) => place.run(paths, { client: clientOf(place.sandbox, { maxSubmits }) });
    const first = await run(3);
    expect(tally(first)).toEqual({ done: 3, stopped: 5 });
    for (const result of first) if (result.outcome === "stopped") expect(result.error).toMatchObject(REACHED);
    expect(tally(await run(3))).toEqual({ skipped: 3, stopped: 5 });
    expect(place.sandbox.counts.paid).toBe(3);
    expect(tally(await run(5))).toEqual({ skipped: 3, done: 2, stopped: 3 });
    expect(tally(await run(8))).toEqual({ skipped: 5, done: 3 });
    expect(place.sandbox.counts.paid).toBe(8);
  });

  it("finishes what has a task, also behind images that may not be sent", async () => {
    await using place = await bench();
    const paths = await place.images("c.png", "d.png");
    await place.run(paths.slice(1));
    await rm(join(place.out, "d.png"));
    const results = await place.run(paths, { client: clientOf(place.sandbox, { maxSubmits: 1 }), concurrency: 1 });
    expect(tally(results)).toEqual({ stopped: 1, done: 1 });
  });

  it("counts sends of runs without a limit and those of unknown outcome, and not what was refused", async () => {
    await using place = await bench();
    const [c = "", d = "", e = "", f = ""] = await place.images("c.png", "d.png", "e.png", "f.png");
    await place.run([c]);
    place.sandbox.fault({ kind: "reset", on: "submit", handled: true });
    expect(tally(await place.run([d]))).toEqual({ unknown: 1 });
    place.sandbox.fault({ kind: "error", status: 400, on: "submit" });
    expect(tally(await place.run([e]))).toEqual({ failed: 1 });
    const client = clientOf(place.sandbox, { maxSubmits: 3 });
    expect(tally(await place.run([f], { client }))).toEqual({ done: 1 });
    expect(await place.run([e], { client: clientOf(place.sandbox, { maxSubmits: 3 }) })).toMatchObject([
      { outcome: "stopped", error: { ...REACHED, used: 3 } },
    ]);
    expect(place.sandbox.counts.paid).toBe(3);
  });

  it("counts a second send of an image whose first one is unknown", async () => {
    await using place = await bench();
    place.sandbox.fault({ kind: "reset", on: "submit", handled: true });
    await place.run([place.a]);
    const run = (maxSubmits: number) =>
      place.run([place.a], { client: clientOf(place.sandbox, { maxSubmits }), resubmitUnknown: true });
    expect(tally(await run(1))).toEqual({ stopped: 1 });
    expect(tally(await run(2))).toEqual({ done: 1 });
  });

  it("counts in the journal, not in the client's store", async () => {
    await using place = await bench();
    const store = memoryTaskStore();
    await place.run([place.a], { client: clientOf(place.sandbox, { store, maxSubmits: 1 }) });
    expect(await store.reserve?.(1)).toMatchObject({ used: 1, release: expect.any(Function) });
  });
});
