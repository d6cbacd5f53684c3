/** The span in which something may run: ended by the caller's signal, by a deadline or by hand, seen as one signal. */
import type { Time } from "./time.js";

/**
 * What this client needs of an AbortSignal. A platform's is one, but making and hearing one takes longer than all else in
 * an attempt, so a scope is one itself and makes a real one only for whoever asks.
 */
export interface Ending {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: "abort", listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

export interface Scope extends Ending {
  /** Fires when the scope ends; for fetch and everything else that takes a signal. */
  readonly signal: AbortSignal;
  /** What ended it first. */
  readonly endedBy: "signal" | "deadline" | "stop" | undefined;
  /** Ends it by hand. */
  stop(): void;
  /** Takes timer and listener back. The signal does not fire any more. */
  close(): void;
}

/** Node's longest timer; a longer deadline is lived through in pieces. */
const LONGEST_TIMER = 2_147_483_647;

/**
 * @param timeout Milliseconds until the scope ends; `Infinity` for no deadline.
 * @param signal The caller's; the scope listens to it only until it is closed.
 * @param stop Another, that ends it as `stop()` does.
 */
export function openScope(time: Time, timeout: number, signal?: AbortSignal, stop?: AbortSignal): Scope {
  return new Span(time, timeout, signal, stop);
}

class Span implements Scope {
  endedBy: Scope["endedBy"];
  readonly #time: Time;
  readonly #unlisten: (() => void)[] = [];
  #cancelTimer: (() => void) | undefined;
  #reason: unknown;
  #listeners: (() => void)[] = [];
  #controller: AbortController | undefined;

  constructor(time: Time, timeout: number, signal: AbortSignal | undefined, stop: AbortSignal | undefined) {
    this.#time = time;
    this.#heed("signal", signal);
    this.#heed("stop", stop);
    if (this.endedBy === undefined && timeout !== Number.POSITIVE_INFINITY) this.#arm(Math.max(0, timeout));
  }

  get aborted(): boolean {
    return this.endedBy !== undefined;
  }

  get reason(): unknown {
    return this.signal.reason;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.aborted) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  addEventListener(_type: "abort", listener: () => void): void {
    this.#listeners.push(listener);
  }

  removeEventListener(_type: "abort", listener: () => void): void {
    const at = this.#listeners.lastIndexOf(listener);
    if (at >= 0) this.#listeners.splice(at, 1);
  }

  stop(): void {
    this.#end("stop");
  }

  close(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    for (const unlisten of this.#unlisten.splice(0)) unlisten();
  }

  #heed(by: "signal" | "stop", signal: AbortSignal | undefined): void {
    if (!signal || this.endedBy !== undefined) return;
    const onAbort = (): void => this.#end(by, signal.reason);
    if (signal.aborted) {
      onAbort();
      return;
    }
    signal.addEventListener("abort", onAbort);
    this.#unlisten.push(() => signal.removeEventListener("abort", onAbort));
  }

  #arm(left: number): void {
    const step = Math.min(left, LONGEST_TIMER);
    this.#cancelTimer = this.#time.after(step, () => (left > step ? this.#arm(left - step) : this.#end("deadline")));
  }

  #end(by: NonNullable<Scope["endedBy"]>, reason?: unknown): void {
    if (this.endedBy !== undefined) return;
    this.endedBy = by;
    this.#reason = reason;
    this.close();
    this.#controller?.abort(reason);
    for (const listener of this.#listeners.splice(0)) listener();
  }
}

/** The promise's outcome, or a rejection with the signal's reason as soon as that fires. Leaves no listener behind. */
export function orAborted<T>(signal: Ending, promise: Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
    promise.then(
      (value) => {
        signal.removeEventListener("abort", onAbort);
        resolve(value);
      },
      (error: unknown) => {
        signal.removeEventListener("abort", onAbort);
        reject(error);
      },
    );
  });
}

/** For a light `Request` alone: it hears a scope as it is, and makes a signal of the platform for whoever asks it for one. */
export function asSignal(ending: Ending): AbortSignal {
  return ending as unknown as AbortSignal;
}
