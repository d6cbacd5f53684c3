/** A schema seen whole: `$ref` followed, `allOf` merged, branches listed. What values are built from and faults are made against. */
import { pointerOf, resolve } from "../../openapi/document/pointer.js";
import { isObject, type Json, type JsonObject, objectOf } from "../../openapi/document/types.js";

export interface Branches {
  readonly keyword: "oneOf" | "anyOf";
  readonly pointers: readonly string[];
}

export interface Flat {
  /** What was asked for. */
  readonly roots: readonly string[];
  /** Keywords whose branches were chosen from already, by pointer. */
  readonly chosen: ReadonlySet<string>;
  /** Where the parts stand that were merged, first the one asked for. */
  readonly sources: readonly string[];
  /** The merged keywords, without `allOf`, `oneOf`, `anyOf`, `properties` and `required`. */
  readonly schema: JsonObject;
  /** Keyword → pointer of the place that says it. */
  readonly said: Readonly<Record<string, string>>;
  /** Property → the places that declare it. */
  readonly properties: Readonly<Record<string, readonly string[]>>;
  /** Required property → the place that requires it. */
  readonly required: Readonly<Record<string, string>>;
  readonly branches: readonly Branches[];
  readonly types: readonly string[];
  readonly nullable: boolean;
}

const LOWER_WINS = new Set(["maximum", "maxLength", "maxItems", "maxProperties"]);
const UPPER_WINS = new Set(["minimum", "minLength", "minItems", "minProperties"]);

/** Merges the schemas at these places. `skip`: branches already chosen from, by pointer of their keyword. */
export function flatten(
  document: JsonObject,
  pointers: readonly string[],
  skip: ReadonlySet<string> = new Set(),
): Flat {
  const sources: string[] = [];
  const schema: JsonObject = {};
  const said: Record<string, string> = {};
  const properties: Record<string, string[]> = {};
  const required: Record<string, string> = {};
  const branches: Branches[] = [];
  let nullable = false;
  /** What each part that is closed declares itself: it refuses what its siblings add. */
  const closed: ReadonlySet<string>[] = [];

  const take = (at: string, seen: readonly string[]): void => {
    const { value, pointer } = resolve(document, at);
    if (!isObject(value) || seen.includes(pointer)) return;
    sources.push(pointer);
    const inside = [...seen, pointer];
    if (value.additionalProperties === false && value.patternProperties === undefined)
      closed.push(new Set(Object.keys(objectOf(value.properties))));
    for (const [key, inner] of Object.entries(value)) {
      const here = pointer + pointerOf([key]);
      if (key === "allOf" && Array.isArray(inner))
        inner.forEach((_, index) => {
          take(`${here}/${index}`, inside);
        });
      else if ((key === "oneOf" || key === "anyOf") && Array.isArray(inner)) {
        if (!skip.has(here)) branches.push({ keyword: key, pointers: inner.map((_, index) => `${here}/${index}`) });
      } else if (key === "properties") {
        for (const name of Object.keys(objectOf(inner))) {
          const place = here + pointerOf([name]);
          const known = Object.hasOwn(properties, name) ? properties[name] : undefined;
          if (known) known.push(place);
          else properties[name] = [place];
        }
      } else if (key === "required" && Array.isArray(inner)) {
        inner.forEach((name, index) => {
          if (typeof name === "string") required[name] = `${here}/${index}`;
        });
      } else if (key === "nullable") {
        nullable ||= inner === true;
        if (inner === true) said.nullable = here;
      } else if (wins(key, inner, schema[key])) {
        schema[key] = inner;
        said[key] = here;
      }
    }
  };
  for (const pointer of pointers) take(pointer, []);
  for (const name of Object.keys(properties)) if (closed.some((own) => !own.has(name))) delete properties[name];
  const declared = Array.isArray(schema.type) ? schema.type : schema.type === undefined ? [] : [schema.type];
  const types = declared.filter((type): type is string => typeof type === "string" && type !== "null");
  return {
    roots: pointers,
    chosen: skip,
    sources,
    schema,
    said,
    properties,
    required,
    branches,
    types: types.length > 0 ? types : inferred(schema, properties),
    nullable: nullable || declared.includes("null"),
  };
}

function wins(key: string, next: Json, known: Json | undefined): boolean {
  if (known === undefined) return true;
  if (typeof next !== "number" || typeof known !== "number") return false;
  return LOWER_WINS.has(key) ? next < known : UPPER_WINS.has(key) ? next > known : false;
}

function inferred(schema: JsonObject, properties: object): string[] {
  if (Object.keys(properties).length > 0 || schema.additionalProperties !== undefined) return ["object"];
  if (schema.items !== undefined) return ["array"];
  const values = Array.isArray(schema.enum) ? schema.enum : schema.const === undefined ? [] : [schema.const];
  const kinds = new Set(values.filter((value) => value !== null).map(typeOf));
  return kinds.size === 1 ? [...kinds] : [];
}

export function typeOf(value: Json): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value === "number" ? (Number.isInteger(value) ? "integer" : "number") : typeof value;
}

/** The schema with one branch of its first `oneOf`/`anyOf` merged in. */
export function choose(document: JsonObject, flat: Flat, index: number): Flat {
  const [first] = flat.branches;
  const branch = first?.pointers[index];
  if (!first || branch === undefined) return flat;
  const keyword = branch.slice(0, branch.lastIndexOf("/"));
  return flatten(document, [...flat.roots, branch], new Set([...flat.chosen, keyword]));
}

export function propertyOf(document: JsonObject, flat: Flat, name: string): Flat | undefined {
  const places = Object.hasOwn(flat.properties, name) ? flat.properties[name] : undefined;
  return places ? flatten(document, places) : undefined;
}

export function itemsOf(document: JsonObject, flat: Flat): Flat | undefined {
  return isObject(flat.schema.items) && flat.said.items !== undefined
    ? flatten(document, [flat.said.items])
    : undefined;
}

export function mapOf(document: JsonObject, flat: Flat): Flat | undefined {
  const said = flat.said.additionalProperties;
  return isObject(flat.schema.additionalProperties) && said !== undefined ? flatten(document, [said]) : undefined;
}
