/** The three headers of a delivery, from headers of any shape. Pure. */
import { WebhookError } from "../errors/webhook-error.js";

export type HeaderValue = string | number | readonly string[] | null | undefined;

/** Headers in any shape: `Headers`, a Map, entries, Node's flat `rawHeaders`, or an object; names in any case. */
export type WebhookHeaders =
  | Headers
  | ReadonlyMap<string, HeaderValue>
  | Iterable<readonly [string, HeaderValue]>
  | readonly string[]
  | Readonly<Record<string, HeaderValue>>;

export interface SignedHeaders {
  readonly id: string;
  readonly timestamp: string;
  readonly signature: string;
}

/** @throws {WebhookError} `header_missing` */
export function signedHeaders(headers: WebhookHeaders | undefined): SignedHeaders {
  const values = new Map<string, string>();
  for (const [name, value] of entriesOf(headers)) {
    const key = String(name).toLowerCase();
    const text = (Array.isArray(value) ? value : [value ?? ""]).join(", ").trim();
    const before = values.get(key);
    // As Headers does it: a repeated header is a list.
    if (text !== "") values.set(key, before === undefined ? text : `${before}, ${text}`);
  }
  const id = values.get("webhook-id");
  const read = (name: string): string => {
    const value = values.get(name);
    if (value !== undefined) return value;
    const seen = values.size === 0 ? "no headers were passed" : "a proxy may have dropped it, or this is not a webhook";
    throw new WebhookError("header_missing", `The header ${name} is missing: ${seen}.`, { webhookId: id });
  };
  return { id: read("webhook-id"), timestamp: read("webhook-timestamp"), signature: read("webhook-signature") };
}

function* entriesOf(headers: WebhookHeaders | undefined): Iterable<readonly [string, HeaderValue]> {
  if (typeof headers !== "object" || headers === null) return;
  if (Array.isArray(headers) && typeof headers[0] === "string") {
    for (const [at, text] of headers.entries()) if (at % 2 === 0) yield [text, headers[at + 1]];
    return;
  }
  const entries = Symbol.iterator in headers ? headers : Object.entries(headers);
  for (const entry of entries as Iterable<unknown>) {
    if (Array.isArray(entry)) yield [entry[0], entry[1]];
  }
}
