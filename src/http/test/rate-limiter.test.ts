import { describe, expect, it } from "vitest";
import { countedSignal } from "../../test-support/loopback.js";
import { VirtualTime } from "../../test-support/virtual-time.js";
import { type Permit, rateLimiter } from "../rate-limiter.js";

/** Takes permits and notes when each was given, by the second. */
function asking(perMinute: number | false): {
  time: VirtualTime;
  ask: (count: number, hold?: boolean) => void;
  given: number[];
  permits: Permit[];
  limiter: ReturnType<typeof rateLimiter>;
} {
  const time = new VirtualTime();
  const limiter = rateLimiter(time, perMinute);
  const start = time.now();
  const given: number[] = [];
  const permits: Permit[] = [];
  const ask = (count: number, hold = false): void => {
    for (let i = 0; i < count; i++)
      void limiter.acquire().then((permit) => {
        given.push((time.now() - start) / 1000);
        permits.push(permit);
        if (!hold) permit.settle();
      });
  };
  return { time, ask, given, permits, limiter };
}

describe("the limiter", () => {
  it("lets so many go in any 60 seconds", async () => {
    const { time, ask, given } = asking(3);
    ask(2);
    await time.advance(10_000);
    ask(6);
    await time.advance(49_999);
    expect(given).toEqual([0, 0, 10]);
    await time.advance(1);
    expect(given).toEqual([0, 0, 10, 60, 60]);
    await time.advance(60_000);
    expect(given).toEqual([0, 0, 10, 60, 60, 70, 120, 120]);
    expect(time.pending).toBe(0);
  });

  it("keeps a thousand waits at once within it", async () => {
    const { time, ask, given } = asking(50);
    ask(1_000);
    await time.advance(20 * 60_000);
    expect(given.length).toBe(1_000);
    for (let i = 50; i < given.length; i++) expect((given[i] ?? 0) - (given[i - 50] ?? 0)).toBeGreaterThanOrEqual(60);
  });

  it("serves whoever came first, and passes over whoever left", async () => {
    const time = new VirtualTime();
    const limiter = rateLimiter(time, 1);
    const controller = new AbortController();
    const order: string[] = [];
    const ask = (name: string, signal?: AbortSignal): Promise<unknown> =>
      limiter.acquire(signal).then(
        (permit) => {
          order.push(name);
          permit.settle();
        },
        () => order.push(`${name} left`),
      );
    const all = [ask("a"), ask("b"), ask("c", controller.signal), ask("d")];
    await time.advance(1);
    controller.abort();
    await time.advance(120_000);
    await Promise.all(all);
    expect(order).toEqual(["a", "c left", "b", "d"]);
    expect(time.pending).toBe(0);
  });

  it("leaves no timer and no listener when the last one leaves, or has its permit", async () => {
    const { time, ask, limiter } = asking(1);
    ask(1);
    await time.advance(0);
    const { controller, listeners } = countedSignal();
    const waiting = limiter.acquire(controller.signal);
    expect([time.pending, listeners()]).toEqual([1, 1]);
    await time.advance(60_000);
    (await waiting).settle();
    expect([time.pending, listeners()]).toEqual([0, 0]);
    const leaving = limiter.acquire(controller.signal);
    controller.abort(new Error("enough"));
    await expect(leaving).rejects.toThrow("enough");
    await expect(limiter.acquire(controller.signal)).rejects.toThrow("enough");
    expect([time.pending, listeners()]).toEqual([0, 0]);
  });

  it("does not count a permit that was handed back unused", async () => {
    const { time, limiter, given, ask } = asking(1);
    const unused = await limiter.acquire();
    unused.cancel();
    unused.cancel();
    unused.settle();
    ask(1);
    await time.advance(0);
    expect(given).toEqual([0]);
  });

  it("sets one timer for all who wait, and keeps it when one of them leaves", async () => {
    const { time, ask, given, limiter } = asking(1);
    ask(1, true);
    await time.advance(0);
    ask(2);
    const controller = new AbortController();
    limiter.acquire(controller.signal).catch(() => {});
    controller.abort();
    expect([time.delays, time.pending]).toEqual([[60_000], 1]);
    await time.advance(120_000);
    expect([given, time.pending]).toEqual([[0, 60, 120], 0]);
  });

  it("has no limit of its own with false", async () => {
    const { time, ask, given } = asking(false);
    ask(500);
    await time.advance(0);
    expect(given.length).toBe(500);
  });
});

