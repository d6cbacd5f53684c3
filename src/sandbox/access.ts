/** Who may make requests, and how many: the accepted keys, and the rate limit of each. */
import { createHash, timingSafeEqual } from "node:crypto";

/** How many requests one key may make. */
export interface RateLimit {
  /** Requests a key may make in one window. Default: 30,000. */
  readonly limit: number;
  /** Length of the window in milliseconds; it begins with the key's first request. Default: 60,000. */
  readonly windowMs: number;
}

/** Gives a name for a key that reveals nothing of it; `undefined` for one that is not accepted. */
export type KeyOwners = (key: string) => string | undefined;

export function keyOwners(keys: readonly string[]): KeyOwners {
  const digest = (key: string): Buffer => createHash("sha256").update(key).digest();
  const accepted = keys.map(digest);
  return (key) => {
    const wanted = digest(key);
    // In constant time.
    const found = accepted.some((known) => timingSafeEqual(known, wanted));
    return found ? wanted.toString("hex").slice(0, 32) : undefined;
  };
}

/** Counts a request of a key. `reset`: seconds until its window ends. */
export type RateLimiter = (key: string, now: number) => { allowed: boolean; remaining: number; reset: number };

export function rateLimiter({ limit, windowMs }: RateLimit): RateLimiter {
  const windows = new Map<string, { readonly end: number; used: number }>();
  return (key, now) => {
    const last = windows.get(key);
    const window = last === undefined || now >= last.end ? { end: now + windowMs, used: 0 } : last;
    windows.set(key, window);
    const allowed = window.used < limit;
    if (allowed) window.used++;
    return { allowed, remaining: limit - window.used, reset: Math.ceil((window.end - now) / 1000) };
  };
}
