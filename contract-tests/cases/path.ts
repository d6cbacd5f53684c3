/** Places inside a value, and values with one place changed. */
import type { Json, JsonObject } from "../../openapi/document/types.js";
import { isObject } from "../../openapi/document/types.js";

/** Single changes to a valid value: those that must pass and those that must not, each with the rule it is about. */

export type Path = readonly (string | number)[];

export function valueAt(root: Json, path: Path): Json {
  let node: Json = root;
  for (const step of path) node = (node as Record<string | number, Json>)[step] ?? null;
  return node;
}

export function replaceAt(root: Json, path: Path, value: Json): Json {
  const [first, ...rest] = path;
  if (first === undefined) return value;
  const copy = (Array.isArray(root) ? [...root] : { ...(root as JsonObject) }) as Record<string | number, Json>;
  copy[first] = replaceAt(copy[first] ?? null, rest, value);
  return copy as Json;
}

export function removeAt(root: Json, path: Path): Json {
  const last = path.at(-1);
  const parent = path.slice(0, -1);
  const holder = valueAt(root, parent);
  if (last === undefined || !isObject(holder)) return root;
  const { [String(last)]: _, ...rest } = holder;
  return replaceAt(root, parent, rest);
}

/** `body.items.0.name`, for people. */
export function labelOf(root: string, path: Path): string {
  return [root, ...path].join(".");
}
