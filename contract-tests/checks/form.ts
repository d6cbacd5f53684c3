/** Checks of a response against what the document declares for its status, and against the example it should be. */
import { isDeepStrictEqual } from "node:util";
import type { MediaType } from "../../openapi/document/operations.js";
import { stepsOf } from "../../openapi/document/pointer.js";
import { isObject, type Json, type JsonObject } from "../../openapi/document/types.js";
import { Builder } from "../cases/build.js";
import { type Flat, flatten, itemsOf, mapOf, propertyOf } from "../cases/flat.js";
import { examplesAt, type ResponseHeader } from "../cases/model.js";
import { faultText, type SchemaFault, schemaFaults } from "../cases/schema-faults.js";
import { isJson } from "../cases/wire.js";
import type { Check, Failure, Subject } from "./check.js";
import { essence, parseBody, valueIn } from "./value.js";

/** The media type that is declared for this response: by name, else by range. */
function mediaOf({ case: { expect }, declared, response }: Subject): MediaType | undefined {
  const type = essence(response.headers["content-type"]);
  const content = declared?.content ?? [];
  const media =
    content.find((each) => essence(each.mediaType) === type) ??
    content.find((each) => covers(essence(each.mediaType), type));
  const wanted = expect.is === "response" ? expect.mediaType : undefined;
  return media && (wanted === undefined || essence(wanted) === essence(media.mediaType)) ? media : undefined;
}

function covers(range: string, type: string): boolean {
  return range === "*/*" || (range.endsWith("/*") && type.startsWith(range.slice(0, -1)));
}

/** The Content-Type is one that the document declares for the status, and the one that was asked for. */
export const mediaType: Check = {
  name: "media type",
  holds: "The Content-Type is declared for the status, and is the one that was asked for.",
  run: (subject) => {
    const { declared, response, case: one } = subject;
    if (!declared || declared.content.length === 0 || mediaOf(subject)) return [];
    const wanted = one.expect.is === "response" ? one.expect.mediaType : undefined;
    const type = essence(response.headers["content-type"]);
    const all = wanted ?? declared.content.map((each) => each.mediaType).join(" or ");
    return [`is ${type === "" ? "missing" : type}, declared is ${all}`];
  },
};

/** The body is there where content is declared, is absent where none is, and parses as what it is labelled. */
export const body: Check = {
  name: "body",
  holds: "The body can be parsed as what its Content-Type says, and is empty where no content is declared.",
  run: (subject) => {
    const { declared, response } = subject;
    if (declared?.content.length === 0)
      return response.body === ""
        ? []
        : [`${declared.status} declares no content, but ${response.body.length} characters came`];
    if (!mediaOf(subject)) return [];
    try {
      parseBody(response);
      return [];
    } catch (error) {
      return [`is labelled JSON and cannot be parsed: ${error instanceof Error ? error.message : String(error)}`];
    }
  },
};

/** The bytes of the body are what its headers say. */
export const encoding: Check = {
  name: "content encoding",
  holds: "The body is in the coding that its Content-Encoding says, and its text is UTF-8.",
  run: (subject) => {
    const { undecoded, headers } = subject.response;
    // Bytes that are declared as such are no text.
    const media = mediaOf(subject)?.mediaType ?? essence(headers["content-type"]);
    return undecoded === undefined || (/UTF-8/.test(undecoded) && !isText(media)) ? [] : [undecoded];
  },
};

function isText(type: string): boolean {
  return isJson(type) || /^text\/|[/+]xml\b/.test(type);
}

/** The body satisfies the schema of its status and media type. */
export const schema: Check = {
  name: "schema",
  holds: "The body satisfies the schema of its status and media type.",
  run: (subject) => schemaFailures(subject, "schema"),
};

/** The body has no field that its schema does not declare, also where the schema is open. */
export const undeclaredField: Check = {
  name: "undeclared field",
  holds: "The body has no field that its schema does not declare.",
  run: (subject) => schemaFailures(subject, "undeclared field"),
};

function schemaFailures(subject: Subject, name: string): Failure[] {
  const pointer = mediaOf(subject)?.schema;
  const value = valueIn(subject.response);
  if (pointer === undefined || value === undefined) return [];
  const { contract, mock } = subject;
  return schemaFaults(contract.schemas, pointer, value, "response")
    .filter((each) => each.check === name && !(mock && contract.flaws.explain(value, each.path)))
    .map((each) => ({ message: each.message, about: brokenBy(contract.document, pointer, each) }));
}

/** The keyword that a fault breaks, where it stands; `undefined` where a branch of the schema may be another one's. */
function brokenBy(document: JsonObject, schema: string, { check, path, keyword, missing }: SchemaFault) {
  let flat: Flat | undefined = flatten(document, [schema]);
  for (const step of stepsOf(path)) {
    if (!flat || flat.branches.length > 0) return undefined;
    flat = propertyOf(document, flat, step) ?? itemsOf(document, flat) ?? mapOf(document, flat);
  }
  if (!flat || flat.branches.length > 0) return undefined;
  if (check === "undeclared field") return flat.sources;
  const said = missing === undefined ? flat.said[keyword] : flat.required[missing];
  return said === undefined ? undefined : [said];
}

