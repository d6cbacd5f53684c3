import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { countedSignal } from "../../test-support/loopback.js";
import { VirtualTime } from "../../test-support/virtual-time.js";
import { abortScope, onAbort, orAborted } from "../abort-scope.js";

describe("a scope", () => {
  it("ends at its deadline, once", async () => {
    const time = new VirtualTime();
    const scope = abortScope(time, 1000);
    await time.advance(999);
    expect([scope.signal.aborted, scope.endedBy]).toEqual([false, undefined]);
    await time.advance(1);
    scope.abort();
    expect([scope.signal.aborted, scope.endedBy, time.pending]).toEqual([true, "deadline", 0]);
  });

  it("ends with the caller's signal and its reason", () => {
    const time = new VirtualTime();
    const { controller, listeners } = countedSignal();
    const scope = abortScope(time, 1000, controller.signal);
    controller.abort("enough");
    expect([scope.signal.reason, scope.endedBy, time.pending, listeners()]).toEqual(["enough", "signal", 0, 0]);
    expect(abortScope(time, 1000, controller.signal).endedBy).toBe("signal");
  });

  it("is stopped by the other signal, and listens to neither when one has fired", () => {
    const time = new VirtualTime();
    const [first, other] = [countedSignal(), countedSignal()];
    const scope = abortScope(time, 1000, first.controller.signal, other.controller.signal);
    expect([time.pending, first.listeners(), other.listeners()]).toEqual([1, 1, 1]);
    other.controller.abort("shutdown");
    expect([scope.endedBy, scope.signal.reason, time.pending]).toEqual(["stop", "shutdown", 0]);
    expect([first.listeners(), other.listeners()]).toEqual([0, 0]);
    const late = abortScope(time, 1000, first.controller.signal, other.controller.signal);
    expect([late.endedBy, late.signal.reason, time.pending, first.listeners()]).toEqual(["stop", "shutdown", 0, 0]);
    first.controller.abort("enough");
    expect(abortScope(time, 1000, first.controller.signal, other.controller.signal).endedBy).toBe("signal");
    const unheard = countedSignal();
    expect(abortScope(time, 1000, first.controller.signal, unheard.controller.signal).endedBy).toBe("signal");
    expect(unheard.listeners()).toBe(0);
  });

  it("leaves nothing behind when it is closed, and does not end any more", () => {
    const time = new VirtualTime();
    const { controller, listeners } = countedSignal();
    const scope = abortScope(time, 1000, controller.signal);
    expect([time.pending, listeners()]).toEqual([1, 1]);
    scope.close();
    controller.abort();
    expect([time.pending, listeners(), scope.endedBy]).toEqual([0, 0, undefined]);
  });
});

describe("a scope's deadline and reason", () => {
  it("gives the platform's reason when it was aborted by hand", () => {
    const scope = abortScope(new VirtualTime(), 1000);
    scope.abort();
    expect(scope.endedBy).toBe("stop");
    expect(scope.signal.reason).toMatchObject({ name: "AbortError", message: "This operation was aborted" });
  });

  it("has no timer without a deadline, and ends at once with one in the past", async () => {
    const time = new VirtualTime();
    abortScope(time, Number.POSITIVE_INFINITY);
    expect(time.pending).toBe(0);
    const late = abortScope(time, -5);
    await time.advance(0);
    expect([late.endedBy, time.delays]).toEqual(["deadline", [0]]);
  });
});

describe("many listeners on one signal", () => {
  it("share one listener of the platform, are each called once, and leave nothing behind", () => {
    const { controller, listeners } = countedSignal();
    const heard: number[] = [];
    const removals = Array.from({ length: 30 }, (_, i) => onAbort(controller.signal, () => heard.push(i)));
    expect(listeners()).toBe(1);
    for (const remove of removals.slice(2)) remove();
    removals[2]?.();
    controller.abort();
    expect(heard).toEqual([0, 1]);
    onAbort(controller.signal, () => heard.push(99));
    expect(heard).toEqual([0, 1, 99]);
    const other = countedSignal();
    onAbort(other.controller.signal, () => {})();
    expect(other.listeners()).toBe(0);
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

  it("listens to a signal that has fired no more, though the promise never ends", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const waiting = orAborted(signal, new Promise(() => {}));
    expect(getEventListeners(signal, "abort").length).toBe(1);
    controller.abort("enough");
    await expect(waiting).rejects.toBe("enough");
    await expect(orAborted(signal, new Promise(() => {}))).rejects.toBe("enough");
    expect(getEventListeners(signal, "abort").length).toBe(0);
  });
});
