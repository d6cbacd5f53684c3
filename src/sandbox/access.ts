/** Who may make requests, and how many: the accepted keys, and the rate limit of each. */
import { createHash, timingSafeEqual } from "node:crypto";

/** How many requests one key may make. */
export interface RateLimit {
  /** Requests a key may make in one window. Default: 30,000. */
  readonly limit: number;
  /** Length of the window in milliseconds; it begins with the key's first request. Default: 60,000. */
  readonly windowMs: number;
}

/** Gives a name for a key that does not reveal it; `undefined` for one that is not accepted. */
export function keyOwners(keys: readonly string[]): (key: string) => string | undefined {
  const digest = (key: string): Buffer => createHash("sha256").update(key).digest();
  const accepted = keys.map(digest);
  return (key) => {
    const wanted = digest(key);
    const isAccepted = accepted.some((known) => timingSafeEqual(known, wanted));
    return isAccepted ? wanted.toString("hex").slice(0, 32) : undefined;
  };
}

/** Counts the requests of each key. `reset`: seconds until the window of the key ends. */
export function rateLimiter({ limit, windowMs }: RateLimit) {
  const windows = new Map<string, { readonly end: number; used: number }>();
  return (key: string, now: number) => {
    const last = windows.get(key);
    const window = last === undefined || now >= last.end ? { end: now + windowMs, used: 0 } : last;
    windows.set(key, window);
    const allowed = window.used < limit;
    if (allowed) window.used++;
    return { allowed, remaining: limit - window.used, reset: Math.ceil((window.end - now) / 1000) };
  };
}
