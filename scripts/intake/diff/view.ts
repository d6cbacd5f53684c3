/**
 * A schema with its `allOf` parts taken together, so that a field which moves from one part to another is no change.
 * Keeps where everything stands.
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
  for (const { schema, pointer: own } of parts) {
    for (const [key, value] of Object.entries(schema)) {
      if (key === "allOf" || key === "$ref") continue;
      const found = { value, pointer: own + pointerOf([key]) };
      const list = keywords.get(key);
      if (list) list.push(found);
      else keywords.set(key, [found]);
    }
    for (const [name, value] of Object.entries(objectOf(schema.properties))) {
      const at = own + pointerOf(["properties", name]);
      // A property that a second part describes too is compared as a whole.
      if (properties.has(name)) keywords.set(`further words on property "${name}"`, [{ value, pointer: at }]);
      else properties.set(name, at);
    }
    for (const name of Array.isArray(schema.required) ? schema.required : [])
      if (typeof name === "string" && !required.has(name)) required.set(name, `${own}/required`);
  }
  return {
    pointer: top,
    parts: parts.map((part) => part.pointer),
    keywords,
    properties,
    required,
    types: typesOf(parts.map((part) => part.schema)),
    values: valuesOf(parts.map((part) => part.schema)),
  };
}

interface Part {
  readonly schema: JsonObject;
  readonly pointer: string;
}

/** Follows a schema's `$ref`s, as far as nothing counts that stands beside one: in OpenAPI 3.1 it does. */
export function schemaAt(document: JsonObject, pointer: string): string {
  const schema = at(document, pointer);
  if (!isObject(schema) || typeof schema.$ref !== "string") return pointer;
  const alone = Object.keys(schema).length === 1 || !/^3\.1/.test(String(document.openapi));
  const target = decodeURIComponent(schema.$ref.slice(1));
  // A circle of references is refused where it is resolved to its end.
  return alone && resolve(document, pointer) ? schemaAt(document, target) : pointer;
}

function partsOf(document: JsonObject, pointer: string, seen: Set<string>): Part[] {
  if (seen.has(pointer)) return [];
  seen.add(pointer);
  const schema = at(document, pointer);
  if (!isObject(schema)) return schema === false ? [{ schema: { not: {} }, pointer }] : [];
  if (typeof schema.$ref === "string")
    return [
      { schema, pointer },
      ...partsOf(document, schemaAt(document, decodeURIComponent(schema.$ref.slice(1))), seen),
    ];
  const branches = Array.isArray(schema.allOf) ? schema.allOf : [];
  const inner = branches.flatMap((_, index) =>
    partsOf(document, schemaAt(document, `${pointer}/allOf/${index}`), seen),
  );
  return [{ schema, pointer }, ...inner];
}

function typesOf(parts: readonly JsonObject[]): ReadonlySet<string> | undefined {
  let types: Set<string> | undefined;
  for (const part of parts) {
    const own = typesOfPart(part);
    if (own) types = types === undefined ? new Set(own) : both(types, own);
  }
  // `nullable` beside `allOf` is read as "or null", whatever the parts say.
  if (types && parts[0]?.nullable === true) types.add("null");
  return types;
}

function typesOfPart({ type, nullable }: JsonObject): ReadonlySet<string> | undefined {
  if (type === undefined) return undefined;
  const own = new Set((Array.isArray(type) ? type : [type]).map(String));
  if (nullable === true) own.add("null");
  return own;
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
