/**
 * Documents of one provider as one, for tools that take a single document. Each keeps its meaning: a component that two
 * of them define differently gets a name of its own in the later one, and servers and security move to its operations.
 */
import { meansTheSame } from "./compare.js";
import { folderOf } from "./names.js";
import { at, pointerOf, stepsOf } from "./pointer.js";
import { componentsIn } from "./slice.js";
import { isObject, type Json, type JsonObject, METHODS, objectOf } from "./types.js";

export interface NamedDocument {
  /** File name in `openapi/`. */
  readonly name: string;
  readonly document: JsonObject;
}

/** @throws {Error} for an operation that two documents have, and for documents of OpenAPI 3.0 and 3.1 together. */
export function mergeDocuments(documents: readonly NamedDocument[]): JsonObject {
  const [first, ...rest] = documents;
  if (!first) throw new Error("There is no document in openapi/: vendor a page first.");
  const [conflict] = operationConflicts(documents);
  if (conflict) throw new Error(conflictText(conflict));
  const result = structuredClone(first.document);
  const components = objectOf(result.components);
  const paths = objectOf(result.paths);
  Object.assign(result, { components, paths });
  for (const { name, document } of rest) {
    // 3.0.0 and 3.0.3 mean the same; 3.0 and 3.1 read schemas differently.
    if (minor(result) !== minor(document))
      throw new Error(
        `${first.name} is OpenAPI ${minor(result)} and ${name} is ${minor(document)}: they cannot be one document.`,
      );
    const own = withOwnNames(document, result, `.${folderOf(name)}`);
    for (const [kind, members] of Object.entries(objectOf(own.components)))
      components[kind] = { ...objectOf(members), ...objectOf(components[kind]) };
    for (const [path, value] of Object.entries(objectOf(own.paths))) {
      const { parameters, ...item } = objectOf(value);
      const more = Array.isArray(parameters) ? parameters : [];
      for (const operation of METHODS.flatMap((method) => (isObject(item[method]) ? [item[method]] : []))) {
        if (more.length > 0) operation.parameters = [...more, ...[operation.parameters ?? []].flat()];
        for (const key of ["servers", "security"])
          if (!meansTheSame(own[key], result[key], `/${key}`)) operation[key] ??= structuredClone(own[key] ?? []);
      }
      paths[path] = { ...objectOf(paths[path]), ...item };
    }
  }
  return result;
}

export interface OperationConflict {
  readonly pointer: string;
  /** The documents, the first one first. */
  readonly documents: readonly [string, string];
}

export function operationConflicts(documents: readonly NamedDocument[]): OperationConflict[] {
  return claims(documents).flatMap(({ name, pointer, owner }): OperationConflict[] =>
    owner === name ? [] : [{ pointer, documents: [owner, name] }],
  );
}

/** Each operation of each document with the document whose it is: the one that is said to own it, else the first that has it. */
export function claims(documents: readonly NamedDocument[], owners: ReadonlyMap<string, string> = new Map()) {
  const claimed = new Map(owners);
  return documents.flatMap(({ name, document }) =>
    operationPointers(document).map((pointer) => {
      const owner = claimed.get(pointer) ?? name;
      claimed.set(pointer, owner);
      const [, path = "", method = ""] = stepsOf(pointer);
      return { name, document, pointer, owner, path, method };
    }),
  );
}

export function conflictText({ pointer, documents: [first, second] }: OperationConflict): string {
  const [, path = "", method = ""] = stepsOf(pointer);
  return `${method.toUpperCase()} ${path} is in ${first} and in ${second}.`;
}

/** `/paths/~1v1~1x/post` for each operation. */
export function operationPointers(document: JsonObject): string[] {
  return Object.entries(objectOf(document.paths)).flatMap(([path, item]) =>
    METHODS.filter((method) => isObject(objectOf(item)[method])).map((method) => pointerOf(["paths", path, method])),
  );
}

function minor({ openapi }: JsonObject): string {
  return String(openapi).split(".").slice(0, 2).join(".");
}

/** A copy in which each component that the base defines differently has another name. */
function withOwnNames(document: JsonObject, base: JsonObject, suffix: string): JsonObject {
  const shared = Object.entries(objectOf(document.components)).flatMap(([kind, members]) =>
    Object.keys(objectOf(members))
      .map((name) => pointerOf(["components", kind, name]))
      .filter((pointer) => at(base, pointer) !== undefined),
  );
  const differing = new Set(
    shared.filter((pointer) => !meansTheSame(at(document, pointer), at(base, pointer), pointer)),
  );
  // What refers to a component with another name has another meaning itself.
  for (let size = -1; size !== differing.size; ) {
    size = differing.size;
    for (const pointer of shared)
      if (componentsIn(at(document, pointer) ?? null).some((each) => differing.has(each))) differing.add(pointer);
  }
  const isOwn = (kind: string, name: string) => differing.has(pointerOf(["components", kind, name]));
  const rename = (kind: string) => (value: Json | undefined) =>
    Object.fromEntries(
      Object.entries(objectOf(value)).map(([name, each]) => [isOwn(kind, name) ? name + suffix : name, each]),
    );
  const visit = (value: Json, key: string): Json => {
    if (typeof value === "string" && (key === "$ref" || key === "mapping") && value.startsWith("#/components/")) {
      const [, kind = "", name = "", ...more] = stepsOf(decodeURIComponent(value.slice(1)));
      return isOwn(kind, name) ? `#${pointerOf(["components", kind, name + suffix, ...more])}` : value;
    }
    if (Array.isArray(value))
      return key === "security" ? value.map(rename("securitySchemes")) : value.map((each) => visit(each, ""));
    if (!isObject(value)) return value;
    const entries = Object.entries(value);
    return Object.fromEntries(entries.map(([name, each]) => [name, visit(each, key === "mapping" ? key : name)]));
  };
  const copy = visit(document, "") as JsonObject;
  const kinds = Object.entries(objectOf(copy.components)).map(([kind, members]) => [kind, rename(kind)(members)]);
  return { ...copy, components: Object.fromEntries(kinds) };
}
