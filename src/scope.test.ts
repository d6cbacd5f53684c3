import { describe, expect, it } from "vitest";
import { openScope, orAborted } from "./scope.js";
import { countedSignal } from "./testing/loopback.js";
import { VirtualTime } from "./testing/virtual-time.js";

describe("a scope", () => {
  it("ends at its deadline, once", async () => {
    const time = new VirtualTime();
    const scope = openScope(time, 1000);
    await time.advance(999);
    expect([scope.signal.aborted, scope.endedBy]).toEqual([false, undefined]);
    await time.advance(1);
    scope.stop();
    expect([scope.signal.aborted, scope.endedBy, time.pending]).toEqual([true, "deadline", 0]);
  });

  it("ends with the caller's signal and its reason", () => {
    const time = new VirtualTime();
    const { controller, listeners } = countedSignal();
    const scope = openScope(time, 1000, controller.signal);
    controller.abort("enough");
    expect([scope.signal.reason, scope.endedBy, time.pending, listeners()]).toEqual(["enough", "signal", 0, 0]);
    expect(openScope(time, 1000, controller.signal).endedBy).toBe("signal");
  });

  it("leaves nothing behind when it is closed, and does not end any more", () => {
    const time = new VirtualTime();
    const { controller, listeners } = countedSignal();
    const scope = openScope(time, 1000, controller.signal);
    expect([time.pending, listeners()]).toEqual([1, 1]);
    scope.close();
    controller.abort();
    expect([time.pending, listeners(), scope.endedBy]).toEqual([0, 0, undefined]);
  });
});

describe("orAborted", () => {
  it("gives the promise's outcome, or the signal's reason", async () => {
    const { controller, listeners } = countedSignal();
    expect(await orAborted(controller.signal, Promise.resolve(1))).toBe(1);
    await expect(orAborted(controller.signal, Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(listeners()).toBe(0);
    const waiting = orAborted(controller.signal, new Promise(() => {}));
    controller.abort("enough");
    await expect(waiting).rejects.toBe("enough");
    await expect(orAborted(controller.signal, Promise.resolve(1))).rejects.toBe("enough");
  });
});
