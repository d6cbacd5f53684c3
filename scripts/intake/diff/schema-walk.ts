/**
 * Walks two documents' schemas side by side. Each pair of schemas is compared once, however many operations use it, so
 * the cost grows with the size of the document and not with the number of uses.
 */
import { isDeepStrictEqual } from "node:util";
import { at, pointerOf, resolve } from "../../../openapi/document/pointer.js";
import { isObject, type Json, type JsonObject } from "../../../openapi/document/types.js";
import { type Change, type Direction, type Effect, partiesOf } from "./change.js";
import { type SchemaChange, schemaChanges } from "./schema-rules.js";
import { type SchemaView, schemaAt, viewOf } from "./view.js";

interface Pair {
  readonly before: string;
  readonly after: string;
  readonly directions: Set<Direction>;
  readonly parents: Set<Pair>;
  /** The operations that use it at their top. */
  readonly operations: Set<string>;
  children: readonly (readonly [before: string, after: string])[];
  changes: readonly SchemaChange[];
  parts: readonly string[];
}

export class SchemaWalk {
  readonly #before: JsonObject;
  readonly #after: JsonObject;
  readonly #pairs = new Map<string, Pair>();

  constructor(before: JsonObject, after: JsonObject) {
    this.#before = before;
    this.#after = after;
  }

  /** Compares the schemas at two pointers, met in an operation. */
  meet(before: string, after: string, direction: Direction, operation: string): void {
    const pair = this.#pair(before, after);
    pair.operations.add(operation);
    this.#spread(pair, direction);
  }

  changes(): Change[] {
    return [...this.#pairs.values()].flatMap((pair) =>
      pair.changes.map(({ pointer, what, effect, only }): Change => {
        const directions = [...pair.directions].filter((direction) => only === undefined || direction === only);
        const breaks = partiesOf(effect, directions);
        return { pointer, subject: "schema", what, breaks, operations: operationsOver(pair) };
      }),
    );
  }

  /** Pointers of the new document's schemas that were compared, those of `allOf` parts among them. */
  compared(): Set<string> {
    return new Set([...this.#pairs.values()].flatMap((pair) => [pair.after, ...pair.parts]));
  }

  #pair(before: string, after: string): Pair {
    const old = schemaAt(this.#before, before);
    const now = schemaAt(this.#after, after);
    const key = `${old}\n${now}`;
    const known = this.#pairs.get(key);
    if (known) return known;
    const pair: Pair = {
      before: old,
      after: now,
      directions: new Set(),
      parents: new Set(),
      operations: new Set(),
      children: [],
      changes: [],
      parts: [],
    };
    this.#pairs.set(key, pair);
    const views = [viewOf(this.#before, old), viewOf(this.#after, now)] as const;
    const inner = childrenOf(...views, this.#before, this.#after);
    pair.parts = views[1].parts;
    pair.children = inner.pairs;
    pair.changes = [...schemaChanges(...views), ...inner.changes];
    return pair;
  }

  /** Gives a direction to a pair and all below it; not by recursion, since schemas form circles and chains. */
  #spread(start: Pair, direction: Direction): void {
    const waiting = [start];
    for (let pair = waiting.pop(); pair; pair = waiting.pop()) {
      if (pair.directions.has(direction)) continue;
      pair.directions.add(direction);
      for (const [before, after] of pair.children) {
        const child = this.#pair(before, after);
        child.parents.add(pair);
        waiting.push(child);
      }
    }
  }
}

function operationsOver(pair: Pair): string[] {
  const found = new Set<string>();
  const seen = new Set<Pair>();
  const waiting = [pair];
  for (let each = waiting.pop(); each; each = waiting.pop()) {
    if (seen.has(each)) continue;
    seen.add(each);
    for (const operation of each.operations) found.add(operation);
    waiting.push(...each.parents);
  }
  return [...found].sort();
}

interface Inner {
  readonly pairs: readonly (readonly [string, string])[];
  readonly changes: readonly SchemaChange[];
}

function childrenOf(before: SchemaView, after: SchemaView, old: JsonObject, now: JsonObject): Inner {
  const pairs: (readonly [string, string])[] = [];
  const changes: SchemaChange[] = [];
  for (const [name, pointer] of after.properties) {
    const other = before.properties.get(name);
    if (other !== undefined) pairs.push([other, pointer]);
  }
  for (const keyword of ["items", "additionalProperties"]) {
    const one = before.keywords.get(keyword)?.[0];
    const other = after.keywords.get(keyword)?.[0];
    if (isObject(one?.value) && isObject(other?.value)) pairs.push([one.pointer, other.pointer]);
    else if (!isDeepStrictEqual(one?.value ?? true, other?.value ?? true)) {
      const effect = openness(other?.value ?? true, one?.value ?? true);
      changes.push({ pointer: (other ?? one)?.pointer ?? after.pointer, what: `${keyword} changed`, effect });
    }
  }
  for (const keyword of ["anyOf", "oneOf"]) {
    const inner = branches(keyword, before, after, old, now);
    pairs.push(...inner.pairs);
    changes.push(...inner.changes);
  }
  return { pairs, changes };
}

/** From a schema to none, or the other way. Further fields in an answer break nobody, so opening is no widening. */
function openness(now: Json, old: Json): Effect {
  if (now === true) return "none";
  if (now === false || old === true) return "narrows";
  return "none";
}

function branches(keyword: string, before: SchemaView, after: SchemaView, old: JsonObject, now: JsonObject): Inner {
  const one = before.keywords.get(keyword)?.[0];
  const other = after.keywords.get(keyword)?.[0];
  const pointers = (found: typeof one) =>
    Array.isArray(found?.value) ? found.value.map((_, index) => found.pointer + pointerOf([index])) : [];
  if (!one && !other) return { pairs: [], changes: [] };
  if (!one || !other) {
    const pointer = (other ?? one)?.pointer ?? after.pointer;
    const what = `${keyword} ${other ? "added" : "removed"}`;
    return { pairs: [], changes: [{ pointer, what, effect: other ? "narrows" : "widens" }] };
  }
  const left = pointers(one);
  const right = pointers(other);
  const pairs: (readonly [string, string])[] = [];
  const match = (same: (a: string, b: string) => boolean) => {
    for (const a of [...left]) {
      const b = right.find((each) => same(a, each));
      if (b === undefined) continue;
      pairs.push([a, b]);
      left.splice(left.indexOf(a), 1);
      right.splice(right.indexOf(b), 1);
    }
  };
  // By name, then by content; then by order where as many are left on both sides.
  match((a, b) => resolve(old, a).pointer === resolve(now, b).pointer && resolve(old, a).pointer !== a);
  match((a, b) => isDeepStrictEqual(at(old, a), at(now, b)));
  if (left.length === right.length) match(() => true);
  const label = (document: JsonObject, pointer: string) =>
    resolve(document, pointer).pointer.split("/").at(-1) ?? pointer;
  const changes: SchemaChange[] = [
    ...left.map((a) => ({ pointer: a, what: `${keyword}: ${label(old, a)} removed`, effect: "narrows" as const })),
    ...right.map((b) => ({ pointer: b, what: `${keyword}: ${label(now, b)} added`, effect: "widens" as const })),
  ];
  return { pairs, changes };
}
