/** Faults in what a provider responds: statuses, bodies, media types, headers. */
import { isObject, type Json, objectOf } from "../../../openapi/document/types.js";
import { mapText } from "../provider/behaviour.js";
import { type Fault, failed, faultsOf, having, ok, patched, replies, value } from "./fault.js";

/** Fields of the document's responses that the faults damage: an id, an enum, a list of URIs. */
export interface Fields {
  readonly id: string;
  readonly status: string;
  readonly list: string;
}

const SERVER_ERROR = { status: 500, body: '{"message":"Internal Server Error"}' };

export function responseFaults({ id, status, list }: Fields): Fault[] {
  return [
    ...faultsOf("status", "status", [
      ["201 for 200", "responds to valid requests with 201, which is not declared", replies(ok, { status: 201 })],
      ["204 for 200", "responds with 204 and no body", replies(ok, { status: 204, body: "", headers: {} })],
      ["500 for 200", "breaks on valid requests", replies(ok, SERVER_ERROR)],
      ["422 for 400", "refuses with 422, which is not declared", replies(having(400), { status: 422 })],
      ["500 for 400", "breaks on invalid requests", replies(having(400), SERVER_ERROR)],
      ["200 for 400", "refuses with an error message under 200", replies(having(400), { status: 200 }), "accepted"],
      ["400 for 401", "responds to a missing key with 400", replies(having(401), { status: 400 })],
      [
        "404 for its own ids",
        "does not know what it made a moment ago",
        { change: () => ({ exists: ({ path }) => Object.keys(path).length === 0 }) },
      ],
      [
        "200 for unknown ids with an error",
        "responds to unknown ids with an error message under 200",
        replies(having(404), { status: 200, body: '{"message":"not found"}' }),
        "schema",
        "undeclared field",
      ],
    ]),
    ...faultsOf("shape", "schema", [
      ["no id", "leaves a required field out", value(patched(id, () => undefined))],
      ["no list", "leaves a required list out", value(patched(list, () => undefined))],
      ["numeric id", "sends a number where a string is declared", value(patched(id, () => 42))],
      ["id not a uuid", "sends an id that is not a uuid", value(patched(id, () => "task-42"))],
      ["status in lower case", "sends a status outside the enum", value(patched(status, (text) => lowerCase(text)))],
      ["status unknown", "sends a new status", value(patched(status, () => "QUEUED"))],
      ["list null", "sends null for a list", value(patched(list, () => null))],
      ["list of objects", "sends objects in a list of strings", value(patched(list, () => [{ url: "https://a.com" }]))],
      ["list of paths", "sends relative references for URIs", value(patched(list, () => ["/image.png"]))],
      ["no wrapper", "sends the data without its wrapper", value((whole) => Object.values(objectOf(whole))[0] ?? null)],
      ["wrapped twice", "wraps the data twice", value((whole) => ({ result: whole })), "schema", "undeclared field"],
      ["array for object", "sends an array for an object", value((whole) => [whole])],
      ["null", "sends null", value(() => null)],
      ["numeric error message", "sends a number as error message", value(() => ({ message: 400 }), failed)],
      ["JSON in a string", "sends the JSON encoded twice", value((whole) => JSON.stringify(whole))],
      [
        "numbers as text",
        "sends every value as an array of characters",
        value((whole) => [...JSON.stringify(mapText(whole, (text) => text))]),
      ],
    ]),
    ...faultsOf("undeclared fields", "undeclared field", [
      ["leak at the top", "adds an undeclared field", value((whole) => ({ ...objectOf(whole), debug: { host: "a" } }))],
      ["leak inside", "adds an undeclared field inside", value(leakInside)],
      [
        "leak in errors",
        "adds a stack trace to errors",
        value((whole) => ({ ...objectOf(whole), stack: "at" }), failed),
      ],
      [
        "errors of another shape",
        "sends errors as {error: text}",
        value(() => ({ error: "wrong" }), failed),
        "undeclared field",
        "schema",
      ],
    ]),
    ...faultsOf("body", "body", [
      ["empty body", "sends nothing under a JSON label", replies(ok, { body: "" })],
      [
        "truncated body",
        "sends JSON that ends in the middle",
        replies(ok, ({ body }) => ({ body: body.slice(0, -3) })),
      ],
      ["text after the body", "sends text after the JSON", replies(ok, ({ body }) => ({ body: `${body}\nOK` }))],
    ]),
    ...faultsOf("media type", "media type", [
      ["HTML for JSON", "sends a page for JSON", replies(ok, { headers: type("text/html"), body: "<h1>OK</h1>" })],
      ["JSON as text", "labels JSON as text", replies(ok, { headers: type("text/plain") })],
      ["no label", "sends no content type", replies(ok, { headers: {} })],
      ["HTML errors", "sends errors as pages", replies(failed, { headers: type("text/html"), body: "<h1>Error</h1>" })],
    ]),
    ...faultsOf("headers", "response header", [
      [
        "malformed request id",
        "sends a declared header that breaks its pattern",
        replies(having(404), ({ headers }) => ({ headers: { ...headers, "x-request-id": "none" } })),
      ],
    ]),
  ];
}

function type(mediaType: string): Record<string, string> {
  return { "content-type": mediaType };
}

function lowerCase(text: Json): string {
  return String(text).toLowerCase();
}

/** Adds a field to what stands under the first key, or to each item of it. */
function leakInside(whole: Json): Json {
  if (Array.isArray(whole)) return whole.map(leakInside);
  const [first, inner] = Object.entries(objectOf(whole))[0] ?? [];
  if (first === undefined) return whole;
  const leaking = (item: Json): Json => ({ ...objectOf(item), internal_cost: 1 });
  if (Array.isArray(inner)) return { ...objectOf(whole), [first]: inner.map(leaking) };
  return isObject(inner) ? { ...objectOf(whole), [first]: leaking(inner) } : whole;
}
