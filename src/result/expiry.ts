/** When a signed URL expires, read from the URL itself. Pure. */
import type { ErrorFacts } from "../errors/magnific-error.js";
import { ResultError } from "../errors/task-errors.js";

/** A clock may be off by this much when a refused URL is taken for an expired one. */
const CLOCK_SKEW = 300_000;

/** `token=exp=1760749154~hmac=…`, also as `hdnts` and other names. Seen on the provider's result URLs. */
const TOKEN = /(?:^|~)exp=(\d{9,11})(?:~|$)/;

/**
 * The earliest expiry that the URL's query states: a token, `Expires` in seconds (CloudFront and others), or a date and
 * a lifetime (`X-Amz-*`, `X-Goog-*`). `undefined` when it states none.
 */
export function expiryOf(address: string): Date | undefined {
  if (!URL.canParse(address)) return undefined;
  const moments: number[] = [];
  const facts = new Map<string, string>();
  for (const [name, value] of new URL(address).searchParams) {
    facts.set(name.toLowerCase(), value);
    const seconds = TOKEN.exec(value)?.[1];
    if (seconds !== undefined) moments.push(Number(seconds) * 1000);
  }
  const expires = facts.get("expires");
  if (expires !== undefined && /^\d{9,11}$/.test(expires)) moments.push(Number(expires) * 1000);
  for (const vendor of ["amz", "goog"]) {
    const moment = signedMoment(facts.get(`x-${vendor}-date`), facts.get(`x-${vendor}-expires`));
    if (moment !== undefined) moments.push(moment);
  }
  return moments.length === 0 ? undefined : new Date(Math.min(...moments));
}

function signedMoment(date: string | undefined, lifetime: string | undefined): number | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date ?? "");
  if (parts === null || !/^\d{1,7}$/.test(lifetime ?? "")) return undefined;
  const [year = 0, month = 1, ...rest] = parts.slice(1).map(Number);
  return Date.UTC(year, month - 1, ...rest) + Number(lifetime) * 1000;
}

/**
 * @param status With which the server refused the URL; `undefined` before it is asked.
 * @throws {ResultError} `result_expired`
 */
export function refuseExpired(url: URL, now: number, facts: ErrorFacts, status: number | undefined): void {
  const expiry = expiryOf(url.href);
  const skew = status === undefined ? 0 : CLOCK_SKEW;
  if (expiry === undefined || now + skew < expiry.getTime()) return;
  const message = `The result's URL expired at ${expiry.toISOString()}. Save results soon after the task is completed.`;
  throw new ResultError("result_expired", message, { ...facts, status });
}
