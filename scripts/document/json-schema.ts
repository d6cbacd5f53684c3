/**
 * OpenAPI 3.0 schema objects as JSON Schema 2020-12, which is what ajv compiles. Our own, because the published
 * converter emits draft-04. OpenAPI 3.1 schemas pass through but for their annotations.
 */
import { isObject, type Json, type JsonObject } from "./types.js";

/** Keywords that say nothing about validity; ajv's strict mode would refuse the OpenAPI ones among them. */
const ANNOTATIONS = new Set([
  "example",
  "examples",
  "xml",
  "externalDocs",
  "discriminator",
  "deprecated",
  "description",
  "title",
  "default",
  "readOnly",
  "writeOnly",
]);
/** Schemas that test the value itself without declaring its fields. */
const BESIDE_KEYS = new Set(["not", "if", "then", "else", "propertyNames", "contains"]);
/** Schemas of values inside the value. */
const BELOW_KEYS = new Set(["additionalProperties", "items", "unevaluatedProperties", "unevaluatedItems"]);
const BRANCH_KEYS = new Set(["allOf", "anyOf", "oneOf"]);
const MAP_KEYS = new Set(["properties", "patternProperties", "$defs", "dependentSchemas"]);

/**
 * - `open`: as declared, so undeclared fields pass.
 * - `closed`: undeclared fields are refused, here and below.
 * - `branch`: a part of a closed schema's `allOf`, `anyOf` or `oneOf`. It describes the same object as its parent, so only
 *   what lies below it is closed.
 */
export type Variant = "open" | "closed" | "branch";

/** Says how a `$ref` is to be written for the variant it is met in. */
export type Refer = (ref: string, variant: Variant) => string;

/** Converts one schema, its inner schemas with it. */
export function jsonSchemaOf(schema: Json | undefined, variant: Variant, refer: Refer): Json {
  if (schema === undefined) return true;
  if (!isObject(schema)) return schema;
  // OpenAPI 3.0: what stands beside a $ref is ignored.
  if (typeof schema.$ref === "string") return { $ref: refer(schema.$ref, variant) };
  const below: Variant = variant === "open" ? "open" : "closed";
  const beside: Variant = variant === "open" ? "open" : "branch";
  const result: JsonObject = {};
  for (const [key, value] of Object.entries(schema)) {
    if (ANNOTATIONS.has(key) || key.startsWith("x-") || key === "nullable") continue;
    if (BESIDE_KEYS.has(key)) result[key] = jsonSchemaOf(value, "open", refer);
    else if (BELOW_KEYS.has(key)) result[key] = jsonSchemaOf(value, below, refer);
    else if (key === "prefixItems" && Array.isArray(value))
      result[key] = value.map((item) => jsonSchemaOf(item, below, refer));
    else if (BRANCH_KEYS.has(key) && Array.isArray(value))
      result[key] = value.map((branch) => jsonSchemaOf(branch, beside, refer));
    else if (MAP_KEYS.has(key) && isObject(value)) {
      result[key] = Object.fromEntries(
        Object.entries(value).map(([name, inner]) => [name, jsonSchemaOf(inner, below, refer)]),
      );
    } else result[key] = value;
  }
  exclusiveBound(result, "minimum", "exclusiveMinimum");
  exclusiveBound(result, "maximum", "exclusiveMaximum");
  const says = schema.additionalProperties !== undefined || schema.unevaluatedProperties !== undefined;
  // `unevaluatedProperties` looks through branches and $ref, where `additionalProperties` would refuse a branch's fields.
  if (variant === "closed" && !says && describesObject(schema)) result.unevaluatedProperties = false;
  return schema.nullable === true ? nullable(result) : result;
}

/** 3.0 says `exclusiveMinimum: true` beside `minimum`; 2020-12 says the bound itself. */
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
  if (schema.type !== undefined)
    return schema.type === "object" || (Array.isArray(schema.type) && schema.type.includes("object"));
  if (isObject(schema.properties)) return true;
  const branches = [schema.allOf, schema.anyOf, schema.oneOf].flatMap((list) => (Array.isArray(list) ? list : []));
  return branches.some((branch) => isObject(branch) && (typeof branch.$ref === "string" || describesObject(branch)));
}
