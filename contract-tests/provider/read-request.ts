/** What a request says, read by the document: its parameters as values, its body by media type. */
import type { IncomingMessage } from "node:http";
import { pointerOf, resolve } from "../../openapi/document/pointer.js";
import { isObject, type Json, type JsonObject, objectOf } from "../../openapi/document/types.js";
import type { OperationModel, Parameter } from "../cases/model.js";

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export async function receive(request: IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const [path = "/", query = ""] = (request.url ?? "/").split("?");
  return {
    method: request.method ?? "GET",
    path,
    query: new URLSearchParams(query),
    headers: request.headers,
    body: Buffer.concat(chunks).toString("utf8"),
  };
}

/** The values of the path's placeholders, or nothing when the path is another. */
export function matched(template: string, path: string): Record<string, string> | undefined {
  const names: string[] = [];
  const source = template.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replace(/\{([^}]+)\}/g, (_, name: string) => {
    names.push(name);
    return "([^/]+)";
  });
  const match = new RegExp(`^${source}$`).exec(path);
  return match
    ? Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(match[index + 1] ?? "")]))
    : undefined;
}

/** A parameter's value as the wire says it; `undefined` when it is not there. */
export function parameterValue(
  document: JsonObject,
  parameter: Parameter,
  received: Received,
  path: Readonly<Record<string, string>>,
): Json | undefined {
  const schema = objectOf(resolve(document, parameter.schema).value);
  const { name, explode, style } = parameter;
  if (parameter.in === "query") {
    if (schema.type === "object") return objectIn(received.query, parameter, schema);
    const all = received.query.getAll(name);
    if (all.length === 0) return undefined;
    if (schema.type !== "array") return typed(all[0] ?? "", schema);
    const separator = style === "pipeDelimited" ? "|" : style === "spaceDelimited" ? " " : ",";
    return (explode && style === "form" ? all : all.flatMap((one) => one.split(separator))).map((one) =>
      typed(one, objectOf(schema.items)),
    );
  }
  const text = parameter.in === "path" ? path[name] : received.headers[name.toLowerCase()]?.toString();
  if (text === undefined) return undefined;
  return schema.type === "array"
    ? text.split(",").map((one) => typed(one, objectOf(schema.items)))
    : typed(text, schema);
}

function objectIn(query: URLSearchParams, { name, style, explode }: Parameter, schema: JsonObject): Json | undefined {
  if (style === "deepObject") return deepObjectIn(query, name, schema);
  const properties = objectOf(schema.properties);
  const found: JsonObject = {};
  for (const key of Object.keys(properties)) {
    const text = explode ? query.get(key) : undefined;
    if (text !== null && text !== undefined) found[key] = typed(text, objectOf(properties[key]));
  }
  return Object.keys(found).length > 0 ? found : undefined;
}

function deepObjectIn(query: URLSearchParams, name: string, schema: JsonObject): Json | undefined {
  const found: JsonObject = {};
  for (const [key, inner] of Object.entries(objectOf(schema.properties))) {
    const own = objectOf(inner);
    const text = query.get(`${name}[${key}]`);
    const value =
      own.type === "object"
        ? deepObjectIn(query, `${name}[${key}]`, own)
        : text === null
          ? undefined
          : typed(text, own);
    if (value !== undefined) found[key] = value;
  }
  return Object.keys(found).length > 0 ? found : undefined;
}

/** Text as the type that the schema wants; as text where it is none. */
function typed(text: string, schema: JsonObject): Json {
  if ((schema.type === "integer" || schema.type === "number") && text.trim() !== "" && Number.isFinite(Number(text)))
    return Number(text);
  return schema.type === "boolean" && (text === "true" || text === "false") ? text === "true" : text;
}

/** A body by its media type. @throws {SyntaxError} for JSON that is none. */
export function bodyValue(
  document: JsonObject,
  operation: OperationModel,
  mediaType: string,
  received: Received,
): Json {
  if (/[/+]json$/.test(mediaType)) return JSON.parse(received.body) as Json;
  const media = operation.request.find((each) => each.mediaType === mediaType);
  const properties = media?.schema === undefined ? {} : propertiesAt(document, media.schema);
  const fields = /x-www-form-urlencoded$/.test(mediaType)
    ? [...new URLSearchParams(received.body)]
    : mediaType === "multipart/form-data"
      ? parts(received)
      : undefined;
  if (!fields) return received.body;
  const value: JsonObject = {};
  for (const [name, text] of fields) {
    const own = isObject(properties[name]) ? objectOf(properties[name]) : {};
    const known = value[name];
    if (own.type !== "array") value[name] = typed(text, own);
    else value[name] = [...(Array.isArray(known) ? known : []), typed(text, objectOf(own.items))];
  }
  return value;
}

/** The schemas of an object's fields, those in `allOf` parts among them, without their `$ref`s. */
function propertiesAt(document: JsonObject, at: string): JsonObject {
  const { value, pointer } = resolve(document, at);
  const { properties, allOf } = objectOf(value);
  const own = Object.keys(objectOf(properties)).map((name): [string, Json] => [
    name,
    resolve(document, pointer + pointerOf(["properties", name])).value,
  ]);
  const parts = (Array.isArray(allOf) ? allOf : []).map((_, index) =>
    propertiesAt(document, `${pointer}/allOf/${index}`),
  );
  return Object.assign({}, ...parts, Object.fromEntries(own)) as JsonObject;
}

function parts({ headers, body }: Received): [string, string][] {
  const boundary = /boundary="?([^";]+)/.exec(headers["content-type"] ?? "")?.[1];
  if (boundary === undefined) throw new SyntaxError("no boundary");
  return body
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => {
      const [head = "", ...rest] = part.split("\r\n\r\n");
      return [/name="([^"]*)"/.exec(head)?.[1] ?? "", rest.join("\r\n\r\n").replace(/\r\n$/, "")];
    });
}
