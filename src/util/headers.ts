/** What a response's headers say about limits and the exchange. Pure; absurd values are read as absent. */

/** The provider's `x-ratelimit-*` headers. */
export interface RateFacts {
  /** Requests allowed in the window. */
  readonly limit?: number | undefined;
  /** Requests left in the window. */
  readonly remaining?: number | undefined;
  /** Seconds until the window ends. */
  readonly reset?: number | undefined;
}

export type HeaderReader = Pick<Headers, "get">;

const DAY = 86_400;

/** The provider's id of the exchange, if it is one that can be printed. */
export function requestIdOf(headers: HeaderReader): string | undefined {
  const value = headers.get("x-request-id");
  return value !== null && /^[\x21-\x7e]{1,200}$/.test(value) ? value : undefined;
}

/** `x-ratelimit-*`; `undefined` where none of them says anything. */
export function rateFactsOf(headers: HeaderReader): RateFacts | undefined {
  const limit = count(headers.get("x-ratelimit-limit"));
  const remaining = count(headers.get("x-ratelimit-remaining"));
  const seconds = count(headers.get("x-ratelimit-reset"));
  // The provider gives the window's seconds. More than a day is some other unit, or nonsense.
  const reset = seconds !== undefined && seconds <= DAY ? seconds : undefined;
  if (limit === undefined && remaining === undefined && reset === undefined) return undefined;
  return { limit, remaining, reset };
}

function count(value: string | null): number | undefined {
  return value !== null && /^\d{1,15}$/.test(value.trim()) ? Number(value) : undefined;
}

/**
 * Seconds that `Retry-After` asks to wait, from a number of seconds or one of the three HTTP date forms; a date that has
 * passed gives 0. `undefined` when it is absent or invalid.
 */
export function retryAfterOf(headers: HeaderReader, now: number): number | undefined {
  const value = headers.get("retry-after")?.trim() ?? "";
  if (/^\d+(?:\.\d+)?$/.test(value)) {
    const seconds = Number(value);
    return Number.isSafeInteger(Math.ceil(seconds)) ? seconds : undefined;
  }
  const date = HTTP_DATE.test(value) ? Date.parse(value.endsWith("GMT") ? value : `${value} GMT`) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1000));
}

/** IMF-fixdate, RFC 850 and asctime (RFC 9110, section 5.6.7); the last names no zone. */
const HTTP_DATE = /^(?:Sun|Mon|Tue|Wed|Thu|Fri|Sat)[a-z]*,? [\w -]+ \d\d:\d\d:\d\d (?:GMT|\d{4})$/;
