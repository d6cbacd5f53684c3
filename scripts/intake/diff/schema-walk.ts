/**
 * Walks two documents' schemas side by side. Each pair of schemas is compared once, however many operations use it, so
 * the cost grows with the size of the document and not with the number of uses.
 */
import { isDeepStrictEqual } from "node:util";
import { at, resolve } from "../../../openapi/document/pointer.js";
import { isObject, type JsonObject } from "../../../openapi/document/types.js";
import { type Change, type Direction, type Effect, partiesOf } from "./change.js";
import { type SchemaChange, schemaChanges } from "./schema-rules.js";
import { type Found, schemaAt, viewOf } from "./view.js";

type Pointers = readonly [before: string, after: string];

interface Pair {
  readonly pairs: readonly Pointers[];
  readonly changes: readonly SchemaChange[];
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
    const [left, right] = [viewOf(this.#before, old), viewOf(this.#after, now)];
    const pairs: Pointers[] = [];
    const changes = schemaChanges(left, right);
    for (const [name, pointer] of right.properties) {
      const other = left.properties.get(name);
      if (other !== undefined) pairs.push([other, pointer]);
    }
    for (const keyword of ["items", "additionalProperties"]) {
      const [one, other] = [left.keywords.get(keyword), right.keywords.get(keyword)];
      const [was, is] = [one?.value ?? true, other?.value ?? true];
      if (one && other && isObject(was) && isObject(is)) pairs.push([one.pointer, other.pointer]);
      else if (!isDeepStrictEqual(was, is)) {
        // From a schema to none, or the other way. Further fields in a response break nobody: opening does not widen.
        const effect = is === false || (was === true && is !== true) ? "narrows" : "none";
        changes.push({ pointer: (other ?? one)?.pointer ?? now, what: `${keyword} changed`, effect });
      }
    }
    for (const keyword of ["anyOf", "oneOf"])
      this.#branches(keyword, left.keywords.get(keyword), right.keywords.get(keyword), pairs, changes);
    const pair: Pair = {
      ...{ directions: new Set(), parents: new Set(), operations: new Set(), pairs, changes },
      parts: [now, ...right.parts],
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

  #branches(
    keyword: string,
    one: Found | undefined,
    other: Found | undefined,
    pairs: Pointers[],
    changes: SchemaChange[],
  ): void {
    if (!one || !other) {
      const pointer = (other ?? one)?.pointer;
      const [what, effect] = other ? (["added", "narrows"] as const) : (["removed", "widens"] as const);
      if (pointer !== undefined) changes.push({ pointer, what: `${keyword} ${what}`, effect });
      return;
    }
    const pointers = ({ value, pointer }: Found) => Object.keys(value ?? {}).map((index) => `${pointer}/${index}`);
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
    const [old, now] = [this.#before, this.#after];
    const target = (document: JsonObject, pointer: string) => resolve(document, pointer).pointer;
    match((a, b) => target(old, a) === target(now, b) && target(old, a) !== a);
    match((a, b) => isDeepStrictEqual(at(old, a), at(now, b)));
    if (left.length === right.length) match(() => true);
    const report = (document: JsonObject, pointer: string, verb: string, effect: Effect) => {
      const label = target(document, pointer).split("/").at(-1);
      changes.push({ pointer, what: `${keyword}: ${label} ${verb}`, effect });
    };
    for (const pointer of left) report(old, pointer, "removed", "narrows");
    for (const pointer of right) report(now, pointer, "added", "widens");
  }
}

function reached(start: Pair, next: (pair: Pair) => Iterable<Pair>): Set<Pair> {
  const seen = new Set([start]);
  // A set is walked in the order of insertion, what is added meanwhile included.
  for (const pair of seen) for (const each of next(pair)) seen.add(each);
  return seen;
}
