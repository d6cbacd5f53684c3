/** What a request says, read by the document: its parameters as values, its body by media type. */
import type { IncomingMessage } from "node:http";
import type { Json, JsonObject } from "../../openapi/document/types.js";
import { type Flat, flatten, itemsOf, propertyOf } from "../cases/flat.js";
import type { Parameter } from "../cases/model.js";
import { isForm, isJson } from "../cases/wire.js";

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Names of headers as they came. */
  readonly names: readonly string[];
}

export async function receive(request: IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const [path = "/", query = ""] = (request.url ?? "/").split("?");
  return {
    method: request.method ?? "GET",
    path,
    query: new URLSearchParams(query),
    headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
    body: Buffer.concat(chunks).toString("utf8"),
    names: request.rawHeaders.filter((_, index) => index % 2 === 0),
  };
}

/** The values of the path's placeholders, or nothing when the path is another. */
export function matched(template: string, path: string): Record<string, string> | undefined {
  const [steps, own] = [template.split("/"), path.split("/")];
  const values: Record<string, string> = {};
  const fits = steps.every((step, index) => {
    const [, name] = /^\{(.+)\}$/.exec(step) ?? [];
    if (name !== undefined) values[name] = decodeURIComponent(own[index] ?? "");
    return name === undefined ? step === own[index] : own[index] !== "";
  });
  return fits && steps.length === own.length ? values : undefined;
}

/** Cookies as the query that they are in another place. */
function cookiesOf({ cookie = "" }: Received["headers"]): URLSearchParams {
  return new URLSearchParams(cookie.replaceAll(/; */g, "&"));
}

const SEPARATORS: Readonly<Record<string, string>> = { pipeDelimited: "|", spaceDelimited: " " };

/** A parameter's value as the wire says it; `undefined` when it is not there. */
export function parameterValue(
  document: JsonObject,
  parameter: Parameter,
  received: Received,
  path: Readonly<Record<string, string>>,
): Json | undefined {
  const { name, in: place, schema, explode, style } = parameter;
  const { query, headers } = received;
  const flat = flatten(document, [schema]);
  if (place === "cookie") {
    const read = { ...received, query: cookiesOf(headers) };
    return parameterValue(document, { ...parameter, in: "query" }, read, path);
  }
  if (place !== "query") {
    const text = place === "path" ? path[name] : headers[name.toLowerCase()];
    return text === undefined ? undefined : typed(document, flat, isList(flat) ? text.split(",") : [text]);
  }
  if (flat.types.includes("object"))
    return objectIn(document, flat, query, style === "deepObject" ? (key) => `${name}[${key}]` : (key) => key);
  const all = query.getAll(name);
  const repeated = !isList(flat) || (explode && style === "form");
  return typed(document, flat, repeated ? all : all.flatMap((one) => one.split(SEPARATORS[style] ?? ",")));
}

/** An object whose fields stand under names of their own. */
function objectIn(
  document: JsonObject,
  flat: Flat,
  query: URLSearchParams,
  nameOf: (key: string) => string,
): JsonObject | undefined {
  const found: JsonObject = {};
  for (const key of Object.keys(flat.properties)) {
    const inner = propertyOf(document, flat, key);
    if (!inner) continue;
    const value = inner.types.includes("object")
      ? objectIn(document, inner, query, (below) => `${nameOf(key)}[${below}]`)
      : typed(document, inner, query.getAll(nameOf(key)));
    if (value !== undefined) found[key] = value;
  }
  return Object.keys(found).length > 0 ? found : undefined;
}

function isList(flat: Flat): boolean {
  return flat.types.includes("array");
}

/** Texts as the type that the schema wants, or as text where they cannot be that; `undefined` for none. */
function typed(document: JsonObject, flat: Flat | undefined, texts: readonly string[]): Json | undefined {
  const [text] = texts;
  if (text === undefined) return undefined;
  if (flat && isList(flat)) return texts.map((one) => typed(document, itemsOf(document, flat), [one]) ?? one);
  const numeric = flat?.types.some((type) => type === "integer" || type === "number");
  if (numeric && text.trim() !== "" && Number.isFinite(Number(text))) return Number(text);
  return flat?.types.includes("boolean") && /^(?:true|false)$/.test(text) ? text === "true" : text;
}

/** A body by its media type. @throws {SyntaxError} for one that cannot be parsed. */
export function bodyValue(
  document: JsonObject,
  { mediaType, schema }: { readonly mediaType: string; readonly schema?: string },
  { headers, body }: Received,
): Json {
  if (isJson(mediaType)) return JSON.parse(body) as Json;
  if (!isForm(mediaType) || schema === undefined) return body;
  const boundary = /boundary="?([^";]+)/.exec(headers["content-type"] ?? "")?.[1];
  const fields = boundary === undefined ? new URLSearchParams(body) : new URLSearchParams(parts(body, boundary));
  const flat = flatten(document, [schema]);
  return Object.fromEntries(
    [...new Set(fields.keys())].map((name) => [
      name,
      typed(document, propertyOf(document, flat, name), fields.getAll(name)) ?? "",
    ]),
  );
}

function parts(body: string, boundary: string): [string, string][] {
  const all = body.split(`--${boundary}`).slice(1, -1);
  return all.map((part) => {
    const [head = "", ...rest] = part.split("\r\n\r\n");
    return [/name="([^"]*)"/.exec(head)?.[1] ?? "", rest.join("\r\n\r\n").replace(/\r\n$/, "")];
  });
}
