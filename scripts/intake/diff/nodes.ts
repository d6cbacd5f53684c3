/** The objects that make up an operation, each with its place, by what makes two of them the same. */
import { at, pointerOf, resolve } from "../../../openapi/document/pointer.js";
import { isObject, type JsonObject, METHODS } from "../../../openapi/document/types.js";

export interface Node {
  /** The key that it has in the document. */
  readonly name: string;
  /** Where it is, after its `$ref`s. */
  readonly pointer: string;
  readonly value: JsonObject;
}

export type Nodes<T extends Node = Node> = ReadonlyMap<string, T>;

type KeyOf = (name: string) => string | undefined;

/** The objects in the object or list at a pointer. @param keyOf What makes two of them the same; `undefined` leaves one out. */
export function nodesAt(document: JsonObject, pointer: string, keyOf: KeyOf = (name) => name): Nodes {
  const nodes = new Map<string, Node>();
  if (at(document, pointer) === undefined) return nodes;
  const holder = resolve(document, pointer);
  if (typeof holder.value !== "object") return nodes;
  for (const name of Object.keys(holder.value ?? {})) {
    const { value, pointer: own } = resolve(document, holder.pointer + pointerOf([name]));
    const key = keyOf(name);
    if (isObject(value) && key !== undefined) nodes.set(key, { name, pointer: own, value });
  }
  return nodes;
}

/** The nodes of both sides by their keys; `undefined` on the side that lacks one. */
export function pairsOf<T extends Node>(old: Nodes<T>, now: Nodes<T>): (readonly [T | undefined, T | undefined])[] {
  return [...new Set([...now.keys(), ...old.keys()])].map((key) => [old.get(key), now.get(key)] as const);
}

export interface OperationNode extends Node {
  readonly path: string;
  /** Pointer of the path item. */
  readonly item: string;
}

/** By method and path, whatever the names in the path's braces. */
export function operationsAt(document: JsonObject, base: string, callback: boolean): Nodes<OperationNode> {
  const found = new Map<string, OperationNode>();
  const isMethod = (name: string) => METHODS.find((method) => method === name);
  for (const { name: path, pointer: item } of nodesAt(document, base).values())
    for (const [method, { pointer, value }] of nodesAt(document, item, isMethod)) {
      const key = `${method} ${callback ? path : path.replace(/\{[^{}]*\}/g, "{}")}`;
      found.set(key, { name: `${method.toUpperCase()} ${path}`, path, pointer, item, value });
    }
  return found;
}

/**
 * The parameters of the path item, and over them those of the operation.
 *
 * @param byOrder the path's parameters are matched by their order, since they have other names.
 */
export function parametersAt(document: JsonObject, { item, pointer: own }: OperationNode, byOrder: boolean): Nodes {
  const found = new Map<string, Node>();
  let order = 0;
  for (const holder of [item, own])
    for (const { value, pointer } of nodesAt(document, `${holder}/parameters`).values()) {
      const [place, name] = [String(value.in), String(value.name)];
      const key = place === "header" ? name.toLowerCase() : place === "path" && byOrder ? order++ : name;
      found.set(`${place} ${key}`, { name: `${place} parameter "${name}"`, value, pointer });
    }
  return found;
}
