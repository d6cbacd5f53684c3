/** Time as the client sees it. Injected, so that tests assert a schedule instead of living through it. */
export interface Time {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs a function after some milliseconds; the returned function takes it back. */
  after(milliseconds: number, run: () => void): () => void;
  /** From 0 (included) to 1 (excluded); the source of jitter. */
  random(): number;
}

/** The real clock. */
export const systemTime: Time = {
  now: () => Date.now(),
  after: (milliseconds, run) => {
    // Longer delays would overflow the platform's timer and fire at once.
    const timer = setTimeout(run, Math.min(milliseconds, 2_147_483_647));
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};

/** Waits; rejects with the signal's reason as soon as it fires. Leaves no timer and no listener behind. */
export function sleep(time: Time, milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = (): void => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = time.after(milliseconds, () => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    });
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
