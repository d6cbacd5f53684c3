/** What ends a piece of work early: the caller's signals, a deadline, or a call of `abort()`; all as one signal. */
import type { Time } from "./time.js";

export interface AbortScope {
  readonly signal: AbortSignal;
  /** What ended it first. */
  readonly endedBy: "signal" | "deadline" | "stop" | undefined;
  /** Ends it, as the `stop` signal would. */
  abort(): void;
  /** Removes timer and listeners. The signal does not fire any more. */
  close(): void;
}

/**
 * @param timeout Milliseconds until the scope ends; `Infinity` for no deadline.
 * @param signal The caller's; the scope listens to it only until it is closed.
 * @param stop A second one; `endedBy` says which fired.
 */
export function abortScope(time: Time, timeout: number, signal?: AbortSignal, stop?: AbortSignal): AbortScope {
  const controller = new AbortController();
  const releases: (() => void)[] = [];
  let endedBy: AbortScope["endedBy"];
  const close = (): void => {
    for (const release of releases.splice(0)) release();
  };
  const end = (by: NonNullable<AbortScope["endedBy"]>, reason?: unknown): void => {
    if (endedBy !== undefined) return;
    endedBy = by;
    close();
    controller.abort(reason);
  };
  releases.push(onAbort(signal, () => end("signal", signal?.reason)));
  if (endedBy === undefined) releases.push(onAbort(stop, () => end("stop", stop?.reason)));
  if (endedBy === undefined && timeout !== Number.POSITIVE_INFINITY)
    releases.push(time.after(Math.max(0, timeout), () => end("deadline")));
  return {
    signal: controller.signal,
    get endedBy() {
      return endedBy;
    },
    abort: () => end("stop"),
    close,
  };
}

/** Runs the work within a scope that ends with it. @param failed What is thrown instead of its error. */
export async function inScope<T>(
  scope: AbortScope,
  work: (signal: AbortSignal) => Promise<T>,
  failed: (error: unknown) => unknown,
): Promise<T> {
  try {
    return await work(scope.signal);
  } catch (error) {
    throw failed(error);
  } finally {
    scope.close();
  }
}

/** The outcome of the work, or a rejection with the signal's reason as soon as that fires. */
export function orAborted<T>(signal: AbortSignal | undefined, work: T | PromiseLike<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const release = onAbort(signal, () => reject(signal?.reason));
    Promise.resolve(work).then(
      (value) => {
        release();
        resolve(value);
      },
      (error: unknown) => {
        release();
        reject(error);
      },
    );
  });
}

/** Rejects with the signal's reason as soon as it fires. Leaves no timer and no listener behind. */
export async function sleep(time: Time, milliseconds: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  let cancel = (): void => {};
  const over = new Promise<void>((resolve) => {
    cancel = time.after(milliseconds, resolve);
  });
  await orAborted(signal, over).finally(cancel);
}

/** The client's listeners by signal: the platform warns about more than ten on one, and many calls may share one. */
const shared = new WeakMap<AbortSignal, Set<() => void>>();

/** Calls the listener once the signal fires, at once if it has fired. Returns a function that removes the listener. */
export function onAbort(signal: AbortSignal | undefined, listener: () => void): () => void {
  if (signal?.aborted) listener();
  if (!signal || signal.aborted) return () => {};
  const listeners = shared.get(signal) ?? new Set();
  shared.set(signal, listeners);
  // A function of its own, so that one listener may be added twice.
  const own = (): void => listener();
  if (listeners.size === 0) signal.addEventListener("abort", fire, { once: true });
  listeners.add(own);
  return () => {
    if (listeners.delete(own) && listeners.size === 0) signal.removeEventListener("abort", fire);
  };
}

function fire(this: AbortSignal): void {
  const listeners = shared.get(this);
  for (const listener of listeners ?? []) {
    listeners?.delete(listener);
    listener();
  }
}
