/** Every single-point mutant of a document: one operator at one node that a contract could rest on. */
import { canonicalJson } from "../../openapi/document/hash.js";
import { at, pointerOf, stepsOf } from "../../openapi/document/pointer.js";
import { isObject, type Json, type JsonObject, METHODS, objectOf } from "../../openapi/document/types.js";
import { type DocumentNode, nodesOf } from "../cases/walk.js";

export interface Mutant {
  /** `operator at pointer`, unique. */
  readonly id: string;
  readonly operator: string;
  readonly pointer: string;
  readonly document: JsonObject;
}

interface Edit {
  readonly operator: string;
  readonly pointer: string;
  readonly change: (holder: JsonObject | Json[], key: string) => void;
}

export function mutantsOf(document: JsonObject): Mutant[] {
  const original = canonicalJson(document);
  const known = new Set<string>();
  const mutants: Mutant[] = [];
  for (const edit of editsOf(document)) {
    const copy = structuredClone(document);
    const steps = stepsOf(edit.pointer);
    const key = steps.at(-1) ?? "";
    const holder = at(copy, pointerOf(steps.slice(0, -1)));
    if (!isObject(holder) && !Array.isArray(holder)) continue;
    edit.change(holder, key);
    const text = canonicalJson(copy);
    if (text === original || known.has(text)) continue;
    known.add(text);
    mutants.push({
      id: `${edit.operator} at ${edit.pointer}`,
      operator: edit.operator,
      pointer: edit.pointer,
      document: copy,
    });
  }
  return mutants;
}

const drop = (holder: JsonObject | Json[], key: string): void => {
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else delete holder[key];
};

const set =
  (value: Json) =>
  (holder: JsonObject | Json[], key: string): void => {
    (holder as JsonObject)[key] = value;
  };

const renamed =
  (name: string) =>
  (holder: JsonObject | Json[], key: string): void => {
    if (Array.isArray(holder)) return;
    const entries = Object.entries(holder).map(([own, value]): [string, Json] => [own === key ? name : own, value]);
    for (const own of Object.keys(holder)) delete holder[own];
    for (const [own, value] of entries) holder[own] = value;
  };

const added =
  (name: string, value: Json) =>
  (holder: JsonObject | Json[], key: string): void => {
    const own = (holder as JsonObject)[key];
    if (isObject(own)) own[name] = value;
    if (Array.isArray(own)) own.push(value);
  };

function* editsOf(document: JsonObject): Generator<Edit> {
  const edit = (operator: string, pointer: string, change: Edit["change"]): Edit => ({ operator, pointer, change });
  if (document.security !== undefined) yield edit("drop security", "/security", drop);
  for (const node of nodesOf(document)) {
    const here = (key: string): string => node.pointer + pointerOf([key]);
    if (node.kind === "path item") yield* pathEdits(node);
    if (node.kind === "operation") yield* operationEdits(node);
    if (node.kind === "request body") {
      yield edit("drop request body", node.pointer, drop);
      yield edit("flip required", here("required"), set(node.value.required !== true));
      yield* contentEdits(node);
    }
    if (node.kind === "response") yield* contentEdits(node);
    if (node.kind === "parameter") {
      yield edit("drop parameter", node.pointer, drop);
      if (node.value.in !== "path") yield edit("flip required", here("required"), set(node.value.required !== true));
      yield edit("rename parameter", here("name"), set(`${node.value.name}2`));
    }
    if (node.kind === "header") yield edit("drop header", node.pointer, drop);
    if (node.kind === "security scheme") yield* schemeEdits(node);
    if (node.kind === "schema") yield* schemaEdits(node);
    if (node.kind === "example" && node.value.value !== undefined) {
      yield edit("drop example", node.pointer, drop);
      yield edit("rename example", node.pointer, renamed(`${stepsOf(node.pointer).at(-1)}_2`));
      yield* valueEdits(node.value.value, here("value"));
    }
    if (node.value.example !== undefined && node.kind !== "example") {
      yield edit("drop example", here("example"), drop);
      yield* valueEdits(node.value.example, here("example"));
    }
  }
}

