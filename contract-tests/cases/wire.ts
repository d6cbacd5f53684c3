/** Values onto the wire: parameters by style, bodies by media type. */
import { isObject, type Json } from "../../openapi/document/types.js";
import type { WireRequest } from "./case.js";
import type { OperationModel, Parameter } from "./model.js";

const BOUNDARY = "contract-suite-boundary";

/** Whether the media type holds text fields, so that only what can be said as text can be tested. */
export function isForm(mediaType: string): boolean {
  return /^(?:application\/x-www-form-urlencoded|multipart\/form-data)\b/i.test(mediaType);
}

export function isJson(mediaType: string): boolean {
  return /^[^;]*[/+]json\b/i.test(mediaType);
}

/** @returns `undefined` for a media type that this suite cannot write. */
export function bodyText(mediaType: string, value: Json): string | undefined {
  if (isJson(mediaType)) return JSON.stringify(value);
  if (/^application\/x-www-form-urlencoded\b/i.test(mediaType) && isObject(value)) return formPairs(value).join("&");
  if (/^multipart\/form-data\b/i.test(mediaType) && isObject(value)) {
    const parts = formFields(value).map(
      ([name, text]) => `--${BOUNDARY}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${text}\r\n`,
    );
    return `${parts.join("")}--${BOUNDARY}--\r\n`;
  }
  return typeof value === "string" ? value : undefined;
}

function contentTypeOf(mediaType: string): string {
  return /^multipart\//i.test(mediaType) ? `${mediaType}; boundary=${BOUNDARY}` : mediaType;
}

function formPairs(value: Readonly<Record<string, Json>>): string[] {
  return formFields(value).map(([name, text]) => `${encodeURIComponent(name)}=${encodeURIComponent(text)}`);
}

/** Each item of an array is a field of its own. */
function formFields(value: Readonly<Record<string, Json>>): [string, string][] {
  return Object.entries(value).flatMap(([name, one]) =>
    (Array.isArray(one) ? one : [one]).map((item): [string, string] => [name, plain(item)]),
  );
}

function plain(value: Json): string {
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
}

/** Pairs of a query, or of a cookie, which is in the same style. */
function queryPairs({ name, style, explode }: Parameter, value: Json): string[] {
  const pair = (key: string, text: string): string => `${encodeURIComponent(key)}=${text}`;
  const encoded = (one: Json): string => encodeURIComponent(plain(one));
  if (Array.isArray(value)) {
    if (explode && style === "form") return value.map((item) => pair(name, encoded(item)));
    const separator = style === "pipeDelimited" ? "%7C" : style === "spaceDelimited" ? "%20" : ",";
    return [pair(name, value.map(encoded).join(separator))];
  }
  if (!isObject(value)) return [pair(name, encoded(value))];
  if (style === "deepObject") return deepPairs(encodeURIComponent(name), value);
  if (explode) return Object.entries(value).map(([key, one]) => pair(key, encoded(one)));
  return [pair(name, Object.entries(value).flat().map(encoded).join(","))];
}

/** OpenAPI leaves objects in objects open; servers read `filters[size][min]=1`. */
function deepPairs(name: string, value: Json): string[] {
  if (!isObject(value) && !Array.isArray(value)) return [`${name}=${encodeURIComponent(plain(value))}`];
  return Object.entries(value).flatMap(([key, one]) => deepPairs(`${name}[${encodeURIComponent(key)}]`, one));
}

/** A value of a path or header parameter. */
function joined(value: Json): string {
  if (Array.isArray(value)) return value.map(plain).join(",");
  return isObject(value) ? Object.entries(value).flat().map(plain).join(",") : plain(value);
}

/** A request to the operation, with the credentials of its first alternative that needs any. */
export function requestOf(
  operation: OperationModel,
  values: ReadonlyMap<Parameter, Json>,
  body: { readonly mediaType: string; readonly text: string } | undefined,
): WireRequest {
  const pathValues: Record<string, string> = {};
  const pairs: string[] = [];
  const cookies: string[] = [];
  const headers: Record<string, string> = body ? { "content-type": contentTypeOf(body.mediaType) } : {};
  for (const [parameter, value] of values) {
    if (parameter.in === "path") pathValues[parameter.name] = encodeURIComponent(joined(value));
    else if (parameter.in === "header") headers[parameter.name.toLowerCase()] = joined(value);
    else (parameter.in === "cookie" ? cookies : pairs).push(...queryPairs(parameter, value));
  }
  if (cookies.length > 0) headers.cookie = cookies.join("; ");
  return {
    method: operation.method.toUpperCase(),
    template: operation.path,
    pathValues,
    query: pairs.join("&"),
    headers,
    credentials: operation.security.find((alternative) => alternative.length > 0) ?? [],
    body: body?.text,
  };
}

/** Path and query as they go on the wire. `known`: values that the provider gave, in place of made-up ones. */
export function targetOf(request: WireRequest, known: Readonly<Record<string, string>> = {}): string {
  const path = request.template.replace(
    /\{([^}]+)\}/g,
    (whole, name: string) => known[name] ?? request.pathValues[name] ?? whole,
  );
  return request.query === "" ? path : `${path}?${request.query}`;
}
