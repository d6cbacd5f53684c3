/** Every field × constraint that a document declares for requests and responses: the rows, and the denominator, of the matrix. */
import { isObject, type Json, type JsonObject } from "../../openapi/document/types.js";
import { type Flat, flatten, itemsOf, mapOf, propertyOf } from "../cases/flat.js";

export interface Constraint {
  /** `body.size` */
  readonly field: string;
  /** `maximum 100` */
  readonly constraint: string;
  readonly pointer: string;
}

/** Keywords that constrain nothing by themselves. */
const PROSE: ReadonlySet<string> = new Set(
  "description title example examples externalDocs deprecated xml discriminator items additionalProperties $ref readOnly writeOnly".split(
    " ",
  ),
);

export function constraintsAt(document: JsonObject, pointer: string, field: string): Constraint[] {
  const found = new Map<string, Constraint>();
  const visit = (flat: Flat, label: string, required: string | undefined): void => {
    const before = found.size;
    const add = (constraint: string, at: string): void => {
      if (!found.has(at)) found.set(at, { field: label, constraint, pointer: at });
    };
    if (required !== undefined) add("required", required);
    for (const [keyword, at] of Object.entries(flat.said)) {
      if (PROSE.has(keyword) || keyword.startsWith("x-")) continue;
      add(`${keyword} ${short(flat.schema[keyword] ?? true)}`, at);
    }
    if (flat.schema.additionalProperties === false && flat.said.additionalProperties !== undefined)
      add("no other fields", flat.said.additionalProperties);
    for (const branch of flat.branches)
      for (const [index, at] of branch.pointers.entries()) add(`${branch.keyword} ${index + 1}`, at);
    // A schema met before adds nothing, nor does what is below it.
    if (found.size === before) return;
    for (const name of Object.keys(flat.properties)) {
      const inner = propertyOf(document, flat, name);
      if (inner) visit(inner, `${label}.${name}`, flat.required[name]);
    }
    const items = itemsOf(document, flat);
    if (items) visit(items, `${label}[]`, undefined);
    const map = mapOf(document, flat);
    if (map) visit(map, `${label}.*`, undefined);
    for (const branch of flat.branches)
      for (const at of branch.pointers) visit(flatten(document, [at]), label, undefined);
  };
  visit(flatten(document, [pointer]), field, undefined);
  return [...found.values()];
}

function short(value: Json): string {
  if (Array.isArray(value)) return value.map((one) => (isObject(one) ? "…" : String(one))).join(", ");
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