function* pathEdits({ pointer, value }: DocumentNode): Generator<Edit> {
  const path = stepsOf(pointer).at(-1) ?? "";
  yield { operator: "rename path", pointer, change: renamed(`${path}s`) };
  yield { operator: "shorten path", pointer, change: renamed(path.slice(0, -1)) };
  for (const method of METHODS.filter((name) => isObject(value[name]))) {
    const own = pointer + pointerOf([method]);
    yield { operator: "change method", pointer: own, change: renamed(method === "put" ? "post" : "put") };
    yield {
      operator: "add method",
      pointer: own,
      change: (holder, key) => {
        (holder as JsonObject).patch = structuredClone((holder as JsonObject)[key] ?? null);
      },
    };
  }
}

function* operationEdits({ pointer, value }: DocumentNode): Generator<Edit> {
  yield { operator: "open operation", pointer: `${pointer}/security`, change: set([]) };
  for (const status of Object.keys(objectOf(value.responses))) {
    const own = `${pointer}/responses${pointerOf([status])}`;
    yield { operator: "drop status", pointer: own, change: drop };
    for (const other of [status === "200" ? "201" : "418", String(Number(status) + 1)])
      yield { operator: `status to ${other}`, pointer: own, change: renamed(other) };
  }
  for (const status of ["202", "409", "504"])
    yield {
      operator: `add status ${status}`,
      pointer: `${pointer}/responses`,
      change: added(status, { description: "New" }),
    };
}

function* contentEdits({ pointer, value }: DocumentNode): Generator<Edit> {
  for (const mediaType of Object.keys(objectOf(value.content))) {
    const own = `${pointer}/content${pointerOf([mediaType])}`;
    yield { operator: "drop media type", pointer: own, change: drop };
    yield {
      operator: "change media type",
      pointer: own,
      change: renamed(mediaType === "text/plain" ? "application/json" : "text/plain"),
    };
    yield { operator: "vendor media type", pointer: own, change: renamed("application/vnd.other+json") };
    yield { operator: "drop schema", pointer: `${own}/schema`, change: drop };
  }
  if (isObject(value.content))
    yield {
      operator: "add media type",
      pointer: `${pointer}/content`,
      change: added("application/xml", { schema: { type: "string" } }),
    };
}

function* schemeEdits({ pointer, value }: DocumentNode): Generator<Edit> {
  if (value.type === "apiKey") {
    yield { operator: "rename key", pointer: `${pointer}/name`, change: set(`${value.name}2`) };
    yield { operator: "move key", pointer: `${pointer}/in`, change: set(value.in === "query" ? "header" : "query") };
    yield { operator: "key to cookie", pointer: `${pointer}/in`, change: set("cookie") };
  }
  yield { operator: "key to bearer", pointer, change: set({ type: "http", scheme: "bearer" }) };
}

const OTHER_TYPES: Readonly<Record<string, readonly string[]>> = {
  string: ["integer", "boolean", "object"],
  integer: ["string", "number", "boolean"],
  number: ["string", "integer"],
  boolean: ["string", "integer"],
  array: ["object", "string"],
  object: ["array", "string"],
};
const BOUNDS = [
  "minimum",
  "maximum",
  "minLength",
  "maxLength",
  "minItems",
  "maxItems",
  "minProperties",
  "maxProperties",
  "multipleOf",
];

