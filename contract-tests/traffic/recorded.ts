/** One recorded exchange, as an entry of an HTTP archive or in our shorter form, as what the checks look at. */
import { isObject, type Json, objectOf } from "../../openapi/document/types.js";
import type { Received } from "../requests/read.js";
import type { Exchange } from "../targets/exchange.js";

export interface Recorded {
  readonly received: Received;
  readonly exchange: Exchange;
  /** Which bodies were recorded: browsers leave some out. */
  readonly has: { readonly request: boolean; readonly response: boolean };
}

/** @returns `undefined` for what is not an exchange. */
export function recordedOf(text: string): Recorded | undefined {
  const { request, response } = objectOf(JSON.parse(text));
  if (!isObject(request) || typeof request.method !== "string" || typeof request.url !== "string") return undefined;
  if (!isObject(response) || typeof response.status !== "number") return undefined;
  if (!URL.canParse(request.url, "http://localhost")) return undefined;
  const url = new URL(request.url, "http://localhost");
  const posted = objectOf(request.postData);
  const sent = bodyOf(posted.text ?? request.body);
  const sentHeaders = headersOf(request.headers);
  if (typeof posted.mimeType === "string" && posted.mimeType !== "") sentHeaders["content-type"] ??= posted.mimeType;
  const content = objectOf(response.content);
  const came = content.encoding === "base64" ? decoded(String(content.text)) : bodyOf(content.text ?? response.body);
  const nothingCame = content.size === 0 || response.status === 204;
  return {
    received: {
      method: request.method.toUpperCase(),
      path: url.pathname,
      query: url.searchParams,
      headers: sentHeaders,
      names: Object.keys(sentHeaders),
      body: sent ?? "",
    },
    exchange: exchangeOf(response, came ?? "", content),
    has: {
      request:
        sent !== undefined || ((posted.text ?? request.body) === undefined && !(Number(request.bodySize ?? 0) > 0)),
      response: came !== undefined || nothingCame,
    },
  };
}

function exchangeOf(response: Readonly<Record<string, Json>>, body: string, content: Readonly<Record<string, Json>>) {
  const status = Number(response.status);
  // A client that got no response records the status 0; why is not told in a form that all share.
  if (status === 0) return { failure: "reset", detail: "no response was recorded" } as const;
  const undecoded = content._undecoded;
  const headers = headersOf(response.headers);
  return { status, headers, body, ...(typeof undecoded === "string" ? { undecoded } : {}) };
}

/** A list of names and values, or an object of them. */
function headersOf(headers: Json | undefined): Record<string, string> {
  const pairs = Array.isArray(headers)
    ? headers.map(objectOf).map(({ name, value }) => [String(name), String(value)] as const)
    : Object.entries(objectOf(headers)).map(([name, value]) => [name, String(value)] as const);
  const joined: Record<string, string> = {};
  for (const [name, value] of pairs) {
    const lower = name.toLowerCase();
    joined[lower] = joined[lower] === undefined ? value : `${joined[lower]}, ${value}`;
  }
  return joined;
}

/** Text as it came; JSON that the shorter form has as a value; nothing where a report has put a placeholder for base64. */
function bodyOf(body: Json | undefined): string | undefined {
  if (body === undefined || body === null) return undefined;
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return /\[\d+ characters of base64\]/.test(text) ? undefined : text;
}

function decoded(text: string): string {
  return Buffer.from(text, "base64").toString("utf8");
}
