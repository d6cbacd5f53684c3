/** The head of a request, as every transport of this package writes it, and what an answer's status means to them. */
import type { LightRequest } from "./light-request.js";
import type { RequestBody } from "./request-body.js";

/** Answers that would have a request sent again, elsewhere. */
export const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export function hasNoBody(method: string, status: number): boolean {
  return method === "HEAD" || status === 204 || status === 304;
}

export function announcedLength(request: LightRequest, body: RequestBody): number | undefined {
  if (body.kind === "whole")
    return typeof body.bytes === "string" ? Buffer.byteLength(body.bytes) : body.bytes.byteLength;
  let announced: number | undefined;
  request.eachHeader((value, name) => {
    if (name === "content-length" && /^\d{1,15}$/.test(value)) announced = Number(value);
  });
  return announced;
}

/** Flat name-value pairs, which need no sorting in; without those that say how the body goes over the wire. */
export function headersOf(request: LightRequest, body: RequestBody): string[] {
  const flat: string[] = [];
  let accept = true;
  let encoding = true;
  let typed = body.kind === "none" || body.type === undefined;
  request.eachHeader((value, name) => {
    if (UNSENT.has(name)) return;
    if (name === "accept") accept = false;
    else if (name === "accept-encoding") encoding = false;
    else if (name === "content-type") typed = true;
    flat.push(name, value);
  });
  if (accept) flat.push("accept", "*/*");
  // The answers are small or already compressed: asking for more would only cost both sides time.
  if (encoding) flat.push("accept-encoding", "identity");
  if (!typed && body.kind !== "none") flat.push("content-type", body.type ?? "");
  return flat;
}

/** Set by the transport itself. */
const UNSENT: ReadonlySet<string> = new Set([
  "host",
  "connection",
  "content-length",
  "transfer-encoding",
  "keep-alive",
]);
