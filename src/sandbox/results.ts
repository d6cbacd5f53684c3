/** Results: signed URLs that expire, and downloads of them without a key, also in ranges. */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { Call, RequestContext } from "./context.js";
import { Refusal } from "./response.js";
import { nameOf } from "./store.js";

/** The path of a result with its token in the provider's form: `?token=exp=<unix seconds>~hmac=<hex>`. */
export function signedPath(
  { taskId, index, type }: { readonly taskId: string; readonly index: number; readonly type: string },
  expiresAt: number,
  secret: string,
): string {
  const path = `/results/${taskId}/${index}.${/^image\/(\w+)$/.exec(type)?.[1] ?? "bin"}`;
  const exp = String(Math.ceil(expiresAt / 1000));
  return `${path}?token=exp=${exp}~hmac=${hmac(path, exp, secret)}`;
}

/** @throws {Refusal} */
export async function resultResponse(
  { time, store, tasks, signingSecret }: RequestContext,
  { request, url, route }: Call,
): Promise<Response> {
  const { taskId = "" } = route;
  checkToken(url.pathname, url.searchParams.get("token"), time.now(), signingSecret);
  const result = tasks.get(taskId)?.result;
  const image = await store.read(nameOf("images", taskId, "result"));
  if (image === undefined || result === undefined) throw new Refusal(404, "Not found");

  // A task's image never changes, so its id names this version of it.
  const etag = `"${taskId}"`;
  const headers = {
    "content-type": result.type,
    "accept-ranges": "bytes",
    "cache-control": "private, max-age=3600",
    etag,
  };
  const ifRange = request.headers.get("if-range");
  const range =
    ifRange === null || ifRange === etag ? byteRange(request.headers.get("range"), image.length) : undefined;
  const [start, end] = range ?? [0, image.length - 1];
  if (start > end && range !== undefined)
    throw new Refusal(416, "The range lies outside the image", {
      headers: { "content-range": `bytes */${image.length}` },
    });
  const part = range === undefined ? {} : { "content-range": `bytes ${start}-${end}/${image.length}` };
  return new Response(image.subarray(start, end + 1), {
    status: range === undefined ? 200 : 206,
    headers: { ...headers, ...part, "content-length": String(end - start + 1) },
  });
}

/**
 * The range of `Range: bytes=…`, its end included (RFC 9110 §14); an empty one where it lies outside, and `undefined`
 * where there is none that must be heeded.
 */
function byteRange(header: string | null, size: number): readonly [number, number] | undefined {
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
  if (first === "") return last === "" ? undefined : [Math.max(0, size - Number(last)), size - 1];
  if (last !== "" && Number(last) < Number(first)) return undefined;
  return [Number(first), last === "" ? size - 1 : Math.min(Number(last), size - 1)];
}

/** @throws {Refusal} 403 */
export function checkToken(path: string, token: string | null, now: number, secret: string): void {
  const [, exp = "", given = ""] = /^exp=(\d{1,12})~hmac=([0-9a-f]{64})$/.exec(token ?? "") ?? [];
  const isSigned = exp !== "" && timingSafeEqual(Buffer.from(given), Buffer.from(hmac(path, exp, secret)));
  if (!isSigned) throw new Refusal(403, "Access denied");
  if (now >= Number(exp) * 1000) throw new Refusal(403, "The URL has expired");
}

function hmac(path: string, exp: string, secret: string): string {
  return createHmac("sha256", secret).update(`${path}~exp=${exp}`).digest("hex");
}
