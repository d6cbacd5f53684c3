/** The shape of schema objects: each keyword has a value of its kind, and no keyword is misspelt. */
import { at, pointerOf, resolve } from "../../openapi/document/pointer.js";
import { isObject, type Json, type JsonObject } from "../../openapi/document/types.js";

type Kind =
  | "schema"
  | "schemas"
  | "named schemas"
  | "count"
  | "number"
  | "bound"
  | "boolean"
  | "words"
  | "values"
  | "any";

const KEYWORDS: Readonly<Record<string, Kind>> = {
  properties: "named schemas",
  patternProperties: "named schemas",
  dependentSchemas: "named schemas",
  $defs: "named schemas",
  allOf: "schemas",
  anyOf: "schemas",
  oneOf: "schemas",
  prefixItems: "schemas",
  not: "schema",
  if: "schema",
  // biome-ignore lint/suspicious/noThenProperty: the keyword's name.
  then: "schema",
  else: "schema",
  items: "schema",
  contains: "schema",
  propertyNames: "schema",
  additionalProperties: "schema",
  unevaluatedProperties: "schema",
  unevaluatedItems: "schema",
  contentSchema: "any",
  minLength: "count",
  maxLength: "count",
  minItems: "count",
  maxItems: "count",
  minProperties: "count",
  maxProperties: "count",
  minContains: "count",
  maxContains: "count",
  minimum: "number",
  maximum: "number",
  multipleOf: "number",
  exclusiveMinimum: "bound",
  exclusiveMaximum: "bound",
  uniqueItems: "boolean",
  nullable: "boolean",
  required: "words",
  enum: "values",
};
const FREE = new Set(
  "$ref $comment $schema $id $anchor type format pattern const default example examples description title deprecated readOnly writeOnly discriminator xml externalDocs contentEncoding contentMediaType dependentRequired".split(
    " ",
  ),
);
const TYPES = new Set(["string", "number", "integer", "boolean", "object", "array", "null"]);

/** Reports the faults of the schema at a pointer and of all below it. Schemas seen before are passed over. */
export function schemaFaults(
  document: JsonObject,
  pointer: string,
  seen: Set<string>,
  fault: (pointer: string, what: string) => void,
): void {
  if (seen.has(pointer)) return;
  seen.add(pointer);
  const schema = at(document, pointer);
  if (typeof schema === "boolean") return;
  if (!isObject(schema)) {
    fault(pointer, "a schema must be an object");
    return;
  }
  if (schema.$ref !== undefined) reference(document, pointer, fault);
  for (const [key, value] of Object.entries(schema)) {
    const where = pointer + pointerOf([key]);
    const kind = Object.hasOwn(KEYWORDS, key) ? KEYWORDS[key] : undefined;
    if (kind === undefined) {
      if (!FREE.has(key) && !key.startsWith("x-")) fault(where, "is no keyword of a schema");
      continue;
    }
    const inner = innerSchemas(kind, value);
    if (typeof inner === "string") fault(where, inner);
    else for (const step of inner) schemaFaults(document, where + pointerOf(step), seen, fault);
  }
  typeAndPattern(schema, pointer, fault);
}

/** Where the schemas below a keyword stand; a text where its value is not of its kind. */
function innerSchemas(kind: Kind, value: Json): readonly (readonly (string | number)[])[] | string {
  switch (kind) {
    case "schema":
      return typeof value === "boolean" ? [] : isObject(value) ? [[]] : "must be a schema";
    case "schemas":
      return Array.isArray(value) && value.length > 0 ? value.map((_, index) => [index]) : "must be a list of schemas";
    case "named schemas":
      return isObject(value) ? Object.keys(value).map((name) => [name]) : "must be an object of schemas";
    case "count":
      return Number.isInteger(value) && (value as number) >= 0 ? [] : "must be a whole number, 0 or more";
    case "number":
      return typeof value === "number" ? [] : "must be a number";
    case "bound":
      return typeof value === "number" || typeof value === "boolean" ? [] : "must be a number or a boolean";
    case "boolean":
      return typeof value === "boolean" ? [] : "must be true or false";
    case "words":
      return Array.isArray(value) && value.every((word) => typeof word === "string") ? [] : "must be a list of strings";
    case "values":
      return Array.isArray(value) && value.length > 0 ? [] : "must be a list with at least one value";
    default:
      return [];
  }
}

function reference(document: JsonObject, pointer: string, fault: (pointer: string, what: string) => void): void {
  try {
    resolve(document, pointer);
  } catch (error) {
    fault(pointer, error instanceof Error ? error.message : String(error));
  }
}

function typeAndPattern(schema: JsonObject, pointer: string, fault: (pointer: string, what: string) => void): void {
  const { type, pattern, format } = schema;
  const types = Array.isArray(type) ? type : type === undefined ? [] : [type];
  if (!types.every((one) => typeof one === "string" && TYPES.has(one)) || (Array.isArray(type) && type.length === 0))
    fault(`${pointer}/type`, `${JSON.stringify(type)} is no type`);
  if (format !== undefined && typeof format !== "string") fault(`${pointer}/format`, "must be a string");
  if (pattern === undefined) return;
  try {
    new RegExp(String(pattern), "u");
    if (typeof pattern !== "string") fault(`${pointer}/pattern`, "must be a string");
  } catch {
    fault(`${pointer}/pattern`, `${JSON.stringify(pattern)} is no regular expression of ECMA-262 in Unicode mode`);
  }
}
