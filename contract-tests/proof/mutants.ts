/** Every single-point mutant of a document: one operator at one node that a contract could rest on. */
import { canonicalJson } from "../../openapi/document/hash.js";
import { at, pointerOf, stepsOf } from "../../openapi/document/pointer.js";
import { isObject, type Json, type JsonObject, METHODS, objectOf } from "../../openapi/document/types.js";
import { type DocumentNode, type NodeKind, nodesOf } from "../cases/walk.js";
import { added, drop, type Edit, edit, renamed, set } from "./edits.js";
import { schemaEdits } from "./schema-edits.js";

export interface Mutant {
  /** `operator at pointer`, unique. */
  readonly id: string;
  readonly operator: string;
  readonly pointer: string;
  readonly document: JsonObject;
}

export function mutantsOf(document: JsonObject): Mutant[] {
  const known = new Set([canonicalJson(document)]);
  return [...editsOf(document)].flatMap(({ operator, pointer, change }) => {
    const copy = structuredClone(document);
    const steps = stepsOf(pointer);
    const holder = at(copy, pointerOf(steps.slice(0, -1)));
    if (!isObject(holder) && !Array.isArray(holder)) return [];
    change(holder as JsonObject, steps.at(-1) ?? "");
    const text = canonicalJson(copy);
    if (known.has(text)) return [];
    known.add(text);
    return [{ id: `${operator} at ${pointer}`, operator, pointer, document: copy }];
  });
}

function* editsOf(document: JsonObject): Generator<Edit> {
  if (document.security !== undefined) yield edit("drop security", "/security", drop);
  for (const node of nodesOf(document)) {
    yield* EDITS[node.kind]?.(node) ?? [];
    const { value, pointer, kind } = node;
    const key = kind === "example" ? "value" : "example";
    if (value[key] === undefined) continue;
    yield edit("drop example", kind === "example" ? pointer : `${pointer}/example`, drop);
    yield* valueEdits(value[key], `${pointer}/${key}`);
  }
}

const EDITS: Partial<Record<NodeKind, (node: DocumentNode) => Iterable<Edit>>> = {
  "path item": pathEdits,
  operation: operationEdits,
  "request body": function* (node) {
    yield edit("drop request body", node.pointer, drop);
    yield edit("flip required", `${node.pointer}/required`, set(node.value.required !== true));
    yield* contentEdits(node);
  },
  response: contentEdits,
  parameter: function* ({ pointer, value }) {
    yield edit("drop parameter", pointer, drop);
    if (value.in !== "path") yield edit("flip required", `${pointer}/required`, set(value.required !== true));
    yield edit("rename parameter", `${pointer}/name`, set(`${value.name}2`));
  },
  header: ({ pointer }) => [edit("drop header", pointer, drop)],
  "security scheme": schemeEdits,
  schema: schemaEdits,
  example: ({ pointer }) => [edit("rename example", pointer, renamed(`${stepsOf(pointer).at(-1)}_2`))],
};

function* pathEdits({ pointer, value }: DocumentNode): Generator<Edit> {
  const path = stepsOf(pointer).at(-1) ?? "";
  yield edit("rename path", pointer, renamed(`${path}s`));
  yield edit("shorten path", pointer, renamed(path.slice(0, -1)));
  for (const method of METHODS.filter((name) => isObject(value[name]))) {
    const own = pointer + pointerOf([method]);
    yield edit("change method", own, renamed(method === "put" ? "post" : "put"));
    yield edit("add method", own, (holder, key) => {
      holder.patch = structuredClone(holder[key] ?? null);
    });
  }
}

function* operationEdits({ pointer, value }: DocumentNode): Generator<Edit> {
  yield edit("open operation", `${pointer}/security`, set([]));
  for (const status of Object.keys(objectOf(value.responses))) {
    const own = `${pointer}/responses${pointerOf([status])}`;
    yield edit("drop status", own, drop);
    for (const other of [status === "200" ? "201" : "418", String(Number(status) + 1)])
      yield edit(`status to ${other}`, own, renamed(other));
  }
  for (const status of ["202", "409", "504"])
    yield edit(`add status ${status}`, `${pointer}/responses`, added(status, { description: "New" }));
}

function* contentEdits({ pointer, value }: DocumentNode): Generator<Edit> {
  for (const mediaType of Object.keys(objectOf(value.content))) {
    const own = `${pointer}/content${pointerOf([mediaType])}`;
    yield edit("drop media type", own, drop);
    yield edit("change media type", own, renamed(mediaType === "text/plain" ? "application/json" : "text/plain"));
    yield edit("vendor media type", own, renamed("application/vnd.other+json"));
    yield edit("drop schema", `${own}/schema`, drop);
  }
  if (isObject(value.content))
    yield edit("add media type", `${pointer}/content`, added("application/xml", { schema: { type: "string" } }));
}

function* schemeEdits({ pointer, value }: DocumentNode): Generator<Edit> {
  if (value.type === "apiKey") {
    yield edit("rename key", `${pointer}/name`, set(`${value.name}2`));
    yield edit("move key", `${pointer}/in`, set(value.in === "query" ? "header" : "query"));
    yield edit("key to cookie", `${pointer}/in`, set("cookie"));
  }
  yield edit("key to bearer", pointer, set({ type: "http", scheme: "bearer" }));
}

/** Text, type and key of an example's value. */
function* valueEdits(value: Json, pointer: string): Generator<Edit> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      yield edit("drop item of example", `${pointer}/${index}`, drop);
      yield* valueEdits(item, `${pointer}/${index}`);
    }
    yield edit("example to another type", pointer, set({}));
  } else if (isObject(value)) {
    for (const [key, inner] of Object.entries(value)) {
      const own = pointer + pointerOf([key]);
      yield edit("drop key of example", own, drop);
      yield edit("rename key of example", own, renamed(`${key}_2`));
      yield* valueEdits(inner, own);
    }
    yield edit("add key to example", pointer, added("added_field", "added"));
  } else {
    const other = typeof value === "string" ? `${value}!` : typeof value === "number" ? value + 1 : !value;
    yield edit("change example", pointer, set(other));
    yield edit("example to another type", pointer, set(typeof value === "string" ? 42 : "text"));
  }
}
