/** A part of a document that is complete in itself: some of its paths, and the components that these refer to. */
import { at, pointerOf, stepsOf } from "./pointer.js";
import { isObject, type Json, type JsonObject, objectOf } from "./types.js";

/** The document with these paths only. Everything else at its top is kept, so a slice means what the whole means. */
export function sliceOf(document: JsonObject, paths: readonly string[]): JsonObject {
  const kept = new Map<string, Json>();
  const waiting: Json[] = paths.flatMap((path) => objectOf(document.paths)[path] ?? []);
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    for (const component of componentsIn(value)) {
      const target = component.startsWith("/components/") ? at(document, component) : undefined;
      if (target === undefined || kept.has(component)) continue;
      kept.set(component, target);
      waiting.push(target);
    }
  }
  const components: JsonObject = {};
  for (const [kind, members] of Object.entries(objectOf(document.components))) {
    // Security schemes are referred to by their names.
    const own = Object.entries(objectOf(members)).filter(
      ([name]) => kind === "securitySchemes" || kept.has(pointerOf(["components", kind, name])),
    );
    if (own.length > 0) components[kind] = Object.fromEntries(own);
  }
  const all = objectOf(document.paths);
  return {
    ...document,
    paths: Object.fromEntries(paths.flatMap((path) => (Object.hasOwn(all, path) ? [[path, all[path] as Json]] : []))),
    components,
  };
}

export function slicesOf(document: JsonObject, size: number): JsonObject[] {
  const paths = Object.keys(objectOf(document.paths));
  return [...paths.keys()].flatMap((n) => (n % size === 0 ? [sliceOf(document, paths.slice(n, n + size))] : []));
}

/** Pointers of the components that a part of a document refers to; of the whole of one where it refers into it. */
export function componentsIn(value: Json): string[] {
  const refs = [...refsIn(value)].filter((ref) => ref.startsWith("#"));
  return refs.map((ref) => pointerOf(stepsOf(decodeURIComponent(ref.slice(1))).slice(0, 3)));
}

function* refsIn(value: Json): Generator<string> {
  if (Array.isArray(value)) for (const item of value) yield* refsIn(item);
  else if (isObject(value))
    for (const [key, inner] of Object.entries(value)) {
      if (key === "$ref" && typeof inner === "string") yield inner;
      // A discriminator names schemas too.
      else if (key === "mapping")
        yield* Object.values(objectOf(inner)).flatMap((each) => (typeof each === "string" ? [each] : []));
      else yield* refsIn(inner);
    }
}
