/** The span in which something may run: ended by the caller's signal, by a deadline or by hand, seen as one signal. */
import type { Time } from "./time.js";

export interface Scope {
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
 */
export function openScope(time: Time, timeout: number, signal?: AbortSignal): Scope {
  const controller = new AbortController();
  let endedBy: Scope["endedBy"];
  let cancelTimer: (() => void) | undefined;

  const close = (): void => {
    cancelTimer?.();
    cancelTimer = undefined;
    signal?.removeEventListener("abort", onAbort);
  };
  const end = (by: NonNullable<Scope["endedBy"]>, reason?: unknown): void => {
    if (endedBy !== undefined) return;
    endedBy = by;
    close();
    controller.abort(reason);
  };
  const onAbort = (): void => end("signal", signal?.reason);
  const arm = (left: number): void => {
    const step = Math.min(left, LONGEST_TIMER);
    cancelTimer = time.after(step, () => (left > step ? arm(left - step) : end("deadline")));
  };

  if (signal?.aborted) onAbort();
  else {
    signal?.addEventListener("abort", onAbort, { once: true });
    if (timeout !== Number.POSITIVE_INFINITY) arm(Math.max(0, timeout));
  }
  return {
    signal: controller.signal,
    get endedBy() {
      return endedBy;
    },
    stop: () => end("stop"),
    close,
  };
}

/** The promise's outcome, or a rejection with the signal's reason as soon as that fires. Leaves no listener behind. */
export function orAborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
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
