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

/** Anything headers can be read from. */
export interface HeaderReader {
  get(name: string): string | null;
}

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
  return {
    ...(limit === undefined ? {} : { limit }),
    ...(remaining === undefined ? {} : { remaining }),
    ...(reset === undefined ? {} : { reset }),
  };
}

function count(value: string | null): number | undefined {
  return value !== null && /^\d{1,15}$/.test(value.trim()) ? Number(value) : undefined;
}

/**
 * Seconds that `Retry-After` asks to wait, from a number of seconds or one of the three HTTP date forms; a date that has
 * passed gives 0. `undefined` when it is absent or invalid.
 */
export function retryAfterOf(headers: HeaderReader, now: number): number | undefined {
  const value = headers.get("retry-after")?.trim();
  if (value === undefined) return undefined;
  if (/^\d+(?:\.\d+)?$/.test(value)) {
    const seconds = Number(value);
    return Number.isSafeInteger(Math.ceil(seconds)) ? seconds : undefined;
  }
  const date = httpDate(value, now);
  return date === undefined ? undefined : Math.max(0, Math.ceil((date - now) / 1000));
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAY_NAME = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)";
const LONG_DAY_NAME = "(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)";
const MONTH = `(?<month>${MONTHS.join("|")})`;
const CLOCK = "(?<hour>\\d\\d):(?<minute>\\d\\d):(?<second>\\d\\d)";
/** IMF-fixdate, RFC 850 and asctime (RFC 9110, section 5.6.7). */
const DATE_FORMS = [
  new RegExp(`^${DAY_NAME}, (?<day>\\d\\d) ${MONTH} (?<year>\\d{4}) ${CLOCK} GMT$`),
  new RegExp(`^${LONG_DAY_NAME}, (?<day>\\d\\d)-${MONTH}-(?<year>\\d\\d) ${CLOCK} GMT$`),
  new RegExp(`^${DAY_NAME} ${MONTH} (?<day>[ \\d]\\d) ${CLOCK} (?<year>\\d{4})$`),
];

/** Milliseconds since the epoch of an HTTP date; `undefined` for anything else, 31 February included. */
export function httpDate(value: string, now: number): number | undefined {
  for (const form of DATE_FORMS) {
    const parts = form.exec(value)?.groups;
    if (parts === undefined) continue;
    const day = Number(parts.day);
    const month = MONTHS.indexOf(String(parts.month));
    const [hour, minute, second] = [Number(parts.hour), Number(parts.minute), Number(parts.second)];
    const year = String(parts.year).length === 2 ? centuryOf(Number(parts.year), now) : Number(parts.year);
    if (hour > 23 || minute > 59 || second > 60) return undefined;
    const date = Date.UTC(year, month, day, hour, minute, second);
    return new Date(Date.UTC(year, month, day)).getUTCDate() === day ? date : undefined;
  }
  return undefined;
}

/** The year with these last digits that is nearest: never more than 50 years ahead (RFC 9110). */
function centuryOf(year: number, now: number): number {
  const current = new Date(now).getUTCFullYear();
  const full = current - (current % 100) + year;
  if (full > current + 50) return full - 100;
  return full <= current - 50 ? full + 100 : full;
}
