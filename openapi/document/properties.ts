import { at, pointerOf, resolve } from "./pointer.js";
import { isObject, type JsonObject, objectOf } from "./types.js";

interface Part {
  readonly pointer: string;
  readonly value: JsonObject;
}

/** The schemas that a schema is put together of, itself first: `$ref` followed, with each branch by these keywords. `true` has none. */
export function partsOf(
  document: JsonObject,
  start: string,
  keywords: readonly string[] = ["allOf", "anyOf", "oneOf"],
  seen: Set<string> = new Set(),
): Part[] {
  const pointer = schemaAt(document, start);
  const schema = at(document, pointer);
  if (seen.has(pointer) || schema === true) return [];
  seen.add(pointer);
  const { $ref, ...value } = objectOf(schema);
  const inner = keywords.flatMap((keyword) =>
    [value[keyword] ?? []].flat().map((_, index) => pointer + pointerOf([keyword, index])),
  );
  if (typeof $ref === "string") inner.unshift(targetOf($ref));
  return [{ pointer, value }, ...inner.flatMap((each) => partsOf(document, each, keywords, seen))];
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

/** The properties that a schema or a part of it declares: name → pointer. */
export function propertiesOf(document: JsonObject, at: string): ReadonlyMap<string, string> {
  const properties = new Map<string, string>();
  // Of two that declare the same, the outer one counts.
  for (const { pointer, value } of partsOf(document, at))
    for (const name of Object.keys(objectOf(value.properties)))
      if (!properties.has(name)) properties.set(name, pointer + pointerOf(["properties", name]));
  return properties;
}
