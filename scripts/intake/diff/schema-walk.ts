/** Walks two documents' schemas side by side. Each pair of schemas is compared once, however many operations use it. */
import { isDeepStrictEqual } from "node:util";
import { canonicalJson } from "../../../openapi/document/hash.js";
import { at, resolve } from "../../../openapi/document/pointer.js";
import { schemaAt } from "../../../openapi/document/properties.js";
import { isObject, type JsonObject } from "../../../openapi/document/types.js";
import { type Change, type Direction, partiesOf } from "./change.js";
import { type SchemaChange, schemaChanges } from "./schema-rules.js";
import { type Found, viewOf } from "./view.js";

type Pointers = readonly [before: string, after: string];

interface Pair {
  readonly inner: Pointers[];
  readonly changes: SchemaChange[];
  readonly directions: Set<Direction>;
  readonly operations: Set<string>;
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
    // Not by recursion, since schemas form circles. A set is walked in the order of insertion, with what is added meanwhile.
    const met = new Set([this.#pair(before, after)]);
    for (const pair of met) {
      pair.directions.add(direction);
      pair.operations.add(operation);
      for (const inner of pair.inner) met.add(this.#pair(...inner));
    }
  }

  changes(): Change[] {
    return [...this.#pairs.values()].flatMap(({ changes, directions, operations }) =>
      changes.map(({ pointer, what, effect, only }): Change => {
        const own = [...directions].filter((direction) => only === undefined || direction === only);
        return { pointer, subject: "schema", what, breaks: partiesOf(effect, own), operations: [...operations].sort() };
      }),
    );
  }

  #pair(before: string, after: string): Pair {
    const [old, now] = [schemaAt(this.#before, before), schemaAt(this.#after, after)];
    const key = `${old}\n${now}`;
    const known = this.#pairs.get(key);
    if (known) return known;
    const [left, right] = [viewOf(this.#before, old), viewOf(this.#after, now)];
    const changes = schemaChanges(left, right);
    const pair: Pair = { inner: [], changes, directions: new Set(), operations: new Set() };
    const { inner } = pair;
    this.#pairs.set(key, pair);
    for (const [name, pointer] of right.properties) {
      const other = left.properties.get(name);
      if (other !== undefined) inner.push([other, pointer]);
    }
    for (const keyword of ["items", "additionalProperties"]) {
      const [one, other] = [left.keywords.get(keyword), right.keywords.get(keyword)];
      const [was, is] = [one?.value ?? true, other?.value ?? true];
      if (one && other && isObject(was) && isObject(is)) inner.push([one.pointer, other.pointer]);
      else if (!isDeepStrictEqual(was, is)) {
        // From a schema to none, or the other way. Further fields in a response break nobody: opening does not widen.
        const effect = is === false || (was === true && is !== true) ? "narrows" : "none";
        changes.push({ pointer: (other ?? one)?.pointer ?? now, what: `${keyword} changed`, effect });
      }
    }
    for (const keyword of ["anyOf", "oneOf"])
      this.#branches(keyword, left.keywords.get(keyword), right.keywords.get(keyword), pair);
    return pair;
  }

  #branches(keyword: string, one: Found | undefined, other: Found | undefined, { inner, changes }: Pair): void {
    if (!one || !other) {
      const pointer = (other ?? one)?.pointer;
      const [what, effect] = other ? (["added", "narrows"] as const) : (["removed", "widens"] as const);
      if (pointer !== undefined) changes.push({ pointer, what: `${keyword} ${what}`, effect });
      return;
    }
    // By name, or by content; then by order where as many are left on both sides.
    const keyed = (document: JsonObject, { value, pointer }: Found) =>
      new Map(
        Object.keys(value ?? {}).map((index) => {
          const place = `${pointer}/${index}`;
          const target = resolve(document, place).pointer;
          return [target === place ? canonicalJson(at(document, place)) : target, place];
        }),
      );
    const [left, right] = [keyed(this.#before, one), keyed(this.#after, other)];
    const gone = [...left].filter(([key]) => !right.has(key)).map(([, place]) => place);
    const added = [...right].filter(([key]) => !left.has(key)).map(([, place]) => place);
    for (const [key, place] of left) if (right.has(key)) inner.push([place, right.get(key) ?? place]);
    if (gone.length === added.length) {
      inner.push(...gone.map((place, index): Pointers => [place, added[index] ?? place]));
      return;
    }
    const label = (document: JsonObject, pointer: string) => resolve(document, pointer).pointer.split("/").at(-1);
    for (const pointer of gone)
      changes.push({ pointer, what: `${keyword}: ${label(this.#before, pointer)} removed`, effect: "narrows" });
    for (const pointer of added)
      changes.push({ pointer, what: `${keyword}: ${label(this.#after, pointer)} added`, effect: "widens" });
  }
}
