/** What a provider does at each step, one function a step, so that a fault can change one of them and nothing else. */
import { randomUUID } from "node:crypto";
import { resolve } from "../../openapi/document/pointer.js";
import { isObject, type Json, type JsonObject } from "../../openapi/document/types.js";
import { DocumentSchemas } from "../../openapi/document/validation.js";
import { Builder } from "../cases/build.js";
import type { Credential } from "../cases/case.js";
import { codeOf, examplesAt, modelOf, type OperationModel, responseFor } from "../cases/model.js";
import { bodyValue, matched, parameterValue, type Received } from "./read-request.js";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Something wrong with a request. */
export interface Finding {
  readonly place: string;
  readonly rule: string;
}

export interface Call {
  readonly operation: OperationModel;
  readonly received: Received;
  readonly path: Readonly<Record<string, string>>;
}

export interface Behaviour {
  /** The operation that a request is for; what is wrong with the way to it otherwise. */
  route(received: Received): Call | "no path" | "no method";
  authenticated(call: Call): boolean;
  findings(call: Call): readonly Finding[];
  /** Whether what the path names is there. */
  exists(call: Call): boolean;
  success(call: Call): Answer;
  refusal(call: Call, codes: readonly number[]): Answer;
  /** Last word on every answer of an operation. */
  finish(answer: Answer, call: Call): Answer;
  unrouted(why: "no path" | "no method", received: Received): Answer;
}

export function behaviourOf(document: JsonObject, key: string): Behaviour {
  const operations = modelOf(document).filter((operation) => !operation.callback);
  const schemas = new DocumentSchemas(document);
  const builder = new Builder(document, "answer");
  const issued = new Set<string>();

  /** A value for a media type: the document's own example where it has one. */
  const valueFor = (media: { readonly pointer: string; readonly schema?: string }): Json => {
    const [example] = examplesAt(document, media.pointer);
    if (example) return example.value;
    if (media.schema === undefined) return "";
    const root = resolve(document, media.schema).value;
    const own = isObject(root) ? root.example : undefined;
    return own ?? builder.at(media.schema, "full");
  };
  const answer = (call: Call, code: number, change: (value: Json) => Json = (value) => value): Answer => {
    const response = responseFor(call.operation.responses, code);
    const headers = Object.fromEntries(
      (response?.headers ?? []).map((header) => {
        const [example] = examplesAt(document, header.pointer);
        return [
          header.name,
          String(example?.value ?? (header.schema === undefined ? "1" : builder.at(header.schema, "full"))),
        ];
      }),
    );
    const content = response?.content ?? [];
    const accept = call.received.headers.accept ?? "*/*";
    const media = content.find((each) => accept.includes(each.mediaType)) ?? content[0];
    if (!media) return { status: code, headers, body: "" };
    const value = change(valueFor(media));
    const body = /[/+]json$/.test(media.mediaType)
      ? JSON.stringify(value)
      : typeof value === "string"
        ? value
        : JSON.stringify(value);
    return { status: code, headers: { ...headers, "content-type": media.mediaType }, body };
  };

  return {
    route(received) {
      const there = operations
        .map((operation) => ({ operation, path: matched(operation.path, received.path) }))
        .filter((each) => each.path !== undefined)
        .sort((a, b) => a.operation.path.split("{").length - b.operation.path.split("{").length);
      if (there.length === 0) return "no path";
      const found = there.find((each) => each.operation.method.toUpperCase() === received.method);
      return found ? { operation: found.operation, path: found.path ?? {}, received } : "no method";
    },
    authenticated({ operation, received }) {
      if (operation.security.length === 0) return true;
      return operation.security.some((alternative) =>
        alternative.every((credential) => carries(received, credential, key)),
      );
    },
    findings(call) {
      return [...parameterFindings(document, schemas, call), ...bodyFindings(document, schemas, call)];
    },
    exists({ operation, path }) {
      // Nobody makes what this path names, so everything is there.
      const maker = operations.some((each) => each.method === "post" && operation.path.startsWith(`${each.path}/{`));
      return !maker || Object.values(path).some((value) => issued.has(value.toLowerCase()));
    },
    success(call) {
      const response =
        call.operation.responses
          .filter((each) => /^2/.test(each.status))
          .sort((a, b) => (a.status < b.status ? -1 : 1))[0] ?? call.operation.responses[0];
      const code = response ? codeOf(response.status, call.operation.responses) : 200;
      const makes = call.operation.method === "post";
      return answer(call, code, (value) =>
        makes ? withFreshIds(value, issued) : withIds(value, Object.values(call.path), issued),
      );
    },
    refusal(call, codes) {
      const { responses } = call.operation;
      const code =
        codes.find((each) => responses.some((response) => response.status === String(each))) ??
        codes.find((each) => responseFor(responses, each)) ??
        codes[0] ??
        400;
      return answer(call, code);
    },
    finish: (given) => given,
    unrouted: (why) => ({
      status: why === "no path" ? 404 : 405,
      headers: { "content-type": "application/json" },
      body: '{"message":"Not here"}',
    }),
  };
}

