/** Mutations of one schema. */
import { pointerOf } from "../../openapi/document/pointer.js";
import { type JsonObject, objectOf } from "../../openapi/document/types.js";
import type { DocumentNode } from "../cases/walk.js";
import { added, drop, type Edit, edit, renamed, set } from "./edits.js";

const OTHER_TYPES: Readonly<Record<string, readonly string[]>> = {
  string: ["integer", "boolean", "object"],
  integer: ["string", "number", "boolean"],
  number: ["string", "integer"],
  boolean: ["string", "integer"],
  array: ["object", "string"],
  object: ["array", "string"],
};
const BOUNDS = [
  ...["minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"],
  "multipleOf",
];

export function* schemaEdits({ pointer, value }: DocumentNode): Generator<Edit> {
  const own = (operator: string, key: string, change: Edit["change"]): Edit =>
    edit(operator, `${pointer}/${key}`, change);
  const flipped = (key: string): Edit => own(`flip ${key}`, key, set(value[key] !== true));
  if (typeof value.type === "string") {
    for (const other of OTHER_TYPES[value.type] ?? []) yield own(`type to ${other}`, "type", set(other));
    yield own("drop type", "type", drop);
    yield flipped("nullable");
  }
  if (typeof value.format === "string") {
    yield own("drop format", "format", drop);
    yield own("change format", "format", set(value.format === "date" ? "uuid" : "date"));
  } else if (value.type === "string" && value.enum === undefined) yield own("add format", "format", set("uuid"));
  for (const bound of BOUNDS) {
    const limit = value[bound];
    if (typeof limit !== "number") continue;
    yield own(`${bound} + 1`, bound, set(limit + 1));
    if (limit > 1 || bound === "minimum" || bound === "maximum") yield own(`${bound} - 1`, bound, set(limit - 1));
    yield own(`drop ${bound}`, bound, drop);
  }
  if (typeof value.minimum === "number") yield flipped("exclusiveMinimum");
  if (typeof value.maximum === "number") yield flipped("exclusiveMaximum");
  if (typeof value.pattern === "string") yield own("drop pattern", "pattern", drop);
  if (value.uniqueItems !== undefined) yield flipped("uniqueItems");
  if (value.default !== undefined) {
    yield own("drop default", "default", drop);
    const other = typeof value.default === "number" ? value.default + 1 : "other";
    yield own("change default", "default", set(typeof value.default === "boolean" ? !value.default : other));
  }
  if (Array.isArray(value.enum)) {
    yield own("add to enum", "enum", added("", "ADDED"));
    for (const [index, one] of value.enum.entries()) {
      yield own("drop from enum", `enum/${index}`, drop);
      yield own("rename in enum", `enum/${index}`, set(`${one}_2`));
    }
  }
  yield* objectEdits(pointer, value);
  if (value.items !== undefined) yield own("drop items", "items", drop);
  for (const key of ["allOf", "oneOf", "anyOf"])
    for (const index of Array.isArray(value[key]) ? value[key].keys() : [])
      yield own(`drop ${key} branch`, `${key}/${index}`, drop);
}

function* objectEdits(pointer: string, value: JsonObject): Generator<Edit> {
  const required = Array.isArray(value.required) ? value.required : [];
  const requiring = (operator: string, name: string): Edit =>
    edit(operator, `${pointer}/required`, set([...required, name]));
  for (const [index, name] of required.entries())
    yield edit(`not required: ${name}`, `${pointer}/required/${index}`, drop);
  const names = Object.keys(objectOf(value.properties));
  for (const name of names) {
    const own = `${pointer}/properties${pointerOf([name])}`;
    yield edit("drop property", own, drop);
    yield edit("rename property", own, renamed(`${name}_2`));
    if (!required.includes(name)) yield requiring(`required: ${name}`, name);
  }
  if (names.length === 0) return;
  yield edit("add property", `${pointer}/properties`, added("added_field", { type: "string" }));
  yield requiring("add required", "added_field");
  if (value.additionalProperties === undefined)
    yield edit("close object", `${pointer}/additionalProperties`, set(false));
}
