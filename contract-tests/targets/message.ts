/** Case → HTTP message: the path, the credentials, and what is asked of a mock. */
import type { Credential, Prefer, WireRequest } from "../cases/case.js";
import { targetOf } from "../cases/wire.js";
import type { Message } from "./exchange.js";

/** Where a request goes, and what is not said by the case. */
export interface Address {
  readonly base: string;
  readonly prefer?: Prefer | undefined;
  /** Values for the path that the provider gave. */
  readonly known?: Readonly<Record<string, string>>;
  /** Sent in place of the case's own content type and body. */
  readonly instead?: { readonly type: string; readonly body: string } | undefined;
}

export function messageOf(request: WireRequest, key: string, { base, prefer, known, instead }: Address): Message {
  const target = targetOf(request, known);
  const query: string[] = [];
  const headers: Record<string, string> = { ...request.headers };
  for (const credential of request.credentials) {
    const value = credentialValue(credential, key);
    const { in: place, name } = credential;
    if (place === "header") headers[name] = value;
    else if (place === "query") query.push(`${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
    else headers.cookie = `${headers.cookie ? `${headers.cookie}; ` : ""}${name}=${encodeURIComponent(value)}`;
  }
  if (prefer) headers.prefer = preferHeader(prefer);
  if (instead) headers["content-type"] = instead.type;
  const names = request.loud ? Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]) : undefined;
  const joined = query.length === 0 ? target : `${target}${target.includes("?") ? "&" : "?"}${query.join("&")}`;
  // Joined as text: `new URL(path, base)` would lose the base's own path and tidy up what a case means to send.
  const url = new URL(base.replace(/\/$/, "") + joined);
  return {
    url,
    method: request.method,
    headers: names ? Object.fromEntries(names) : headers,
    body: instead?.body ?? request.body,
  };
}

/** What is sent for a credential. */
export function credentialValue({ form, key: which }: Credential, key: string): string {
  const own = keyAs(which, key);
  if (form === "empty") return "";
  if (form === "bearer") return `Bearer ${own}`;
  return form === "basic" ? `Basic ${Buffer.from(`contract:${own}`).toString("base64")}` : own;
}

export function keyAs(which: Credential["key"], key: string): string {
  if (which === "wrong") return "contract-wrong-key";
  if (which === "cut") return key.slice(0, -1);
  if (which === undefined) return key;
  return key.replace(/[a-z]/gi, (letter) => (letter < "a" ? letter.toLowerCase() : letter.toUpperCase()));
}

/** Comma-separated: with a semicolon Prism silently responds with the first example. */
function preferHeader(prefer: Prefer): string {
  const parts = Object.entries(prefer).map(([name, value]) => {
    const text = String(value);
    return `${name}=${/^[\w.-]+$/.test(text) ? text : `"${text}"`}`;
  });
  return parts.join(", ");
}
