/** How fast one key may ask. */
export interface RateLimit {
  /** Requests a key may make in one window. Default: 30,000. */
  readonly limit: number;
  /** Length of the window in milliseconds. Default: 60,000. */
  readonly windowMs: number;
}

/** What is left to a key after a request. */
export interface Allowance {
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** Seconds until the window ends. */
  readonly reset: number;
}

/** Fixed windows, one per key, beginning with the key's first request. */
export class RateLimiter {
  readonly #rule: RateLimit;
  readonly #windows = new Map<string, { end: number; used: number }>();

  constructor(rule: RateLimit) {
    this.#rule = rule;
  }

  take(key: string, now: number): Allowance {
    const { limit, windowMs } = this.#rule;
    let window = this.#windows.get(key);
    if (window === undefined || now >= window.end) {
      window = { end: now + windowMs, used: 0 };
      this.#windows.set(key, window);
    }
    const allowed = window.used < limit;
    if (allowed) window.used++;
    return { allowed, limit, remaining: limit - window.used, reset: Math.ceil((window.end - now) / 1000) };
  }
}
