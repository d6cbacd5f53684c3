/** A valid value with one place of it changed, wherever that place is. */
import { isObject, type Json, type JsonObject } from "../../openapi/document/types.js";
import type { Builder } from "./build.js";
import { type Change, changesOf } from "./changes.js";
import { choose, type Flat, itemsOf, mapOf, propertyOf } from "./flat.js";

export type Path = readonly (string | number)[];

export interface Variant extends Change {
  /** The place that was changed. */
  readonly path: Path;
  /** The whole value with the change in it. */
  readonly value: Json;
}

/** Every single change to `root` at `path` and below. */
export function* variantsOf(builder: Builder, flat: Flat, path: Path, root: Json): Generator<Variant> {
  const value = valueAt(root, path);
  const whole = (change: Change): Variant => ({ ...change, path, value: replaceAt(root, path, change.value) });
  const [group] = flat.branches;
  if (group) {
    const own = { good: true, rule: group.keyword };
    if (flat.nullable) yield whole({ ...own, name: "null", value: null, covers: [flat.said.nullable ?? []].flat() });
    for (const [index, pointer] of group.pointers.entries()) {
      const branch = choose(builder.document, flat, index);
      const label = `${group.keyword} ${index + 1}`;
      for (const size of ["smallest", "full"] as const)
        yield whole({ ...own, name: `${label}, ${size}`, value: builder.build(branch, size), covers: [pointer] });
      const full = replaceAt(root, path, builder.build(branch, "full"));
      for (const inner of variantsOf(builder, branch, path, full)) yield { ...inner, name: `${inner.name} (${label})` };
    }
    return;
  }
  for (const change of changesOf(builder, flat, value)) yield whole(change);
  if (isObject(value)) yield* membersOf(builder, flat, path, root, value);
  const items = Array.isArray(value) && value.length > 0 ? itemsOf(builder.document, flat) : undefined;
  if (items) yield* variantsOf(builder, items, [...path, 0], root);
}

function* membersOf(builder: Builder, flat: Flat, path: Path, root: Json, value: JsonObject): Generator<Variant> {
  const map = mapOf(builder.document, flat);
  for (const name of Object.keys(value)) {
    const here = [...path, name];
    const required = Object.hasOwn(flat.required, name) ? flat.required[name] : undefined;
    const without = { path: here, rule: "required", value: removeAt(root, here) };
    yield required === undefined
      ? { ...without, good: true, name: "left out", covers: flat.properties[name] ?? [] }
      : { ...without, good: false, name: "missing", covers: [required] };
    const other = name.toUpperCase();
    if (required !== undefined && other !== name && !Object.hasOwn(value, other)) {
      const renamed = replaceAt(without.value, [...path, other], value[name] ?? null);
      yield { ...without, good: false, name: "name in another case", covers: [required], value: renamed };
    }
    const inner = propertyOf(builder.document, flat, name) ?? map;
    if (inner) yield* variantsOf(builder, inner, here, root);
  }
}

export function valueAt(root: Json, path: Path): Json {
  let node: Json | undefined = root;
  for (const step of path)
    node = Array.isArray(node) ? node[Number(step)] : isObject(node) && Object.hasOwn(node, step) ? node[step] : null;
  return node ?? null;
}

function replaceAt(root: Json, path: Path, value: Json): Json {
  const [first, ...rest] = path;
  if (first === undefined) return value;
  if (Array.isArray(root)) return root.with(Number(first), replaceAt(root[Number(first)] ?? null, rest, value));
  if (!isObject(root)) return root;
  return { ...root, [first]: replaceAt(root[first] ?? null, rest, value) };
}

function removeAt(root: Json, path: Path): Json {
  const parent = path.slice(0, -1);
  const holder = valueAt(root, parent);
  if (!isObject(holder)) return root;
  const { [String(path.at(-1))]: _, ...rest } = holder;
  return replaceAt(root, parent, rest);
}