export function carries(received: Received, { in: place, name, form }: Credential, key: string): boolean {
  const wanted =
    form === "bearer"
      ? `Bearer ${key}`
      : form === "basic"
        ? `Basic ${Buffer.from(`contract:${key}`).toString("base64")}`
        : key;
  if (place === "header") return received.headers[name] === wanted;
  if (place === "query") return received.query.get(name) === wanted;
  return (received.headers.cookie ?? "").split(/; */).includes(`${name}=${encodeURIComponent(wanted)}`);
}

function parameterFindings(
  document: JsonObject,
  schemas: DocumentSchemas,
  { operation, received, path }: Call,
): Finding[] {
  return operation.parameters.flatMap((parameter) => {
    const value = parameterValue(document, parameter, received, path);
    const place = `${parameter.in}.${parameter.name}`;
    if (value === undefined) return parameter.required ? [{ place, rule: "required" }] : [];
    const validate = schemas.validator(parameter.schema, "open");
    return validate(value)
      ? []
      : (validate.errors ?? []).map((error) => ({
          place: place + error.instancePath.replaceAll("/", "."),
          rule: error.keyword,
        }));
  });
}

function bodyFindings(document: JsonObject, schemas: DocumentSchemas, { operation, received }: Call): Finding[] {
  if (operation.request.length === 0) return [];
  if (received.body === "") return operation.bodyRequired ? [{ place: "body", rule: "absent" }] : [];
  const type = (received.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  const media = operation.request.find((each) => each.mediaType.toLowerCase() === type);
  if (!media) return [{ place: "body", rule: "media type" }];
  let value: Json;
  try {
    value = bodyValue(document, operation, media.mediaType, received);
  } catch {
    return [{ place: "body", rule: "malformed" }];
  }
  if (media.schema === undefined) return [];
  const validate = schemas.validator(media.schema, "open");
  return validate(value)
    ? []
    : (validate.errors ?? []).map((error) => ({
        place: `body${error.instancePath.replaceAll("/", ".")}`,
        rule: error.keyword,
      }));
}

const UUID = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i;

function withFreshIds(value: Json, issued: Set<string>): Json {
  return mapText(value, (text) => {
    if (!UUID.test(text)) return text;
    const id = randomUUID();
    issued.add(id);
    return id;
  });
}

/** The id that was asked for; in a list, ids that are thereby known. */
function withIds(value: Json, ids: readonly string[], issued: Set<string>): Json {
  const [id] = ids.filter((each) => UUID.test(each));
  return mapText(value, (text) => {
    if (!UUID.test(text)) return text;
    issued.add(id ?? text);
    return id ?? text;
  });
}

export function mapText(value: Json, change: (text: string) => string): Json {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((item) => mapText(item, change));
  return isObject(value)
    ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mapText(inner, change)]))
    : value;
}
