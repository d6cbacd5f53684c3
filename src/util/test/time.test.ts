import { getEventListeners } from "node:events";
import { afterEach, describe, expect, it, vi } from "vitest";
import { settle, VirtualTime } from "../../test-support/virtual-time.js";
import { sleep } from "../abort-scope.js";
import { systemTime } from "../time.js";

afterEach(() => vi.useRealTimers());

describe("the real clock", () => {
  it("is the platform's", () => {
    vi.useFakeTimers({ now: 1_760_749_154_000 });
    expect(systemTime.now()).toBe(1_760_749_154_000);
    let ran = 0;
    systemTime.after(100, () => ran++);
    const cancel = systemTime.after(100, () => ran++);
    vi.advanceTimersByTime(99);
    expect(ran).toBe(0);
    cancel();
    vi.advanceTimersByTime(1);
    expect([ran, vi.getTimerCount()]).toEqual([1, 0]);
  });

  it("does not fire at once what is further away than the longest timer", () => {
    const asked = vi.spyOn(globalThis, "setTimeout");
    for (const milliseconds of [2_147_483_646, 2_147_483_647, 2_147_483_648, Number.POSITIVE_INFINITY])
      systemTime.after(milliseconds, () => {})();
    expect(asked.mock.calls.map(([, milliseconds]) => milliseconds)).toEqual([
      2_147_483_646, 2_147_483_647, 2_147_483_647, 2_147_483_647,
    ]);
    asked.mockRestore();
  });
});

describe("a sleep", () => {
  const listeners = (signal: AbortSignal): number => getEventListeners(signal, "abort").length;

  it("ends after its time, with a signal or without, and leaves no listener", async () => {
    const { signal } = new AbortController();
    for (const given of [undefined, signal]) {
      const time = new VirtualTime();
      let over = false;
      void sleep(time, 100, given).then(() => {
        over = true;
      });
      expect(listeners(signal)).toBe(given === undefined ? 0 : 1);
      await time.advance(99);
      expect(over).toBe(false);
      await time.advance(1);
      expect([over, listeners(signal), time.delays]).toEqual([true, 0, [100]]);
    }
  });

  it("ends with the signal's reason, and leaves no timer and no listener", async () => {
    const time = new VirtualTime();
    const controller = new AbortController();
    const sleeping = sleep(time, 100, controller.signal).then(
      () => "over",
      (reason: unknown) => reason,
    );
    await settle();
    expect(time.pending).toBe(1);
    controller.abort("enough");
    expect(await sleeping).toBe("enough");
    expect([time.pending, listeners(controller.signal)]).toEqual([0, 0]);
  });

  it("does not begin where the signal has fired already", async () => {
    const time = new VirtualTime();
    const signal = AbortSignal.abort("enough");
    await expect(sleep(time, 100, signal)).rejects.toBe("enough");
    expect([time.delays, listeners(signal)]).toEqual([[], 0]);
  });
});
