import { pointerOf, resolve } from "./pointer.js";
import { isObject, type JsonObject, objectOf } from "./types.js";

interface Part {
  readonly pointer: string;
  readonly value: JsonObject;
}

/** The schemas that a schema is put together of, itself first: `$ref` followed, with each of `allOf`, `anyOf` and `oneOf`. */
export function partsOf(document: JsonObject, at: string, seen: Set<string> = new Set()): Part[] {
  const { value, pointer } = resolve(document, at);
  if (!isObject(value) || seen.has(pointer)) return [];
  seen.add(pointer);
  const inner = ["allOf", "anyOf", "oneOf"].flatMap((keyword) => {
    const list = value[keyword];
    return Array.isArray(list) ? list.map((_, index) => pointer + pointerOf([keyword, index])) : [];
  });
  return [{ pointer, value }, ...inner.flatMap((part) => partsOf(document, part, seen))];
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
