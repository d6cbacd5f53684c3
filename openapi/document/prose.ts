/** What only people read, apart from what a program can rely on. */
import { isDeepStrictEqual } from "node:util";
import { isObject, type Json } from "./types.js";

const PROSE = new Set(["description", "summary", "title", "externalDocs"]);
/** Maps whose keys are names, so that a property called "title" is none of these. */
const NAME_MAPS = new Set([
  "properties",
  "patternProperties",
  "headers",
  "responses",
  "content",
  "examples",
  "mapping",
]);
/** Values that are taken as they are. */
const VALUES = new Set(["example", "value", "default", "enum", "const"]);

/** Whether two parts of documents mean the same to a program, whatever their texts say. */
export function meansTheSame(one: Json | undefined, other: Json | undefined): boolean {
  return isDeepStrictEqual(one, other) || isDeepStrictEqual(withoutProse(one, false), withoutProse(other, false));
}

function withoutProse(value: Json | undefined, names: boolean): Json | undefined {
  if (Array.isArray(value)) return value.map((item) => withoutProse(item, false) ?? null);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => {
      if (!names && PROSE.has(key)) return [];
      const kept = !names && VALUES.has(key) ? inner : withoutProse(inner, !names && NAME_MAPS.has(key));
      return [[key, kept ?? null]];
    }),
  );
}
