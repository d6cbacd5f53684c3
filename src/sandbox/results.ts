/** Downloads of results: no key, a signed URL that expires, and ranges. */
import type { Call, RequestContext } from "./call.js";
import { Refusal, response } from "./response.js";
import { checkToken } from "./result-url.js";
import { nameOf } from "./store.js";

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
  const headers = { "accept-ranges": "bytes", "cache-control": "private, max-age=3600", etag };
  const isCurrent = (request.headers.get("if-range") ?? etag) === etag;
  const range = isCurrent ? byteRange(request.headers.get("range"), image.length) : undefined;
  const [start, end] = range ?? [0, image.length - 1];
  if (start > end && range !== undefined)
    throw new Refusal(416, "The range lies outside the image", { "content-range": `bytes */${image.length}` });
  const part = range === undefined ? {} : { "content-range": `bytes ${start}-${end}/${image.length}` };
  const status = range === undefined ? 200 : 206;
  return response(status, result.type, image.subarray(start, end + 1), { ...headers, ...part });
}

/** The range that a `Range` header asks for, its end included (RFC 9110 §14); start > end where it lies outside. */
function byteRange(header: string | null, size: number): readonly [number, number] | undefined {
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
  if (first === "") return last === "" ? undefined : [Math.max(0, size - Number(last)), size - 1];
  if (last !== "" && Number(last) < Number(first)) return undefined;
  return [Number(first), last === "" ? size - 1 : Math.min(Number(last), size - 1)];
}
