import { describe, expect, it } from "vitest";
import type { BatchEvent } from "../options.js";
import { bench, tally } from "./bench.js";

describe("a batch that is stopped", () => {
  const slow = ["CREATED", { status: "IN_PROGRESS", ms: 300 }, "COMPLETED"];

  // @tests UpscaleAllOptions.stop
  it("gently, sends nothing more and finishes what is in flight", async () => {
    await using place = await bench({ lifeCycle: slow });
    const paths = await place.images("a.png", "b.png", "c.png", "d.png");
    const stop = new AbortController();
    const onEvent = ({ type }: BatchEvent): void => {
      if (type === "task") stop.abort();
    };
    const results = await place.run(paths, { concurrency: 2, stop: stop.signal, onEvent });
    const { done = 0, stopped = 0 } = tally(results);
    expect(done).toBe(place.sandbox.counts.paid);
    expect(done + stopped).toBe(2);
    expect(tally(await place.run(paths))).toMatchObject({ done: 4 - done, skipped: done });
  });

  // @tests UpscaleAllOptions.signal
  it("at once, leaves its tasks to the next run", async () => {
    await using place = await bench({ lifeCycle: slow });
    const paths = await place.images("a.png", "b.png", "c.png");
    const now = new AbortController();
    const onEvent = ({ type }: BatchEvent): void => {
      if (type === "status") now.abort();
    };
    const results = await place.run(paths, { concurrency: 2, signal: now.signal, onEvent });
    expect(tally(results)).toEqual({ stopped: 2 });
    const { paid } = place.sandbox.counts;
    expect(tally(await place.run(paths))).toEqual({ done: 3 });
    expect(place.sandbox.counts.paid).toBe(3);
    expect(paid).toBeLessThanOrEqual(2);
  });

  it("waits for the answers to sends that are in flight, and so knows their tasks", async () => {
    await using place = await bench({ latencyMs: 200 });
    const now = new AbortController();
    const onEvent = ({ type }: BatchEvent): void => {
      if (type === "sending") now.abort();
    };
    const [result] = await place.run([place.a], { signal: now.signal, onEvent });
    expect(result).toMatchObject({ outcome: "stopped", task: place.sandbox.tasks()[0]?.id });
    expect(tally(await place.run([place.a]))).toEqual({ done: 1 });
    expect(place.sandbox.counts.paid).toBe(1);
  });
});
