/** Time as the client sees it. Injected, so that tests assert a schedule instead of living through it. */
export interface Time {
  /** Milliseconds since the epoch, by the wall clock: for dates. */
  now(): number;
  /** Milliseconds of a clock that nobody sets, from any start: for durations. */
  monotonic(): number;
  /** Runs a function after some milliseconds; the returned function cancels it. */
  after(milliseconds: number, run: () => void): () => void;
  /** From 0 (included) to 1 (excluded); the source of jitter. */
  random(): number;
}

export const systemTime: Time = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (milliseconds, run) => {
    // Longer delays would overflow the platform's timer and fire at once.
    const timer = setTimeout(run, Math.min(milliseconds, 2_147_483_647));
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};
