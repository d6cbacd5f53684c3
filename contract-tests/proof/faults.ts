/** Faults of a provider, one at a time: each is a way in which an otherwise correct provider breaks its contract. */
import { isObject, type Json, type JsonObject, objectOf } from "../../openapi/document/types.js";
import { nodesOf } from "../cases/walk.js";
import type { Check } from "../oracle/verdict.js";
import { type Answer, type Call, type Finding, mapText } from "../provider/behaviour.js";
import type { ProviderFault } from "../provider/provider.js";

export interface Fault extends ProviderFault {
  readonly group:
    | "status"
    | "shape"
    | "media type"
    | "accepts"
    | "refuses"
    | "security"
    | "routing"
    | "transport"
    | "headers";
  /** What at least one violation must be called. */
  readonly shows: readonly Check[];
}

type Change = NonNullable<ProviderFault["change"]>;

const ok = (answer: Answer): boolean => answer.status >= 200 && answer.status < 300;
const bad = (answer: Answer): boolean => answer.status >= 400;

/** Changes answers of one sort. */
const answers =
  (which: (answer: Answer, call: Call) => boolean, change: (answer: Answer) => Partial<Answer>): Change =>
  () => ({
    finish: (answer, call) => (which(answer, call) ? { ...answer, ...change(answer) } : answer),
  });

/** Changes the JSON of successes. */
const value = (change: (value: Json) => Json, which: (answer: Answer) => boolean = ok): Change =>
  answers(which, (answer) =>
    answer.body === "" ? {} : { body: JSON.stringify(change(JSON.parse(answer.body) as Json)) },
  );

/** Does not notice findings of one sort. */
const blind =
  (which: (finding: Finding) => boolean): Change =>
  (behaviour) => ({
    findings: (call) => behaviour.findings(call).filter((finding) => !which(finding)),
  });

/** Refuses requests that say a certain thing. */
const picky =
  (which: (call: Call, body: JsonObject) => boolean): Change =>
  (behaviour) => ({
    findings: (call) => {
      const found = behaviour.findings(call);
      return found.length === 0 && which(call, bodyOf(call)) ? [{ place: "body", rule: "picky" }] : found;
    },
  });

function bodyOf(call: Call): JsonObject {
  try {
    return objectOf(JSON.parse(call.received.body));
  } catch {
    return {};
  }
}

const schemas =
  (change: (schema: JsonObject) => void): NonNullable<ProviderFault["document"]> =>
  (document) => {
    for (const node of nodesOf(document)) if (node.kind === "schema") change(node.value);
  };

const patched = (key: string, change: (value: Json) => Json): ((value: Json) => Json) => {
  const visit = (node: Json): Json => {
    if (Array.isArray(node)) return node.map(visit);
    if (!isObject(node)) return node;
    return Object.fromEntries(
      Object.entries(node).map(([name, inner]) => [name, name === key ? change(inner) : visit(inner)]),
    );
  };
  return visit;
};

const dropped = (key: string): ((value: Json) => Json) => {
  const visit = (node: Json): Json => {
    if (Array.isArray(node)) return node.map(visit);
    return isObject(node)
      ? Object.fromEntries(
          Object.entries(node)
            .filter(([name]) => name !== key)
            .map(([name, inner]) => [name, visit(inner)]),
        )
      : node;
  };
  return visit;
};

const has = (call: Call, name: string): boolean => call.received.headers[name] !== undefined;

