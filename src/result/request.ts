/** One GET for a result: without the key, cookies or referrer, redirects followed by hand and each hop checked. */

import type { ErrorFacts } from "../errors/magnific-error.js";
import { ResultError } from "../errors/task-errors.js";
import type { Settings } from "../options.js";
import { acceptedFields } from "../util/runtime.js";
import { resultSource } from "./source.js";

/** A few hops, as from a download address to a CDN. */
const MAX_REDIRECTS = 3;

const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

/** Nothing about the caller; and a gigabyte does not belong in the caches that some frameworks have for GETs. */
const WISHES: RequestInit = { credentials: "omit", referrerPolicy: "no-referrer", cache: "no-store" };

/**
 * @throws {ResultError} `result_refused` for a redirect to a URL that is not fetched; `download_failed` for too many.
 * Anything that fetch itself rejects with is passed on.
 */
export async function requestResult(
  { fetch, results }: Settings,
  first: URL,
  init: Pick<RequestInit, "headers" | "signal">,
  facts: ErrorFacts,
): Promise<{ readonly response: Response; readonly url: URL }> {
  let url = first;
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    const response = await fetch()(url.href, { ...acceptedFields(WISHES), ...init, redirect: "manual" });
    const { type, status, headers } = response;
    if (type !== "opaqueredirect" && !REDIRECTS.includes(status)) return { response, url };
    await discard(response);
    const location = headers.get("location");
    const refused = (why: string): ResultError =>
      new ResultError("result_refused", `The result redirects${why}.`, { ...facts, status });
    if (location === null) throw refused(", but the response does not say where");
    const next = resultSource(results, location, url);
    if ("refused" in next) throw refused(` to a URL that is not fetched: ${next.refused}`);
    url = next.url;
  }
  throw new ResultError("download_failed", `The result redirects more than ${MAX_REDIRECTS} times.`, facts);
}

/** Frees the connection of a response that is not read. */
export async function discard(response: Response): Promise<void> {
  await response.body?.cancel().catch(() => {});
}
