/** Case → HTTP message: the path, the credentials, and what is asked of a mock. */
import type { Credential, Prefer, WireRequest } from "../cases/case.js";
import { targetOf } from "../cases/wire.js";
import type { Message } from "./exchange.js";

export interface Addressed extends Message {
  readonly url: URL;
}

export function addressed(
  base: string,
  request: WireRequest,
  key: string,
  extra: { readonly prefer?: Prefer; readonly known?: Readonly<Record<string, string>> } = {},
): Addressed {
  const target = targetOf(request, extra.known);
  const query: string[] = [];
  const headers: Record<string, string> = { ...request.headers };
  for (const credential of request.credentials) {
    const value = credentialValue(credential, key);
    if (credential.in === "header") headers[credential.name] = value;
    else if (credential.in === "query")
      query.push(`${encodeURIComponent(credential.name)}=${encodeURIComponent(value)}`);
    else
      headers.cookie = `${headers.cookie ? `${headers.cookie}; ` : ""}${credential.name}=${encodeURIComponent(value)}`;
  }
  if (extra.prefer) headers.prefer = preferHeader(extra.prefer);
  const joined = query.length === 0 ? target : `${target}${target.includes("?") ? "&" : "?"}${query.join("&")}`;
  // Joined as text: `new URL(path, base)` would lose the base's own path and tidy up what a case means to send.
  return {
    url: new URL(base.replace(/\/$/, "") + joined),
    method: request.method,
    headers,
    ...(request.body === undefined ? {} : { body: request.body }),
  };
}

function credentialValue({ form }: Credential, key: string): string {
  if (form === "empty") return "";
  if (form === "bearer") return `Bearer ${key}`;
  return form === "basic" ? `Basic ${Buffer.from(`contract:${key}`).toString("base64")}` : key;
}

/** Comma-separated: with a semicolon Prism silently answers with the first example. */
function preferHeader(prefer: Prefer): string {
  const parts = Object.entries(prefer).map(([name, value]) => {
    const text = String(value);
    return `${name}=${/^[\w.-]+$/.test(text) ? text : `"${text}"`}`;
  });
  return parts.join(", ");
}