/** Required headers are there, and each declared one satisfies its schema; of a mock, each is there and is its example. */
export const headers: Check = {
  name: "response header",
  holds: "Required headers are there, and declared ones satisfy their schemas.",
  run: (subject) => (subject.declared?.headers ?? []).flatMap((header) => headerFailures(subject, header)),
};

function headerFailures({ contract, response, mock }: Subject, header: ResponseHeader): string[] {
  const text = response.headers[header.name];
  if (text === undefined) return header.required || mock ? [`${header.name} is missing`] : [];
  const failures: string[] = [];
  if (header.schema !== undefined) {
    const validate = contract.schemas.validator(header.schema, "open", "response");
    const value = typedText(contract.document, header.schema, text);
    if (!validate(value) && !(mock && contract.flaws.explain(value, "")))
      failures.push(`${header.name}: ${[...new Set((validate.errors ?? []).map(faultText))].join("; ")}`);
  }
  const [example] = mock ? examplesAt(contract.document, header.pointer) : [];
  if (example && String(example.value) !== text)
    failures.push(`${header.name} is ${JSON.stringify(text)}, its example is ${JSON.stringify(String(example.value))}`);
  return failures;
}

/** A header's text as the type that its schema wants; as text where it cannot be that. */
function typedText(document: JsonObject, pointer: string, text: string): Json {
  const { types } = flatten(document, [pointer]);
  const numeric = types.includes("integer") || types.includes("number");
  if (numeric && text.trim() !== "" && Number.isFinite(Number(text))) return Number(text);
  return types.includes("boolean") && /^(?:true|false)$/.test(text) ? text === "true" : text;
}

/** A named example comes back as the document has it. */
export const equality: Check = {
  name: "equality",
  holds: "The example that was asked for comes back as the document has it.",
  run: ({ case: { expect }, declared, response }) => {
    const value = valueIn(response);
    if (!declared || value === undefined || expect.is !== "response" || expect.equals === undefined) return [];
    const first = difference(expect.equals, value, "");
    return first === undefined ? [] : [`differs from the example: ${first}`];
  },
};

/** The first place where two values differ. */
function difference(wanted: Json, found: Json, path: string): string | undefined {
  if (isDeepStrictEqual(wanted, found)) return undefined;
  const lists = Array.isArray(wanted) && Array.isArray(found) && wanted.length === found.length;
  if (lists || (isObject(wanted) && isObject(found))) {
    const [before, after] = [new Map(Object.entries(wanted)), new Map(Object.entries(found))];
    for (const key of new Set([...before.keys(), ...after.keys()])) {
      const [own, other] = [before.get(key), after.get(key)];
      if (own === undefined) return `${path}/${key} is not in the example`;
      if (other === undefined) return `${path}/${key} is missing`;
      const inner = difference(own, other, `${path}/${key}`);
      if (inner !== undefined) return inner;
    }
  }
  return `${path === "" ? "the body" : path} is ${short(found)} instead of ${short(wanted)}`;
}

function short(value: Json): string {
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

/** A generated body has every property that its schema declares. */
export const unpopulated: Check = {
  name: "unpopulated field",
  holds: "A generated response has every property that its schema declares.",
  run: (subject) => {
    const { contract, case: one, response } = subject;
    const pointer = mediaOf(subject)?.schema;
    const value = valueIn(response);
    if (pointer === undefined || value === undefined || one.expect.is !== "response" || !one.expect.populated)
      return [];
    return [...missingIn(contract.document, flatten(contract.document, [pointer]), value, "")].map(
      (place) => `${place} is declared and was not generated`,
    );
  },
};

function* missingIn(document: JsonObject, flat: Flat, node: Json, path: string): Generator<string> {
  // Which branch a generator took is its own affair.
  if (flat.branches.length > 0) return;
  const items = itemsOf(document, flat);
  if (Array.isArray(node) && items)
    for (const [index, item] of node.entries()) yield* missingIn(document, items, item, `${path}/${index}`);
  if (!isObject(node)) return;
  const builder = new Builder(document, "response");
  for (const name of Object.keys(flat.properties)) {
    const inner = propertyOf(document, flat, name);
    if (!inner || !builder.wanted(inner)) continue;
    const own = Object.hasOwn(node, name) ? node[name] : undefined;
    // A schema inside itself has to end somewhere.
    const nested = inner.sources.some((source) => flat.sources.includes(source)) || path.split("/").length > 3;
    if (own !== undefined) yield* missingIn(document, inner, own, `${path}/${name}`);
    else if (!nested) yield `${path}/${name}`;
  }
}
