/**
 * Walks two documents' schemas side by side. Each pair of schemas is compared once, however many operations use it, so
 * the cost grows with the size of the document and not with the number of uses.
 */
import { isDeepStrictEqual } from "node:util";
import { at, resolve } from "../../../openapi/document/pointer.js";
import { isObject, type Json, type JsonObject } from "../../../openapi/document/types.js";
import { type Change, type Direction, type Effect, partiesOf } from "./change.js";
import { type SchemaChange, schemaChanges } from "./schema-rules.js";
import { type SchemaView, schemaAt, viewOf } from "./view.js";

interface Inner {
  readonly pairs: (readonly [before: string, after: string])[];
  readonly changes: SchemaChange[];
}

interface Pair extends Inner {
  readonly directions: Set<Direction>;
  readonly parents: Set<Pair>;
  /** The operations that use it at their top. */
  readonly operations: Set<string>;
  /** Pointers of the new schema and of its `allOf` parts. */
  readonly parts: readonly string[];
}

export class SchemaWalk {
  readonly #before: JsonObject;
  readonly #after: JsonObject;
  readonly #pairs = new Map<string, Pair>();

  constructor(before: JsonObject, after: JsonObject) {
    this.#before = before;
    this.#after = after;
  }

  /** Compares the schemas at two pointers, which an operation uses. */
  meet(before: string, after: string, direction: Direction, operation: string): void {
    const pair = this.#pair(before, after);
    pair.operations.add(operation);
    // Not by recursion, since schemas form circles and chains.
    for (const each of reached(pair, (one) => (one.directions.has(direction) ? [] : this.#children(one))))
      each.directions.add(direction);
  }

  changes(): Change[] {
    return [...this.#pairs.values()].flatMap((pair) =>
      pair.changes.map(({ pointer, what, effect, only }): Change => {
        const directions = [...pair.directions].filter((direction) => only === undefined || direction === only);
        const operations = new Set(
          [...reached(pair, ({ parents }) => parents)].flatMap((each) => [...each.operations]),
        );
        return {
          pointer,
          subject: "schema",
          what,
          breaks: partiesOf(effect, directions),
          operations: [...operations].sort(),
        };
      }),
    );
  }

  /** Pointers of the new document's schemas that were compared. */
  compared(): Set<string> {
    return new Set([...this.#pairs.values()].flatMap((pair) => pair.parts));
  }

  #pair(before: string, after: string): Pair {
    const [old, now] = [schemaAt(this.#before, before), schemaAt(this.#after, after)];
    const key = `${old}\n${now}`;
    const known = this.#pairs.get(key);
    if (known) return known;
    const views = [viewOf(this.#before, old), viewOf(this.#after, now)] as const;
    const { pairs, changes } = childrenOf(...views, this.#before, this.#after);
    const pair: Pair = {
      ...{ directions: new Set(), parents: new Set(), operations: new Set(), pairs },
      changes: [...schemaChanges(...views), ...changes],
      parts: [now, ...views[1].parts],
    };
    this.#pairs.set(key, pair);
    return pair;
  }

  #children(pair: Pair): Pair[] {
    return pair.pairs.map(([before, after]) => {
      const child = this.#pair(before, after);
      child.parents.add(pair);
      return child;
    });
  }
}

function reached(start: Pair, next: (pair: Pair) => Iterable<Pair>): Set<Pair> {
  const seen = new Set([start]);
  // A set is walked in the order of insertion, what is added meanwhile included.
  for (const pair of seen) for (const each of next(pair)) seen.add(each);
  return seen;
}

function childrenOf(before: SchemaView, after: SchemaView, old: JsonObject, now: JsonObject): Inner {
  const inner: Inner = { pairs: [], changes: [] };
  for (const [name, pointer] of after.properties) {
    const other = before.properties.get(name);
    if (other !== undefined) inner.pairs.push([other, pointer]);
  }
  for (const keyword of ["items", "additionalProperties"]) {
    const one = before.keywords.get(keyword)?.[0];
    const other = after.keywords.get(keyword)?.[0];
    const [was, is] = [one?.value ?? true, other?.value ?? true];
    if (one && other && isObject(was) && isObject(is)) inner.pairs.push([one.pointer, other.pointer]);
    else if (!isDeepStrictEqual(was, is)) {
      const pointer = (other ?? one)?.pointer ?? after.pointer;
      inner.changes.push({ pointer, what: `${keyword} changed`, effect: openness(was, is) });
    }
  }
  for (const keyword of ["anyOf", "oneOf"]) branches(keyword, before, after, old, now, inner);
  return inner;
}

/** From a schema to none, or the other way. Further fields in a response break nobody, so opening does not widen. */
function openness(was: Json, is: Json): Effect {
  return is === false || (was === true && is !== true) ? "narrows" : "none";
}

function branches(
  keyword: string,
  before: SchemaView,
  after: SchemaView,
  old: JsonObject,
  now: JsonObject,
  { pairs, changes }: Inner,
): void {
  const one = before.keywords.get(keyword)?.[0];
  const other = after.keywords.get(keyword)?.[0];
  if (!one || !other) {
    const pointer = (other ?? one)?.pointer;
    const [what, effect] = other ? (["added", "narrows"] as const) : (["removed", "widens"] as const);
    if (pointer !== undefined) changes.push({ pointer, what: `${keyword} ${what}`, effect });
    return;
  }
  const pointers = ({ value, pointer }: typeof one) =>
    Array.isArray(value) ? value.map((_, index) => `${pointer}/${index}`) : [];
  const [left, right] = [pointers(one), pointers(other)];
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
  const target = (document: JsonObject, pointer: string) => resolve(document, pointer).pointer;
  match((a, b) => target(old, a) === target(now, b) && target(old, a) !== a);
  match((a, b) => isDeepStrictEqual(at(old, a), at(now, b)));
  if (left.length === right.length) match(() => true);
  const label = (document: JsonObject, pointer: string) => target(document, pointer).split("/").at(-1);
  for (const pointer of left)
    changes.push({ pointer, what: `${keyword}: ${label(old, pointer)} removed`, effect: "narrows" });
  for (const pointer of right)
    changes.push({ pointer, what: `${keyword}: ${label(now, pointer)} added`, effect: "widens" });
}
