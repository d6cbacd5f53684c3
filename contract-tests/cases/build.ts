/** Builds valid values of a schema. */
import type { Json, JsonObject } from "../../openapi/document/types.js";
import { choose, type Flat, flatten, itemsOf, mapOf, propertyOf } from "./flat.js";
import { stringOf } from "./strings.js";

/** `smallest`: only what is required. `full`: every property that a request may carry. */
export type Size = "smallest" | "full";
/** `request` leaves out what is `readOnly`, `response` what is `writeOnly`. */
export type Direction = "request" | "response";

const DEEPEST = 8;

export class Builder {
  readonly document: JsonObject;
  readonly direction: Direction;

  readonly #fits: (schema: string, value: Json) => boolean;

  /** @param fits judges the values that the document states: a wrong one is not built with. */
  constructor(
    document: JsonObject,
    direction: Direction = "request",
    fits: (schema: string, value: Json) => boolean = () => true,
  ) {
    this.document = document;
    this.direction = direction;
    this.#fits = fits;
  }

  at(pointer: string, size: Size): Json {
    return this.build(flatten(this.document, [pointer]), size);
  }

  build(flat: Flat, size: Size, stack: readonly string[] = []): Json {
    const { schema } = flat;
    const [stated] = [schema.const, schema.example, ...listOf(schema.examples), schema.default].filter(
      (value): value is Json => value !== undefined && this.#accepts(flat, value),
    );
    const branch = flat.branches[0];
    // An example of an object is the provider's choice of fields, not the smallest or the fullest: objects are built.
    if (branch) return this.build(choose(this.document, flat, 0), size, stack);
    if (Array.isArray(schema.enum))
      return (
        [schema.default, ...schema.enum].find((value) => value !== undefined && this.#accepts(flat, value)) ?? null
      );
    const [type] = flat.types;
    if (type === "object") return this.#object(flat, size, stack);
    if (type === "array") return this.#array(flat, size, stack);
    if (stated !== undefined && stated !== null && typeof stated !== "object") return stated;
    if (type === "string") return stringOf(schema);
    if (type === "integer" || type === "number") return numberOf(schema, type);
    if (type === "boolean") return true;
    return type === undefined && flat.nullable ? null : "contract";
  }

  #accepts({ roots }: Flat, value: Json): boolean {
    return roots.every((root) => this.#fits(root, value));
  }

  #object(flat: Flat, size: Size, stack: readonly string[]): JsonObject {
    const result: JsonObject = {};
    const inside = [...stack, ...flat.sources];
    for (const name of Object.keys(flat.properties)) {
      const inner = propertyOf(this.document, flat, name);
      if (!inner || !this.wanted(inner)) continue;
      const needed = Object.hasOwn(flat.required, name);
      const circular = inner.sources.some((source) => stack.includes(source)) || inside.length > DEEPEST * 4;
      if (needed || (size === "full" && !circular)) result[name] = this.build(inner, size, inside);
    }
    for (const name of Object.keys(flat.required)) {
      if (!Object.hasOwn(result, name) && !Object.hasOwn(flat.properties, name)) result[name] = "contract";
    }
    const map = mapOf(this.document, flat);
    const least = typeof flat.schema.minProperties === "number" ? flat.schema.minProperties : 0;
    const wanted = map && size === "full" ? Math.max(least, Object.keys(result).length + 1) : least;
    for (let count = 1; Object.keys(result).length < wanted && count <= wanted; count++) {
      if (map) result[`key${count}`] = this.build(map, size, inside);
      else {
        const spare = Object.keys(flat.properties).find((name) => !Object.hasOwn(result, name));
        const inner = spare === undefined ? undefined : propertyOf(this.document, flat, spare);
        if (spare !== undefined && inner) result[spare] = this.build(inner, size, inside);
      }
    }
    return result;
  }

  /** Whether a property belongs in this direction. */
  wanted(flat: Flat): boolean {
    return this.direction === "request" ? flat.schema.readOnly !== true : flat.schema.writeOnly !== true;
  }

  #array(flat: Flat, size: Size, stack: readonly string[]): Json[] {
    const least = typeof flat.schema.minItems === "number" ? flat.schema.minItems : 0;
    const items = itemsOf(this.document, flat);
    const circular = items?.sources.some((source) => stack.includes(source)) ?? false;
    const most = typeof flat.schema.maxItems === "number" ? flat.schema.maxItems : Number.POSITIVE_INFINITY;
    return this.items(flat, size === "full" && !circular ? Math.min(most, Math.max(1, least)) : least, size, stack);
  }

  /** An array of this many items; different ones where they must be. */
  items(flat: Flat, count: number, size: Size, stack: readonly string[] = []): Json[] {
    const items = itemsOf(this.document, flat);
    const inside = [...stack, ...flat.sources];
    return Array.from({ length: count }, (_, index) => {
      const item = items ? this.build(items, size, inside) : `item ${index}`;
      return flat.schema.uniqueItems === true && items ? distinct(items, item, index) : item;
    });
  }
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

function distinct(flat: Flat, item: Json, index: number): Json {
  if (Array.isArray(flat.schema.enum)) return flat.schema.enum[index] ?? item;
  if (typeof item === "number") return item + index * step(flat.schema);
  if (typeof item === "string" && index > 0) {
    const grown = flat.schema.pattern === undefined ? `${item}${index}` : stringOf(flat.schema, item.length + index);
    return typeof flat.schema.maxLength === "number" ? grown.slice(-flat.schema.maxLength) : grown;
  }
  return item;
}

/** The distance to the next number of a schema. */
export function step(schema: JsonObject): number {
  return typeof schema.multipleOf === "number" ? schema.multipleOf : 1;
}

/** The least and the greatest number that a schema allows; `undefined` where it sets no bound. */
export function boundsOf(schema: JsonObject): { readonly least?: number; readonly most?: number } {
  const by = step(schema);
  const exclusive = (side: "Minimum" | "Maximum", bound: Json | undefined, sign: 1 | -1): number | undefined => {
    const said = schema[`exclusive${side}`];
    if (typeof said === "number") return said + sign * by;
    if (typeof bound !== "number") return undefined;
    return said === true ? bound + sign * by : bound;
  };
  const least = exclusive("Minimum", schema.minimum, 1);
  const most = exclusive("Maximum", schema.maximum, -1);
  const up = (value: number): number => rounded(Math.ceil(value / by) * by);
  const down = (value: number): number => rounded(Math.floor(value / by) * by);
  const whole = typeof schema.multipleOf === "number";
  return {
    ...(least === undefined ? {} : { least: whole ? up(least) : least }),
    ...(most === undefined ? {} : { most: whole ? down(most) : most }),
  };
}

/** Without the last digits of a fraction, in which multiples of 0.1 differ from what is written. */
export function rounded(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(12));
}

function numberOf(schema: JsonObject, type: string): number {
  const { least, most } = boundsOf(schema);
  const by = step(schema);
  const wanted = type === "integer" ? by : by === 1 ? 1.5 : by;
  if (least !== undefined && wanted < least) return least;
  return most !== undefined && wanted > most ? most : wanted;
}