function* schemaEdits({ pointer, value }: DocumentNode): Generator<Edit> {
  const edit = (operator: string, key: string, change: Edit["change"]): Edit => ({
    operator,
    pointer: pointer + pointerOf([key]),
    change,
  });
  if (typeof value.type === "string") {
    for (const other of OTHER_TYPES[value.type] ?? []) yield edit(`type to ${other}`, "type", set(other));
    yield edit("drop type", "type", drop);
    yield edit("flip nullable", "nullable", set(value.nullable !== true));
  }
  if (typeof value.format === "string") {
    yield edit("drop format", "format", drop);
    yield edit("change format", "format", set(value.format === "date" ? "uuid" : "date"));
  } else if (value.type === "string" && value.enum === undefined) yield edit("add format", "format", set("uuid"));
  for (const bound of BOUNDS) {
    const own = value[bound];
    if (typeof own !== "number") continue;
    yield edit(`${bound} + 1`, bound, set(own + 1));
    if (own - 1 > 0 || bound === "minimum" || bound === "maximum") yield edit(`${bound} - 1`, bound, set(own - 1));
    yield edit(`drop ${bound}`, bound, drop);
  }
  for (const side of ["minimum", "maximum"]) {
    const exclusive = `exclusive${side.charAt(0).toUpperCase()}${side.slice(1)}`;
    if (typeof value[side] === "number") yield edit(`flip ${exclusive}`, exclusive, set(value[exclusive] !== true));
  }
  if (typeof value.pattern === "string") yield edit("drop pattern", "pattern", drop);
  if (value.uniqueItems !== undefined) yield edit("flip uniqueItems", "uniqueItems", set(value.uniqueItems !== true));
  if (value.default !== undefined) {
    yield edit("drop default", "default", drop);
    yield edit(
      "change default",
      "default",
      set(
        typeof value.default === "number"
          ? value.default + 1
          : typeof value.default === "boolean"
            ? !value.default
            : "other",
      ),
    );
  }
  if (Array.isArray(value.enum)) {
    yield edit("add to enum", "enum", added("", "ADDED"));
    for (const [index, one] of value.enum.entries()) {
      yield { operator: "drop from enum", pointer: `${pointer}/enum/${index}`, change: drop };
      yield { operator: "rename in enum", pointer: `${pointer}/enum/${index}`, change: set(`${one}_2`) };
    }
  }
  yield* objectEdits(pointer, value);
  if (value.items !== undefined) yield edit("drop items", "items", drop);
  for (const key of ["allOf", "oneOf", "anyOf"]) {
    const branches = value[key];
    if (!Array.isArray(branches)) continue;
    for (const index of branches.keys())
      yield { operator: `drop ${key} branch`, pointer: `${pointer}/${key}/${index}`, change: drop };
  }
}

function* objectEdits(pointer: string, value: JsonObject): Generator<Edit> {
  const required = Array.isArray(value.required) ? value.required : [];
  for (const [index, name] of required.entries()) {
    yield { operator: `not required: ${name}`, pointer: `${pointer}/required/${index}`, change: drop };
  }
  const names = Object.keys(objectOf(value.properties));
  for (const name of names) {
    const own = `${pointer}/properties${pointerOf([name])}`;
    yield { operator: "drop property", pointer: own, change: drop };
    yield { operator: "rename property", pointer: own, change: renamed(`${name}_2`) };
    if (!required.includes(name)) {
      yield {
        operator: `required: ${name}`,
        pointer: `${pointer}/required`,
        change: (holder) => {
          (holder as JsonObject).required = [...required, name];
        },
      };
    }
  }
  if (names.length > 0) {
    yield {
      operator: "add property",
      pointer: `${pointer}/properties`,
      change: added("added_field", { type: "string" }),
    };
    yield {
      operator: "add required",
      pointer: `${pointer}/required`,
      change: (holder) => {
        (holder as JsonObject).required = [...required, "added_field"];
      },
    };
    if (value.additionalProperties === undefined)
      yield { operator: "close object", pointer: `${pointer}/additionalProperties`, change: set(false) };
  }
}

/** Text, type and key of an example's value. */
function* valueEdits(value: Json, pointer: string): Generator<Edit> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      yield { operator: "drop item of example", pointer: `${pointer}/${index}`, change: drop };
      yield* valueEdits(item, `${pointer}/${index}`);
    }
    yield { operator: "example to another type", pointer, change: set({}) };
  } else if (isObject(value)) {
    for (const [key, inner] of Object.entries(value)) {
      const own = pointer + pointerOf([key]);
      yield { operator: "drop key of example", pointer: own, change: drop };
      yield { operator: "rename key of example", pointer: own, change: renamed(`${key}_2`) };
      yield* valueEdits(inner, own);
    }
    yield { operator: "add key to example", pointer, change: added("added_field", "added") };
  } else {
    yield {
      operator: "change example",
      pointer,
      change: set(typeof value === "string" ? `${value}!` : typeof value === "number" ? value + 1 : !value),
    };
    yield { operator: "example to another type", pointer, change: set(typeof value === "string" ? 42 : "text") };
  }
}