describe("what the provider says", () => {
  it("tightens it: so many are left until the window ends", async () => {
    const { time, ask, given, permits } = asking(50);
    ask(1, true);
    await time.advance(0);
    permits[0]?.settle({ limit: 50, remaining: 2, reset: 20 });
    ask(5);
    await time.advance(19_999);
    expect(given.length).toBe(3);
    await time.advance(1);
    expect(given.length).toBe(6);
  });

  it("counts requests that are in flight and not in the answer yet", async () => {
    const { time, ask, given, permits } = asking(50);
    ask(3, true);
    await time.advance(0);
    permits[0]?.settle({ remaining: 2, reset: 20 });
    ask(1);
    await time.advance(19_000);
    expect(given.length).toBe(3);
    await time.advance(1_000);
    expect(given.length).toBe(4);
  });

  it("is not loosened by an older answer, and not prolonged by a newer one", async () => {
    const { time, ask, given, permits } = asking(50);
    ask(2, true);
    await time.advance(0);
    permits[0]?.settle({ remaining: 1, reset: 20 });
    await time.advance(10_000);
    permits[1]?.settle({ remaining: 40, reset: 20 });
    ask(1);
    await time.advance(9_999);
    expect(given.length).toBe(2);
    await time.advance(1);
    expect(given.length).toBe(3);
  });

  it("says nothing without both a number left and a reset", async () => {
    for (const rate of [{ remaining: 0 }, { reset: 20 }]) {
      const { time, ask, given, permits } = asking(50);
      ask(1, true);
      await time.advance(0);
      permits[0]?.settle(rate);
      ask(1, true);
      await time.advance(0);
      expect(given.length).toBe(2);
      // Nor does it stand in the way of an answer that says both.
      permits[1]?.settle({ remaining: 0, reset: 20 });
      ask(1);
      await time.advance(19_999);
      expect(given.length).toBe(2);
      await time.advance(1);
      expect(given.length).toBe(3);
    }
  });

  it("counts anew once the window is over", async () => {
    const { time, ask, given, permits } = asking(50);
    ask(2, true);
    await time.advance(0);
    permits[0]?.settle({ remaining: 1, reset: 20 });
    await time.advance(20_000);
    permits[1]?.settle({ remaining: 3, reset: 20 });
    ask(5);
    await time.advance(0);
    expect(given.length).toBe(5);
  });

  it("is heard once from each request", async () => {
    const { time, ask, given, permits } = asking(50);
    ask(2, true);
    await time.advance(0);
    permits[0]?.settle();
    permits[0]?.settle({ remaining: 0, reset: 20 });
    permits[0]?.settle(undefined, 7_000);
    // The second is still in flight: of the two that are left, one is its own.
    permits[1]?.settle({ remaining: 2, reset: 20 });
    ask(3);
    await time.advance(0);
    expect(given.length).toBe(4);
  });

  it("lets nobody send in the pause after a 429, with or without a limit of its own", async () => {
    for (const perMinute of [50, false] as const) {
      const { time, ask, given, permits } = asking(perMinute);
      ask(1, true);
      await time.advance(0);
      permits[0]?.settle(undefined, 7_000);
      ask(2);
      await time.advance(6_999);
      expect([given.length, time.pending]).toEqual([1, 1]);
      await time.advance(1);
      expect([given.length, time.pending]).toEqual([3, 0]);
    }
  });

  it("never holds everyone back for longer than five minutes", async () => {
    const { time, ask, given, permits } = asking(50);
    ask(1, true);
    await time.advance(0);
    permits[0]?.settle({ remaining: 0, reset: 86_400 }, 1e12);
    permits[0]?.settle({ remaining: 0, reset: 86_400 }, 1e12);
    ask(1);
    await time.advance(300_000);
    expect(given.length).toBe(2);
  });
});
