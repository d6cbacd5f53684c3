/** What a provider does at each step, one function a step, so that a fault can change one of them and nothing else. */
import { randomUUID } from "node:crypto";
import { isObject, type Json, type JsonObject } from "../../../openapi/document/types.js";
import { DocumentSchemas } from "../../../openapi/document/validation.js";
import { Bases } from "../../cases/base.js";
import { Builder } from "../../cases/build.js";
import type { Credential } from "../../cases/case.js";
import { callable } from "../../cases/derive.js";
import { codeOf, examplesAt, responseFor } from "../../cases/model.js";
import { isJson } from "../../cases/wire.js";
import { type Call, type Finding, requestFindings } from "../../requests/findings.js";
import { matched, type Received } from "../../requests/read.js";
import { credentialValue } from "../../targets/message.js";

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Behaviour {
  /** The operation that a request is for, or why there is none. */
  route(received: Received): Call | "no path" | "no method";
  authenticated(call: Call): boolean;
  findings(call: Call): readonly Finding[];
  /** Whether what the path names is there. */
  exists(call: Call): boolean;
  success(call: Call): Reply;
  refusal(call: Call, codes: readonly number[]): Reply;
  /** Last word on every response of an operation. */
  finish(reply: Reply, call: Call): Reply;
  unrouted(why: "no path" | "no method"): Reply;
}

export function behaviourOf(document: JsonObject, key: string): Behaviour {
  const operations = callable(document);
  const schemas = new DocumentSchemas(document);
  const bases = new Bases(document, schemas);
  const builder = new Builder(document, "response");
  const issued = new Set<string>();

  /** The document's own example where it has one, else a value of the schema. */
  const valueFor = ({ pointer, schema }: { readonly pointer: string; readonly schema?: string | undefined }): Json => {
    const [example] = examplesAt(document, pointer);
    if (example) return example.value;
    return schema === undefined ? "" : (bases.rootExample(schema)?.value ?? builder.at(schema, "full"));
  };
  const reply = (
    { operation, received }: Call,
    status: number,
    change: (value: Json) => Json = (value) => value,
  ): Reply => {
    const { headers = [], content = [] } = responseFor(operation.responses, status) ?? {};
    const texts = Object.fromEntries(headers.map((header) => [header.name, String(valueFor(header))]));
    const media = content.find((each) => received.headers.accept?.includes(each.mediaType)) ?? content[0];
    if (!media) return { status, headers: texts, body: "" };
    const value = change(valueFor(media));
    const body = isJson(media.mediaType) || typeof value !== "string" ? JSON.stringify(value) : value;
    return { status, headers: { ...texts, "content-type": media.mediaType }, body };
  };

  const makes = (path: string): boolean =>
    operations.some((each) => each.method === "post" && each.path === path) &&
    operations.some((each) => each.path.startsWith(`${path}/{`));
  /** What was made, the newest first, as the list's example or schema shows one. */
  const listed = (call: Call): Reply => {
    const own = reply(call, 200);
    const schema = responseFor(call.operation.responses, 200)?.content[0]?.schema;
    const told = [own.body, schema ? JSON.stringify(builder.at(schema, "full")) : ""];
    const text = told.find((each) => UUIDS.test(each));
    if (text === undefined) return own;
    const value = JSON.parse(text) as Json;
    const ids = [...issued].slice(-LISTED).reverse();
    return { ...own, body: JSON.stringify(repeated(value, ids)) };
  };

  return {
    route(received) {
      const there = operations.flatMap((operation) => {
        const path = matched(operation.path, received.path);
        return path ? [{ operation, path, received }] : [];
      });
      if (there.length === 0) return "no path";
      const found = there
        .filter(({ operation }) => operation.method.toUpperCase() === received.method)
        .sort((a, b) => Object.keys(a.path).length - Object.keys(b.path).length);
      return found[0] ?? "no method";
    },
    authenticated: ({ operation: { security }, received }) =>
      security.length === 0 || security.some((all) => all.every((one) => carries(received, one, key))),
    findings: (call) => requestFindings(document, schemas, call),
    exists({ operation, path }) {
      // Nobody makes what this path names, so everything is there.
      const maker = operations.some((each) => each.method === "post" && operation.path.startsWith(`${each.path}/{`));
      return !maker || Object.values(path).some((value) => issued.has(value.toLowerCase()));
    },
    success(call) {
      const { responses, method } = call.operation;
      const successes = responses.filter((each) => /^2/.test(each.status));
      const [lowest = responses[0]] = successes.sort((a, b) => (a.status < b.status ? -1 : 1));
      // A fresh id for what is made, else the id that was asked for; in a list, ids that are thereby known.
      const asked = method === "post" ? undefined : Object.values(call.path).find((each) => UUID.test(each));
      if (method === "get" && makes(call.operation.path)) return listed(call);
      return reply(call, lowest ? codeOf(lowest.status, responses) : 200, (value) =>
        mapText(value, (text) => {
          if (!UUID.test(text)) return text;
          const id = method === "post" ? randomUUID() : (asked ?? text);
          issued.add(id);
          return id;
        }),
      );
    },
    refusal(call, codes) {
      const { responses } = call.operation;
      const exact = codes.find((code) => responses.some(({ status }) => status === String(code)));
      return reply(call, exact ?? codes.find((code) => responseFor(responses, code)) ?? codes[0] ?? 400);
    },
    finish: (own) => own,
    unrouted: (why) => ({
      status: why === "no path" ? 404 : 405,
      headers: { "content-type": "application/json" },
      body: '{"message":"Not here"}',
    }),
  };
}

function carries(received: Received, credential: Credential, key: string): boolean {
  const { in: place, name } = credential;
  const wanted = credentialValue(credential, key);
  if (place === "header") return received.headers[name] === wanted;
  if (place === "query") return received.query.get(name) === wanted;
  return (received.headers.cookie ?? "").split(/; */).includes(`${name}=${encodeURIComponent(wanted)}`);
}

const UUID = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i;

const UUIDS = new RegExp(UUID.source.slice(1, -1), "i");
/** Items in a list. */
const LISTED = 30;

/** The first item of a list of things with an id, once for each id. */
function repeated(value: Json, ids: readonly string[]): Json {
  if (Array.isArray(value)) {
    const item = value.find((each) => isObject(each) && UUIDS.test(JSON.stringify(each)));
    return item === undefined ? value : ids.map((id) => mapText(item, (text) => (UUID.test(text) ? id : text)));
  }
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, repeated(inner, ids)]));
}

/** A value with every text in it changed. */
export function mapText(value: Json, change: (text: string) => string): Json {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((item) => mapText(item, change));
  return isObject(value)
    ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mapText(inner, change)]))
    : value;
}