/** @param names fields of the document's answers that the faults damage: an id, an enum, a list of URIs. */
export function faultsFor(names: { readonly id: string; readonly status: string; readonly list: string }): Fault[] {
  return [
    {
      group: "status",
      id: "201 for 200",
      what: "answers successes with 201, which is not declared",
      shows: ["status"],
      change: answers(ok, () => ({ status: 201 })),
    },
    {
      group: "status",
      id: "204 for 200",
      what: "answers successes with 204 and no body",
      shows: ["status"],
      change: answers(ok, () => ({ status: 204, body: "", headers: {} })),
    },
    {
      group: "status",
      id: "500 for 200",
      what: "breaks on valid requests",
      shows: ["status"],
      change: answers(ok, () => ({ status: 500, body: '{"message":"Internal Server Error"}' })),
    },
    {
      group: "status",
      id: "422 for 400",
      what: "refuses with 422, which is not declared",
      shows: ["status"],
      change: answers(
        ({ status }) => status === 400,
        () => ({ status: 422 }),
      ),
    },
    {
      group: "status",
      id: "500 for 400",
      what: "breaks on invalid requests",
      shows: ["status"],
      change: answers(
        ({ status }) => status === 400,
        () => ({ status: 500, body: '{"message":"Internal Server Error"}' }),
      ),
    },
    {
      group: "status",
      id: "200 for 400",
      what: "refuses with an error message under 200",
      shows: ["accepted"],
      change: answers(
        ({ status }) => status === 400,
        () => ({ status: 200 }),
      ),
    },
    {
      group: "status",
      id: "400 for 401",
      what: "answers a missing key with 400",
      shows: ["status"],
      change: answers(
        ({ status }) => status === 401,
        () => ({ status: 400 }),
      ),
    },
    {
      group: "status",
      id: "404 for its own ids",
      what: "does not know what it made a moment ago",
      shows: ["status"],
      change: () => ({ exists: (call) => Object.keys(call.path).length === 0 }),
    },
    {
      group: "status",
      id: "200 for unknown ids with an error",
      what: "answers unknown ids with an error message under 200",
      shows: ["schema", "undeclared field"],
      change: answers(
        ({ status }) => status === 404,
        () => ({ status: 200, body: '{"message":"not found"}' }),
      ),
    },

    {
      group: "shape",
      id: "no id",
      what: "leaves a required field out",
      shows: ["schema"],
      change: value(dropped(names.id)),
    },
    {
      group: "shape",
      id: "no list",
      what: "leaves a required list out",
      shows: ["schema"],
      change: value(dropped(names.list)),
    },
    {
      group: "shape",
      id: "numeric id",
      what: "sends a number where a string is declared",
      shows: ["schema"],
      change: value(patched(names.id, () => 42)),
    },
    {
      group: "shape",
      id: "id no uuid",
      what: "sends an id that is no uuid",
      shows: ["schema"],
      change: value(patched(names.id, () => "task-42")),
    },
    {
      group: "shape",
      id: "status in lower case",
      what: "sends a status outside the enum",
      shows: ["schema"],
      change: value(patched(names.status, (text) => String(text).toLowerCase())),
    },
    {
      group: "shape",
      id: "status unknown",
      what: "sends a new status",
      shows: ["schema"],
      change: value(patched(names.status, () => "QUEUED")),
    },
    {
      group: "shape",
      id: "list null",
      what: "sends null for a list",
      shows: ["schema"],
      change: value(patched(names.list, () => null)),
    },
    {
      group: "shape",
      id: "list of objects",
      what: "sends objects in a list of strings",
      shows: ["schema"],
      change: value(patched(names.list, () => [{ url: "https://example.com" }])),
    },
    {
      group: "shape",
      id: "list of paths",
      what: "sends relative references where URIs are declared",
      shows: ["schema"],
      change: value(patched(names.list, () => ["/image.png"])),
    },
    {
      group: "shape",
      id: "no wrapper",
      what: "sends the data without its wrapper",
      shows: ["schema"],
      change: value((whole) => (isObject(whole) ? (Object.values(whole)[0] ?? null) : whole)),
    },
    {
      group: "shape",
      id: "wrapped twice",
      what: "wraps the data twice",
      shows: ["schema", "undeclared field"],
      change: value((whole) => ({ result: whole })),
    },
    {
      group: "shape",
      id: "array for object",
      what: "sends an array where an object is declared",
      shows: ["schema"],
      change: value((whole) => [whole]),
    },
    { group: "shape", id: "null", what: "sends null", shows: ["schema"], change: value(() => null) },
    {
      group: "shape",
      id: "leak at the top",
      what: "sends a field that is not declared",
      shows: ["undeclared field"],
      change: value((whole) => ({ ...objectOf(whole), debug: { host: "10.0.0.1" } })),
    },
    {
      group: "shape",
      id: "leak inside",
      what: "sends a field inside that is not declared",
      shows: ["undeclared field"],
      change: value((whole) => patchFirst(whole, "internal_cost")),
    },
    {
      group: "shape",
      id: "leak in errors",
      what: "sends a stack trace with errors",
      shows: ["undeclared field"],
      change: value((whole) => ({ ...objectOf(whole), stack: "Error: at /srv/app.js:1" }), bad),
    },
    {
      group: "shape",
      id: "errors of another shape",
      what: "sends errors as {error: text}",
      shows: ["undeclared field", "schema"],
      change: value(() => ({ error: "wrong" }), bad),
    },
    {
      group: "shape",
      id: "numeric error message",
      what: "sends a number as error message",
      shows: ["schema"],
      change: value(() => ({ message: 400 }), bad),
    },
    {
      group: "shape",
      id: "empty body",
      what: "sends nothing under a JSON label",
      shows: ["body"],
      change: answers(ok, () => ({ body: "" })),
    },
    {
      group: "shape",
      id: "truncated body",
      what: "sends JSON that ends in the middle",
      shows: ["body"],
      change: answers(ok, ({ body }) => ({ body: body.slice(0, -3) })),
    },
    {
      group: "shape",
      id: "something after the body",
      what: "sends text after the JSON",
      shows: ["body"],
      change: answers(ok, ({ body }) => ({ body: `${body}\nOK` })),
    },
    {
      group: "shape",
      id: "JSON in a string",
      what: "sends the JSON encoded twice",
      shows: ["schema"],
      change: value((whole) => JSON.stringify(whole)),
    },
    {
      group: "shape",
      id: "numbers as text",
      what: "sends every value as an array of characters",
      shows: ["schema"],
      change: value((whole) => [...JSON.stringify(mapText(whole, (text) => text))]),
    },

    {
      group: "media type",
      id: "HTML for JSON",
      what: "sends a page where JSON is declared",
      shows: ["media type"],
      change: answers(ok, () => ({ headers: { "content-type": "text/html" }, body: "<h1>OK</h1>" })),
    },
    {
      group: "media type",
      id: "JSON as text",
      what: "labels JSON as text",
      shows: ["media type"],
      change: answers(ok, () => ({ headers: { "content-type": "text/plain" } })),
    },
    {
      group: "media type",
      id: "no label",
      what: "sends no content type",
      shows: ["media type"],
      change: answers(ok, () => ({ headers: {} })),
    },
    {
      group: "media type",
      id: "HTML errors",
      what: "sends errors as pages",
      shows: ["media type"],
      change: answers(bad, () => ({ headers: { "content-type": "text/html" }, body: "<h1>Error</h1>" })),
    },

    {
      group: "accepts",
      id: "accepts above the maximum",
      what: "takes numbers above the maximum",
      shows: ["accepted"],
      change: blind(({ rule }) => rule === "maximum"),
    },
    {
      group: "accepts",
      id: "accepts below the minimum",
      what: "takes numbers below the minimum",
      shows: ["accepted"],
      change: blind(({ rule }) => rule === "minimum"),
    },
    {
      group: "accepts",
      id: "maximum off by one",
      what: "takes one more than the maximum",
      shows: ["accepted"],
      document: schemas((schema) => {
        if (typeof schema.maximum === "number") schema.maximum++;
      }),
    },
    {
      group: "accepts",
      id: "minimum off by one",
      what: "takes one less than the minimum",
      shows: ["accepted"],
      document: schemas((schema) => {
        if (typeof schema.minimum === "number") schema.minimum--;
      }),
    },
    {
      group: "accepts",
      id: "accepts wrong types",
      what: "takes values of any type",
      shows: ["accepted"],
      change: blind(({ rule }) => rule === "type"),
    },
    {
      group: "accepts",
      id: "accepts fractions",
      what: "takes fractions for integers",
      shows: ["accepted"],
      document: schemas((schema) => {
        if (schema.type === "integer") schema.type = "number";
      }),
    },
    {
      group: "accepts",
      id: "accepts null",
      what: "takes null for what is not nullable",
      shows: ["accepted"],
      document: schemas((schema) => {
        if (typeof schema.type === "string") schema.nullable = true;
      }),
    },
    {
      group: "accepts",
      id: "accepts without required field",
      what: "takes a body without a required field",
      shows: ["accepted"],
      change: blind(({ rule }) => rule === "required"),
    },
    {
      group: "accepts",
      id: "accepts bad formats",
      what: "checks no format",
      shows: ["accepted"],
      change: blind(({ rule }) => rule === "format"),
    },
    {
      group: "accepts",
      id: "accepts unpadded base64",
      what: "checks no base64",
      shows: ["accepted"],
      document: schemas((schema) => {
        if (schema.format === "byte") delete schema.format;
      }),
    },
    {
      group: "accepts",
      id: "accepts relative references",
      what: "checks no URI",
      shows: ["accepted"],
      document: schemas((schema) => {
        if (schema.format === "uri") delete schema.format;
      }),
    },
    {
      group: "accepts",
      id: "accepts malformed JSON",
      what: "takes a body that does not parse",
      shows: ["accepted"],
      change: blind(({ rule }) => rule === "malformed"),
    },
    {
      group: "accepts",
      id: "accepts no body",
      what: "takes a request without its body",
      shows: ["accepted"],
      change: blind(({ rule }) => rule === "absent"),
    },
    {
      group: "accepts",
      id: "accepts any media type",
      what: "takes JSON under another label",
      shows: ["accepted"],
      change: blind(({ rule }) => rule === "media type"),
    },
    {
      group: "accepts",
      id: "accepts bad ids",
      what: "takes ids that are none",
      shows: ["accepted"],
      change: (behaviour) => ({
        findings: (call) => behaviour.findings(call).filter(({ place }) => !place.startsWith("path.")),
        exists: () => true,
      }),
    },

    {
      group: "refuses",
      id: "refuses the maximum",
      what: "refuses the upper bound itself",
      shows: ["status"],
      document: schemas((schema) => {
        if (typeof schema.maximum === "number") schema.maximum--;
      }),
    },
    {
      group: "refuses",
      id: "refuses the minimum",
      what: "refuses the lower bound itself",
      shows: ["status"],
      document: schemas((schema) => {
        if (typeof schema.minimum === "number") schema.minimum++;
      }),
    },
    {
      group: "refuses",
      id: "refuses false",
      what: "refuses the boolean false",
      shows: ["status"],
      change: picky((_, body) => Object.values(body).includes(false)),
    },
    {
      group: "refuses",
      id: "refuses true",
      what: "refuses the boolean true",
      shows: ["status"],
      change: picky((_, body) => Object.values(body).includes(true)),
    },
    {
      group: "refuses",
      id: "refuses without options",
      what: "refuses a body that holds what is required alone",
      shows: ["status"],
      change: picky((_, body) => Object.keys(body).length === 1),
    },
    {
      group: "refuses",
      id: "refuses with all options",
      what: "refuses a body that holds every field",
      shows: ["status"],
      change: picky((_, body) => Object.keys(body).length > 4),
    },
    {
      group: "refuses",
      id: "refuses a charset",
      what: "refuses JSON that names its charset",
      shows: ["status"],
      change: picky((call) => /charset/.test(call.received.headers["content-type"] ?? "")),
    },
    {
      group: "refuses",
      id: "refuses any Accept",
      what: "refuses Accept: */*",
      shows: ["status"],
      change: picky((call) => call.received.headers.accept === "*/*"),
    },

    {
      group: "security",
      id: "ignores the key",
      what: "asks for no key",
      shows: ["accepted"],
      change: () => ({ authenticated: () => true }),
    },
    {
      group: "security",
      id: "takes a key in the query",
      what: "takes the key from the query",
      shows: ["accepted"],
      change: (behaviour) => ({
        authenticated: (call) => behaviour.authenticated(call) || call.received.query.size > 0,
      }),
    },
    {
      group: "security",
      id: "takes a bearer",
      what: "takes the key as bearer",
      shows: ["accepted"],
      change: (behaviour) => ({ authenticated: (call) => behaviour.authenticated(call) || has(call, "authorization") }),
    },
    {
      group: "security",
      id: "takes an empty key",
      what: "takes a key header without a key",
      shows: ["accepted"],
      change: (behaviour) => ({
        authenticated: (call) => behaviour.authenticated(call) || Object.values(call.received.headers).includes(""),
      }),
    },
    {
      group: "security",
      id: "refuses the key",
      what: "refuses a valid key",
      shows: ["status"],
      change: () => ({ authenticated: () => false }),
    },

    {
      group: "routing",
      id: "answers other methods",
      what: "answers methods that are not declared",
      shows: ["accepted"],
      change: () => ({ unrouted: (why) => ({ status: why === "no method" ? 200 : 404, headers: {}, body: "" }) }),
    },
    {
      group: "routing",
      id: "answers other paths",
      what: "answers paths that are not declared",
      shows: ["accepted"],
      change: () => ({ unrouted: (why) => ({ status: why === "no path" ? 200 : 405, headers: {}, body: "" }) }),
    },
    {
      group: "routing",
      id: "breaks on other paths",
      what: "breaks on paths that are not declared",
      shows: ["routing"],
      change: () => ({ unrouted: () => ({ status: 500, headers: {}, body: "" }) }),
    },

    {
      group: "headers",
      id: "malformed request id",
      what: "sends a declared header that breaks its pattern",
      shows: ["response header"],
      change: answers(
        ({ status }) => status === 404,
        ({ headers }) => ({ headers: { ...headers, "x-request-id": "none" } }),
      ),
    },

    {
      group: "transport",
      id: "redirects",
      what: "redirects elsewhere",
      shows: ["status"],
      change: answers(ok, () => ({ status: 302, headers: { location: "http://127.0.0.1:9/elsewhere" }, body: "" })),
    },
    {
      group: "transport",
      id: "never answers",
      what: "takes the request and says nothing",
      shows: ["transport"],
      write: () => {},
    },
    {
      group: "transport",
      id: "stalls in the body",
      what: "begins an answer and does not go on",
      shows: ["transport"],
      write: (response, answer) => {
        response.writeHead(answer.status, { ...answer.headers, "content-length": "5000" });
        response.write(answer.body.slice(0, 3));
      },
    },
    {
      group: "transport",
      id: "resets",
      what: "cuts the connection",
      shows: ["transport"],
      write: (response) => {
        response.socket?.resetAndDestroy();
      },
    },
    {
      group: "transport",
      id: "resets in the body",
      what: "cuts the connection inside the answer",
      shows: ["transport"],
      write: (response, answer) => {
        response.writeHead(answer.status, { ...answer.headers, "content-length": "5000" });
        response.write(answer.body, () => response.socket?.resetAndDestroy());
      },
    },
    { group: "transport", id: "floods", what: "sends without end", shows: ["transport"], write: flood },
    {
      group: "transport",
      id: "speaks no HTTP",
      what: "sends something that is no HTTP",
      shows: ["transport"],
      write: (response) => {
        response.socket?.end("HELLO\r\n\r\n");
      },
    },
    {
      group: "transport",
      id: "length too small",
      what: "says a length that is too small",
      shows: ["transport", "body"],
      write: (response, answer) => {
        response.socket?.end(
          `HTTP/1.1 ${answer.status} X\r\ncontent-type: application/json\r\ncontent-length: 5\r\n\r\n${answer.body}`,
        );
      },
    },
    {
      group: "transport",
      id: "interim answers without end",
      what: "says Continue and never an answer",
      shows: ["transport"],
      write: (response) => {
        const timer = setInterval(() => response.writeContinue(), 5);
        response.on("close", () => clearInterval(timer));
      },
    },
  ];
}

function patchFirst(whole: Json, name: string): Json {
  if (Array.isArray(whole)) return whole.map((item) => patchFirst(item, name));
  if (!isObject(whole)) return whole;
  const [first] = Object.keys(whole);
  if (first === undefined) return whole;
  const inner = whole[first] ?? null;
  if (isObject(inner)) return { ...whole, [first]: { ...inner, [name]: 1 } };
  return Array.isArray(inner) ? { ...whole, [first]: inner.map((item) => ({ ...objectOf(item), [name]: 1 })) } : whole;
}

function flood(response: Parameters<NonNullable<ProviderFault["write"]>>[0], answer: Answer): void {
  response.writeHead(answer.status, answer.headers);
  const chunk = "x".repeat(65_536);
  const more = (): void => {
    while (!response.destroyed && response.write(chunk));
    if (!response.destroyed) response.once("drain", more);
  };
  more();
}
