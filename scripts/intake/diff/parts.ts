/**
 * What changed in the parts of an operation. Parameters, bodies, responses, their media types and headers are alike:
 * each may be required, have a schema, and hold further parts.
 */
import { isDeepStrictEqual } from "node:util";
import { at, pointerOf, resolve } from "../../../openapi/document/pointer.js";
import { isObject, type JsonObject } from "../../../openapi/document/types.js";
import { type Direction, type Effect, fromTo } from "./change.js";
import type { SchemaWalk } from "./schema-walk.js";

export interface Node {
  /** The key that it has in the document. */
  readonly name: string;
  /** Where it is, after its `$ref`s. */
  readonly pointer: string;
  readonly value: JsonObject;
}

export type Nodes = ReadonlyMap<string, Node>;

/** The objects in the object or list at a pointer. @param keyOf what makes two of them the same. */
export function nodesAt(document: JsonObject, pointer: string, keyOf = (name: string) => name): Nodes {
  if (at(document, pointer) === undefined) return new Map();
  const holder = resolve(document, pointer);
  if (typeof holder.value !== "object" || holder.value === null) return new Map();
  return new Map(
    Object.keys(holder.value).flatMap((name) => {
      const { value, pointer: own } = resolve(document, holder.pointer + pointerOf([name]));
      return isObject(value) ? [[keyOf(name), { name, pointer: own, value }]] : [];
    }),
  );
}

export function compareNodes(
  old: Nodes,
  now: Nodes,
  on: {
    readonly added: (now: Node) => void;
    readonly removed: (old: Node) => void;
    readonly both: (old: Node, now: Node) => void;
  },
): void {
  for (const [key, node] of now) if (!old.has(key)) on.added(node);
  for (const [key, node] of old) {
    const other = now.get(key);
    if (other) on.both(node, other);
    else on.removed(node);
  }
}

/** One operation in both versions of a document. */
export interface Place {
  readonly before: JsonObject;
  readonly after: JsonObject;
  readonly operation: string;
  readonly walk: SchemaWalk;
  readonly add: (pointer: string, what: string, effect: Effect, direction: Direction) => void;
}

export interface PartKind {
  readonly direction: Direction;
  readonly label: (node: Node) => string;
  /** What an added one does, unless it is required. */
  readonly added?: (node: Node) => Effect;
}

export function partChanges(place: Place, before: Nodes, after: Nodes, kind: PartKind): void {
  const { direction, label, added } = kind;
  compareNodes(before, after, {
    added: (now) => {
      const required = now.value.required === true;
      const effect = required ? "narrows" : (added?.(now) ?? "none");
      place.add(now.pointer, `${label(now)} added${required ? ", required" : ""}`, effect, direction);
    },
    removed: (old) => place.add(old.pointer, `${label(old)} removed`, "alters", direction),
    both: (old, now) => partChange(place, old, now, label(now), direction),
  });
}

function partChange(place: Place, old: Node, now: Node, label: string, direction: Direction): void {
  const changed = (key: string, what: string, effect: Effect) =>
    place.add(`${now.pointer}/${key}`, `${label} ${what}`, effect, direction);
  for (const [key, yes, no, effects] of FLAGS) {
    const flag = now.value[key] === true;
    if (flag !== (old.value[key] === true)) changed(key, flag ? yes : no, effects[flag ? 0 : 1]);
  }
  for (const key of ["style", "explode", "allowReserved", "allowEmptyValue"])
    if (!isDeepStrictEqual(old.value[key], now.value[key]))
      changed(key, `: ${key} ${fromTo(old.value[key], now.value[key])}`, "alters");
  const [had, has] = [old.value.schema !== undefined, now.value.schema !== undefined];
  if (had && has) place.walk.meet(`${old.pointer}/schema`, `${now.pointer}/schema`, direction, place.operation);
  else if (had !== has) {
    // A parameter without a schema has content, which is written differently.
    const otherForm = (has ? old : now).value.content !== undefined;
    const pointer = `${(has ? now : old).pointer}/schema`;
    const effect = otherForm ? "alters" : has ? "narrows" : "widens";
    place.add(pointer, `${label} has ${has ? "a schema now" : "no schema any more"}`, effect, direction);
  }
  const inner = (key: string, keyOf?: (name: string) => string) =>
    [
      nodesAt(place.before, `${old.pointer}/${key}`, keyOf),
      nodesAt(place.after, `${now.pointer}/${key}`, keyOf),
    ] as const;
  partChanges(place, ...inner("content"), { direction, label: ({ name }) => `${label}: ${name}` });
  const lower = (name: string) => name.toLowerCase();
  partChanges(place, ...inner("headers", lower), { direction, label: ({ name }) => `${label}: header ${name}` });
}

const FLAGS = [
  ["required", "is required now", "is no longer required", ["narrows", "widens"]],
  ["deprecated", "is deprecated", "is no longer deprecated", ["none", "none"]],
] as const;

/**
 * Those of the path item, and over them those of the operation.
 *
 * @param byOrder the path's parameters are matched by their order, since they have other names.
 */
export function parametersAt(document: JsonObject, holders: readonly string[], byOrder: boolean): Nodes {
  const found = new Map<string, Node>();
  let order = 0;
  for (const holder of holders) {
    for (const { value, pointer } of nodesAt(document, `${holder}/parameters`).values()) {
      const [place, name] = [String(value.in), String(value.name)];
      const own = place === "header" ? name.toLowerCase() : place === "path" && byOrder ? order++ : name;
      found.set(`${place} ${own}`, { name: `${place} parameter "${name}"`, value, pointer });
    }
  }
  return found;
}
