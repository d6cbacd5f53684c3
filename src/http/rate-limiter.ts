/** One limit of requests for a whole client: first come, first served, tightened by what the provider says. */
import { onAbort } from "../util/abort-scope.js";
import type { RateFacts } from "../util/headers.js";
import type { Time } from "../util/time.js";

const MINUTE = 60_000;
/** Milliseconds: no response, however absurd, holds the whole client back for longer. */
const LONGEST_PAUSE = 5 * MINUTE;

/** Leave to send one request. Hand it back with what the response said. */
export interface Permit {
  /** @param pause Milliseconds in which the provider wants no request at all. */
  settle(rate?: RateFacts, pause?: number): void;
  /** Nothing is sent after all. */
  cancel(): void;
}

export interface RateLimiter {
  /**
   * Resolves when a request may be sent; rejects with the signal's reason as soon as it fires.
   * @param onWait Called with the milliseconds, at least, when it may not be sent at once.
   */
  acquire(signal?: AbortSignal, onWait?: (after: number) => void): Promise<Permit>;
}

/** @param perMinute Requests in any 60 seconds; `false` for no limit of our own (the provider's headers still count). */
export function rateLimiter(time: Time, perMinute: number | false): RateLimiter {
  const limit = perMinute === false ? Number.POSITIVE_INFINITY : perMinute;
  /** When the last requests were let through, oldest first; no more than the limit. */
  const sent: number[] = [];
  const queue = new Set<(permit: Permit) => void>();
  let inFlight = 0;
  /** The provider's window: until when, and how many requests are left in it. */
  let window: { until: number; left: number } | undefined;
  let pausedUntil = 0;
  let cancelTimer: (() => void) | undefined;

  /** Milliseconds until the next request may go; 0 for now. */
  const wait = (now: number): number => {
    if (window !== undefined && now >= window.until) window = undefined;
    while (sent[0] !== undefined && sent[0] <= now - MINUTE) sent.shift();
    const own = sent.length >= limit ? (sent[sent.length - limit] ?? now) + MINUTE - now : 0;
    const theirs = window !== undefined && window.left <= 0 ? window.until - now : 0;
    return Math.max(0, own, theirs, pausedUntil - now);
  };

  const stopTimer = (): void => {
    cancelTimer?.();
    cancelTimer = undefined;
  };

  const serve = (): void => {
    stopTimer();
    for (const grant of queue) {
      const now = time.monotonic();
      const left = wait(now);
      if (left > 0) {
        cancelTimer = time.after(left, serve);
        return;
      }
      queue.delete(grant);
      grant(permit(now));
    }
  };

  /** Responses can overtake each other, so inside one window the number left only falls. */
  const observe = (rate: RateFacts, now: number): void => {
    if (rate.remaining === undefined || rate.reset === undefined) return;
    const left = rate.remaining - inFlight;
    if (window === undefined || now >= window.until)
      window = { until: now + Math.min(rate.reset * 1000, LONGEST_PAUSE), left };
    else window.left = Math.min(window.left, left);
  };

  const permit = (at: number): Permit => {
    if (limit !== Number.POSITIVE_INFINITY) sent.push(at);
    if (window !== undefined) window.left -= 1;
    inFlight += 1;
    let settled = false;
    const settle = (rate?: RateFacts, pause = 0): void => {
      if (settled) return;
      settled = true;
      inFlight -= 1;
      const now = time.monotonic();
      if (rate !== undefined) observe(rate, now);
      if (pause > 0) pausedUntil = Math.max(pausedUntil, now + Math.min(pause, LONGEST_PAUSE));
      if (queue.size > 0) serve();
    };
    return {
      settle,
      cancel() {
        if (settled) return;
        const own = sent.lastIndexOf(at);
        if (own >= 0) sent.splice(own, 1);
        if (window !== undefined) window.left += 1;
        settle();
      },
    };
  };

  return {
    acquire: (signal, onWait) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        const grant = (permit: Permit): void => {
          release();
          resolve(permit);
        };
        const release = onAbort(signal, () => {
          queue.delete(grant);
          if (queue.size === 0) stopTimer();
          reject(signal?.reason);
        });
        queue.add(grant);
        if (cancelTimer === undefined) serve();
        if (queue.has(grant)) onWait?.(wait(time.monotonic()));
      }),
  };
}
