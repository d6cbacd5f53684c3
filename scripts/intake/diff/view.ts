/**
 * A schema with its `allOf` parts taken together, so that moving a field from one part to another is not a change.
 * Keeps the place of everything.
 */
import { at, pointerOf, resolve } from "../../../openapi/document/pointer.js";
import { isObject, type Json, type JsonObject, objectOf } from "../../../openapi/document/types.js";

export interface Found {
  readonly value: Json;
  readonly pointer: string;
}

export interface SchemaView {
  /** Pointer of the schema itself, after its `$ref`s. */
  readonly pointer: string;
  /** Pointers of the schema and of its `allOf` parts. */
  readonly parts: readonly string[];
  /** The keywords of every part. */
  readonly keywords: ReadonlyMap<string, readonly Found[]>;
  /** Pointer of each property's schema. */
  readonly properties: ReadonlyMap<string, string>;
  /** Names required, with the pointer of the list that says so. */
  readonly required: ReadonlyMap<string, string>;
  /** The types allowed, `null` among them; `undefined` when any is. */
  readonly types: ReadonlySet<string> | undefined;
  /** The values allowed; `undefined` when all are. */
  readonly values: readonly Json[] | undefined;
}

export function viewOf(document: JsonObject, pointer: string): SchemaView {
  const top = schemaAt(document, pointer);
  const parts = partsOf(document, top, new Set());
  const keywords = new Map<string, Found[]>();
  const properties = new Map<string, string>();
  const required = new Map<string, string>();
  const keep = (key: string, found: Found) => keywords.set(key, [...(keywords.get(key) ?? []), found]);
  for (const { schema, pointer: own } of parts) {
    for (const [key, value] of Object.entries(schema))
      if (key !== "allOf" && key !== "$ref") keep(key, { value, pointer: own + pointerOf([key]) });
    for (const [name, value] of Object.entries(objectOf(schema.properties))) {
      const place = own + pointerOf(["properties", name]);
      // A property that a second part describes too is compared as one value.
      if (properties.has(name)) keep(`second description of property "${name}"`, { value, pointer: place });
      else properties.set(name, place);
    }
    for (const name of Array.isArray(schema.required) ? schema.required : [])
      if (typeof name === "string" && !required.has(name)) required.set(name, `${own}/required`);
  }
  const schemas = parts.map((part) => part.schema);
  return {
    pointer: top,
    parts: parts.map((part) => part.pointer),
    ...{ keywords, properties, required },
    types: typesOf(schemas),
    values: valuesOf(schemas),
  };
}

interface Part {
  readonly schema: JsonObject;
  readonly pointer: string;
}

/** Follows a schema's `$ref`s, unless something next to one counts: in OpenAPI 3.1 it does. */
export function schemaAt(document: JsonObject, pointer: string): string {
  const schema = at(document, pointer);
  if (!isObject(schema) || typeof schema.$ref !== "string") return pointer;
  const alone = Object.keys(schema).length === 1 || !/^3\.1/.test(String(document.openapi));
  // `resolve` throws for a circle of references.
  return alone && resolve(document, pointer) ? schemaAt(document, targetOf(schema.$ref)) : pointer;
}

function targetOf(ref: string): string {
  return decodeURIComponent(ref.slice(1));
}

function partsOf(document: JsonObject, pointer: string, seen: Set<string>): Part[] {
  if (seen.has(pointer)) return [];
  seen.add(pointer);
  const schema = at(document, pointer);
  if (!isObject(schema)) return schema === false ? [{ schema: { not: {} }, pointer }] : [];
  const branches = Array.isArray(schema.allOf) ? schema.allOf.map((_, index) => `${pointer}/allOf/${index}`) : [];
  const inner = typeof schema.$ref === "string" ? [targetOf(schema.$ref)] : branches;
  return [{ schema, pointer }, ...inner.flatMap((each) => partsOf(document, schemaAt(document, each), seen))];
}

function typesOf(parts: readonly JsonObject[]): ReadonlySet<string> | undefined {
  let types: Set<string> | undefined;
  for (const { type, nullable } of parts) {
    if (type === undefined) continue;
    const own = new Set([type].flat().map(String));
    if (nullable === true) own.add("null");
    types = types === undefined ? own : both(types, own);
  }
  // `nullable` next to `allOf` is read as "or null", whatever the parts say.
  if (types && parts[0]?.nullable === true) types.add("null");
  return types;
}

/** What both allow; `integer` is a `number`. */
function both(one: ReadonlySet<string>, other: ReadonlySet<string>): Set<string> {
  const allowed = (types: ReadonlySet<string>, type: string) =>
    types.has(type) || (type === "integer" && types.has("number"));
  return new Set([...one, ...other].filter((type) => allowed(one, type) && allowed(other, type)));
}

function valuesOf(parts: readonly JsonObject[]): readonly Json[] | undefined {
  let values: readonly Json[] | undefined;
  for (const part of parts) {
    const own = Array.isArray(part.enum) ? part.enum : part.const === undefined ? undefined : [part.const];
    if (own === undefined) continue;
    const known = new Set(own.map((value) => JSON.stringify(value)));
    values = values === undefined ? own : values.filter((value) => known.has(JSON.stringify(value)));
  }
  return values;
}
