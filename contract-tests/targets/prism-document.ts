/** The document as the mock gets it. */
import { resolve } from "../../openapi/document/pointer.js";
import { isObject, type Json, type JsonObject, objectOf } from "../../openapi/document/types.js";
import { isIgnored } from "../cases/model.js";
import { nodesOf } from "../cases/walk.js";
import { isForm } from "../cases/wire.js";

/**
 * The document without `callbacks`: Prism calls them, after refused requests too, so a run would send requests to any
 * address that a case names. And with forms in words that Prism knows: OpenAPI's default for arrays in them spelt out, their schemas in one piece.
 */
export function mockDocument(document: JsonObject): JsonObject {
  const copy = structuredClone(document);
  const operations = Object.values(objectOf(copy.paths)).flatMap((item) => Object.values(objectOf(item)));
  for (const operation of operations) drop(operation, "callbacks");
  for (const holder of [...Object.values(objectOf(copy.paths)), ...operations]) dropIgnored(copy, holder);
  drop(copy.components, "callbacks");
  const bodies = [
    ...operations.map((operation) => objectOf(operation).requestBody),
    ...Object.values(objectOf(objectOf(copy.components).requestBodies)),
  ];
  for (const { kind, value } of nodesOf(copy)) if (kind === "schema") spellOutNull(copy, value);
  for (const body of bodies) for (const [type, media] of contentOf(body)) if (isForm(type)) settleForm(copy, media);
  return copy;
}

/**
 * Prism does not check a body at all where `nullable` has no type next to it, not even in an `allOf`; nor where null is
 * in the `enum` already, to which it adds another.
 */
function spellOutNull(document: JsonObject, schema: JsonObject): void {
  if (schema.nullable !== true) return;
  if (Array.isArray(schema.enum)) schema.enum = schema.enum.filter((value) => value !== null);
  if (hasType(document, schema, [])) return;
  const { nullable: _, ...rest } = schema;
  for (const key of Object.keys(rest)) if (key !== "example" && key !== "default") delete schema[key];
  delete schema.nullable;
  schema.anyOf = [rest, { type: "null" }];
}

function hasType(document: JsonObject, schema: JsonObject, inside: readonly string[]): boolean {
  if (schema.type !== undefined) return true;
  if (typeof schema.$ref === "string") {
    if (inside.includes(schema.$ref)) return false;
    const { value } = resolve(document, decodeURIComponent(schema.$ref.slice(1)));
    return hasType(document, objectOf(value), [...inside, schema.$ref]);
  }
  return Array.isArray(schema.allOf) && schema.allOf.some((part) => hasType(document, objectOf(part), inside));
}

function contentOf(body: Json | undefined): [string, JsonObject][] {
  return Object.entries(objectOf(objectOf(body).content)).map(([type, media]) => [type, objectOf(media)]);
}

/** Prism reads the schema of a form without the components, so it gets it in one piece. */
function settleForm(document: JsonObject, media: JsonObject): void {
  const schema = inOnePiece(document, media.schema ?? {}, []);
  media.schema = schema;
  for (const [name, property] of propertiesIn(schema)) {
    if (objectOf(property).type !== "array" || Object.hasOwn(objectOf(media.encoding), name)) continue;
    media.encoding = { ...objectOf(media.encoding), [name]: { style: "form", explode: true, allowReserved: true } };
  }
}

function propertiesIn(schema: Json): [string, Json][] {
  const { properties, allOf } = objectOf(schema);
  return [...Object.entries(objectOf(properties)), ...(Array.isArray(allOf) ? allOf : []).flatMap(propertiesIn)];
}

/** A schema inside itself is left as it is: no form can say such a value. */
function inOnePiece(document: JsonObject, value: Json, inside: readonly string[]): Json {
  if (Array.isArray(value)) return value.map((item) => inOnePiece(document, item, inside));
  if (!isObject(value)) return value;
  const { $ref } = value;
  if (typeof $ref === "string") {
    if (inside.includes($ref)) return value;
    return inOnePiece(document, resolve(document, decodeURIComponent($ref.slice(1))).value, [...inside, $ref]);
  }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, inOnePiece(document, inner, inside)]));
}

/** Prism requires headers that OpenAPI wants ignored as parameters. */
function dropIgnored(document: JsonObject, holder: Json): void {
  if (!isObject(holder) || !Array.isArray(holder.parameters)) return;
  holder.parameters = holder.parameters.filter((each) => {
    const ref = objectOf(each).$ref;
    const own = typeof ref === "string" ? resolve(document, decodeURIComponent(ref.slice(1))).value : each;
    return !isIgnored(objectOf(own));
  });
}

function drop(holder: Json | undefined, key: string): void {
  if (isObject(holder)) delete holder[key];
}
