/**
 * OpenAPI 3.0 schema objects as JSON Schema 2020-12, which is what ajv compiles. Our own, because the published
 * converter emits draft-04. OpenAPI 3.1 schemas pass through, except for their annotations.
 */
import { formats } from "./formats.js";
import { isObject, type Json, type JsonObject, objectOf } from "./types.js";

/** Keywords that say nothing about validity; ajv's strict mode would refuse the OpenAPI ones among them. */
const ANNOTATIONS = new Set(
  "example examples xml externalDocs discriminator deprecated description title default readOnly writeOnly nullable".split(
    " ",
  ),
);
/** Keywords whose schemas test the value itself without declaring its fields. */
const TESTS = new Set("not if then else propertyNames contains".split(" "));
const BRANCHES = new Set(["allOf", "anyOf", "oneOf"]);
/** Keywords whose schemas are about values inside the value. */
const INNER = new Set("additionalProperties items prefixItems unevaluatedProperties unevaluatedItems".split(" "));
/** The same, by name. */
const MAPS = new Set("properties patternProperties $defs dependentSchemas".split(" "));

/**
 * - `open`: as declared, so undeclared fields pass.
 * - `closed`: undeclared fields are refused, here and below.
 * - `branch`: a part of a closed schema's `allOf`, `anyOf` or `oneOf`. It describes the same object as its parent, so only
 *   what is below it is closed.
 */
export type Variant = "open" | "closed" | "branch";

/** Says how a `$ref` is to be written for the variant that it is met in. */
export type Refer = (ref: string, variant: Variant) => string;

export interface Conversion {
  readonly refer: Refer;
  /** Whether what is next to a `$ref` counts, as it does in OpenAPI 3.1 and not in 3.0. */
  readonly besideRef: boolean;
  /** Whether a property does not travel in this direction, so that nobody can require it. */
  readonly leftOut: (property: Json | undefined) => boolean;
}

export function jsonSchemaOf(schema: Json | undefined, variant: Variant, conversion: Conversion): Json {
  const { refer, besideRef, leftOut } = conversion;
  if (schema === undefined) return true;
  if (!isObject(schema)) return schema;
  const convert = (inner: Json | undefined, as: Variant): Json => jsonSchemaOf(inner, as, conversion);
  const inside: Variant = variant === "open" ? "open" : "closed";
  const branch: Variant = variant === "open" ? "open" : "branch";
  if (typeof schema.$ref === "string") {
    const { $ref, ...rest } = schema;
    const more = besideRef ? convert(rest, branch) : {};
    if (!isObject(more) || Object.keys(more).length === 0) return { $ref: refer($ref, variant) };
    return closed({ ...more, $ref: refer($ref, branch) }, variant, schema, true);
  }
  // Bytes are not a JSON value: in a form they are a Blob, and the rest of the schema is about text.
  if (schema.format === "binary") return true;
  const result: JsonObject = {};
  for (const [key, value] of Object.entries(schema)) {
    if (ANNOTATIONS.has(key) || key.startsWith("x-")) continue;
    if (key === "format" && !(typeof value === "string" && Object.hasOwn(formats, value))) continue;
    const as = TESTS.has(key) ? "open" : BRANCHES.has(key) ? branch : INNER.has(key) ? inside : undefined;
    if (as) {
      result[key] = Array.isArray(value) ? value.map((each) => convert(each, as)) : convert(value, as);
    } else if (MAPS.has(key) && isObject(value)) {
      result[key] = Object.fromEntries(Object.entries(value).map(([name, each]) => [name, convert(each, inside)]));
    } else if (key === "required" && Array.isArray(value)) {
      const properties = objectOf(schema.properties);
      result.required = distinct(value).filter((name) => !leftOut(properties[String(name)]));
    } else if (key === "enum" && Array.isArray(value)) result.enum = distinct(value);
    else result[key] = value;
  }
  exclusiveBound(result, "minimum", "exclusiveMinimum");
  exclusiveBound(result, "maximum", "exclusiveMaximum");
  const whole = closed(result, variant, schema, describesObject(schema));
  return schema.nullable === true ? nullable(whole) : whole;
}

/** `unevaluatedProperties` looks through branches and $ref, where `additionalProperties` would refuse a branch's fields. */
function closed(result: JsonObject, variant: Variant, schema: JsonObject, isOfObject: boolean): JsonObject {
  const says = schema.additionalProperties !== undefined || schema.unevaluatedProperties !== undefined;
  return variant === "closed" && !says && isOfObject ? { ...result, unevaluatedProperties: false } : result;
}

/** A value that is twice in a list says nothing more, but JSON Schema refuses the list. */
function distinct(values: readonly Json[]): Json[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}

/** 3.0 says `exclusiveMinimum: true` next to `minimum`; 2020-12 says the bound itself. */
function exclusiveBound(schema: JsonObject, bound: string, exclusive: string): void {
  if (typeof schema[exclusive] !== "boolean") return;
  if (schema[exclusive] && schema[bound] !== undefined) {
    schema[exclusive] = schema[bound];
    delete schema[bound];
  } else delete schema[exclusive];
}

function nullable(schema: JsonObject): JsonObject {
  if (typeof schema.type !== "string") return { anyOf: [schema, { type: "null" }] };
  const result: JsonObject = { ...schema, type: [schema.type, "null"] };
  if (Array.isArray(schema.enum) && !schema.enum.includes(null)) result.enum = [...schema.enum, null];
  return result;
}

/** Whether a schema as declared says that its value is an object; a branch that is a `$ref` is taken to say so. */
function describesObject(schema: JsonObject): boolean {
  if (schema.type !== undefined) return [schema.type].flat().includes("object");
  if (isObject(schema.properties)) return true;
  const branches = [schema.allOf, schema.anyOf, schema.oneOf].flatMap((list) => (Array.isArray(list) ? list : []));
  return branches.some((each) => isObject(each) && (typeof each.$ref === "string" || describesObject(each)));
}
