/** Single changes to a valid value of one place: those that must pass and those that must not, each about one rule. */
import { isObject, type Json, type JsonObject } from "../../openapi/document/types.js";
import { type Builder, boundsOf, rounded, step } from "./build.js";
import { type Flat, mapOf, typeOf } from "./flat.js";
import { expression } from "./pattern.js";
import { formatStrings, stringOf } from "./strings.js";

export interface Change {
  readonly good: boolean;
  /** What was changed, in words: `below the minimum, 0`. */
  readonly name: string;
  /** The keyword that the change is about, and that a bad value breaks. */
  readonly rule: string;
  readonly value: Json;
  /** Pointers of the keywords that the change tests. */
  readonly covers: readonly string[];
  /** Means something only to the provider. */
  readonly opaque?: boolean | undefined;
  /** Why this is for a mock only and is not sent to a provider. */
  readonly mockOnly?: string | undefined;
  /** Bad by the document, and a provider may repair it. */
  readonly lenient?: boolean | undefined;
}

interface Details {
  /** Keywords that the change tests, where it is not the rule alone. */
  readonly keywords?: readonly string[];
  readonly covers?: readonly string[];
  readonly opaque?: boolean;
  readonly mockOnly?: string;
  readonly lenient?: boolean;
}

/** Longest string and array that is sent to try a bound. */
const LONGEST = 20_000;

const changer =
  (good: boolean) =>
  ({ said }: Flat, rule: string, name: string, value: Json, details: Details = {}): Change => ({
    good,
    name,
    rule,
    value,
    covers: details.covers ?? (details.keywords ?? [rule]).flatMap((keyword) => said[keyword] ?? []),
    opaque: details.opaque,
    mockOnly: details.mockOnly,
    lenient: details.lenient,
  });
const good = changer(true);
const bad = changer(false);

/** @param value the valid value that stands at the place. */
export function* changesOf(builder: Builder, flat: Flat, value: Json): Generator<Change> {
  const { schema, types, nullable } = flat;
  if (nullable) yield good(flat, "nullable", "null", null, { keywords: [flat.said.nullable ? "nullable" : "type"] });
  if (schema.default !== undefined) yield good(flat, "default", "default", schema.default);
  if (types.length > 0) yield* wrongTypes(flat, value);
  if (schema.const !== undefined) yield bad(flat, "const", "not the constant", `${schema.const}?`);
  if (Array.isArray(schema.enum)) yield* enums(flat, schema.enum);
  else {
    if (types.includes("boolean")) for (const one of [true, false]) yield good(flat, "type", String(one), one);
    if (types.includes("integer") || types.includes("number")) yield* numbers(flat);
    if (types.includes("string")) yield* strings(flat);
  }
  if (Array.isArray(value)) yield* arrays(builder, flat, value);
  if (isObject(value)) yield* objects(builder, flat, value);
}

/** One value of each JSON type. */
const TYPED: Readonly<Record<string, Json>> = {
  string: "contract",
  number: 7,
  boolean: true,
  array: [],
  object: {},
  null: null,
};

function* wrongTypes(flat: Flat, value: Json): Generator<Change> {
  const { types } = flat;
  const takes = (type: string): boolean =>
    types.includes(type) || (type === "number" && types.includes("integer")) || (type === "null" && flat.nullable);
  const number = typeof value === "number" ? value : undefined;
  if (types.includes("integer") && !types.includes("number")) yield bad(flat, "type", "fraction", (number ?? 0) + 0.5);
  if (takes("number") && !takes("string")) yield bad(flat, "type", "number as string", String(number ?? 1));
  for (const [type, one] of Object.entries(TYPED))
    if (!takes(type)) yield bad(flat, "type", type === "null" ? "null" : `${type} instead`, one);
  // What a careless reader makes a valid value of.
  const careless = { "in an array": [value], "in an object": { value }, "empty text": "", nothing: 0 };
  const all = { ...careless, ...(typeof value === "boolean" ? { "boolean as string": "true" } : {}) };
  for (const [name, one] of Object.entries(all)) {
    const type = typeof one === "number" ? "number" : typeOf(one);
    if (!takes(type)) yield bad(flat, "type", name, one);
  }
}

function* enums(flat: Flat, values: readonly Json[]): Generator<Change> {
  for (const [index, one] of values.entries()) {
    if (one !== null)
      yield good(flat, "enum", `enum ${JSON.stringify(one)}`, one, { covers: [`${flat.said.enum}/${index}`] });
  }
  const first = values.find((one) => one !== null);
  const outside = new Map<string, Json>();
  if (typeof first === "number") outside.set("not in the enum", Math.max(...values.map(Number)) + 1);
  if (typeof first === "string") {
    outside.set("not in the enum", "not_in_the_enum");
    outside.set("other case", first === first.toLowerCase() ? first.toUpperCase() : first.toLowerCase());
  }
  for (const [name, value] of outside) if (!values.includes(value)) yield bad(flat, "enum", name, value);
}

/** Far beyond a bound: what 8, 32 and 53 bits turn into something small, or cannot hold. */
const FAR: readonly [side: string, values: (inside: number) => readonly number[]][] = [
  ["maximum", (inside) => [256 + inside, 2 ** 31, 2 ** 32 + inside, 2 ** 53 + 2]],
  ["minimum", (inside) => [inside - 256, inside - 2 ** 32]],
];

function* numbers(flat: Flat): Generator<Change> {
  const { schema, said } = flat;
  const { least, most } = boundsOf(schema);
  const by = step(schema);
  const fits = (value: number): boolean => value >= (least ?? value) && value <= (most ?? value);
  const inside = least === undefined || most === undefined ? undefined : Math.floor((least + most) / 2);
  for (const [keyword, bound, sign, outside, nearly] of [
    ["minimum", least, -1, "below", "just above"],
    ["maximum", most, 1, "above", "just below"],
  ] as const) {
    if (bound === undefined) continue;
    const exclusive = keyword === "minimum" ? "exclusiveMinimum" : "exclusiveMaximum";
    const rule = said[exclusive] !== undefined && schema[exclusive] !== false ? exclusive : keyword;
    const details = { keywords: [keyword, exclusive] };
    // Beyond 2^53 neighbours are one number to most readers of JSON: only what is far outside is surely outside.
    if (Math.abs(bound) > Number.MAX_SAFE_INTEGER) {
      if (bound * sign > 0) yield bad(flat, rule, `far ${outside} the ${keyword}, ${bound * 4}`, bound * 4, details);
      continue;
    }
    const [inner, outer] = [rounded(bound - sign * by), rounded(bound + sign * by)];
    if (fits(bound)) yield good(flat, rule, `at the ${keyword}, ${bound}`, bound, details);
    if (fits(bound) && fits(inner)) yield good(flat, rule, `${nearly} the ${keyword}, ${inner}`, inner, details);
    yield bad(flat, rule, `${outside} the ${keyword}, ${outer}`, outer, details);
    if (by !== 1) continue;
    const whole = flat.types.includes("integer") && !flat.types.includes("number");
    const near = rounded(bound + sign * 0.4);
    if (whole) yield bad(flat, "type", `fraction ${outside} the ${keyword}, ${near}`, near);
    for (const far of FAR.find(([side]) => side === keyword)?.[1](inside ?? bound) ?? [])
      if (!fits(far)) yield bad(flat, rule, `far ${outside} the ${keyword}, ${far}`, far, details);
  }
  if (Number.isSafeInteger(inside) && inside !== undefined && by === 1)
    yield good(flat, "type", `inside the bounds, ${inside}`, inside);
  if (least === undefined && fits(0)) yield good(flat, "type", "zero", 0);
  if (typeof schema.multipleOf === "number") {
    const multiple = rounded((Math.floor((least ?? 0) / by) + 2) * by);
    if (fits(multiple)) yield good(flat, "multipleOf", `a multiple, ${multiple}`, multiple);
    const other = rounded((least ?? 0) + by * 1.5);
    yield bad(flat, "multipleOf", `not a multiple, ${other}`, other);
  }
}

function* strings(flat: Flat): Generator<Change> {
  const { schema } = flat;
  const { minLength, maxLength, pattern } = schema;
  const opaque = { opaque: true };
  for (const [rule, name, bound, inward] of [
    ["minLength", "shortest", minLength, 1],
    ["maxLength", "longest", maxLength, -1],
  ] as const) {
    if (typeof bound !== "number" || bound > LONGEST) continue;
    yield good(flat, rule, `${name}, ${bound} characters`, stringOf(schema, bound), opaque);
    const inner = bound + inward;
    if (inner >= Number(minLength ?? 0) && inner <= Number(maxLength ?? inner))
      yield good(flat, rule, `${name} but one, ${inner} characters`, stringOf(schema, inner), opaque);
  }
  if (typeof minLength === "number" && minLength > 0) {
    const short = stringOf({ ...schema, minLength: 0 }, minLength - 1);
    yield bad(flat, "minLength", minLength === 1 ? "empty" : `one too short, ${minLength - 1}`, short);
  }
  if (typeof maxLength === "number" && maxLength < LONGEST)
    yield bad(flat, "maxLength", `one too long, ${maxLength + 1}`, stringOf(schema, maxLength + 1));
  if (typeof pattern === "string") {
    yield good(flat, "pattern", "pattern", stringOf(schema), opaque);
    yield good(flat, "pattern", "pattern, longer", stringOf(schema, stringOf(schema).length + 1), opaque);
    const broken = [stringOf(schema), "?", "!", "0", "a"]
      .map((text) => `${text}\u00a7`)
      .find((text) => !expression(pattern).test(text));
    if (broken !== undefined) yield bad(flat, "pattern", "pattern broken", broken);
  }
  const known = formatStrings(schema);
  for (const [name, value] of Object.entries(known?.edges ?? {}))
    yield good(flat, "format", `${schema.format}: ${name}`, value, opaque);
  for (const [name, value] of Object.entries(known?.bad ?? {})) yield bad(flat, "format", name, value);
  for (const [name, value] of Object.entries(known?.lenient ?? {}))
    yield bad(flat, "format", name, value, { lenient: true });
}

function* arrays(builder: Builder, flat: Flat, value: readonly Json[]): Generator<Change> {
  const { minItems, maxItems, uniqueItems } = flat.schema;
  const items = (count: number): Json => builder.items(flat, count, "smallest");
  if (typeof minItems === "number" && minItems <= LONGEST / 100) {
    yield good(flat, "minItems", `fewest items, ${minItems}`, items(minItems));
    if (minItems > 0) yield bad(flat, "minItems", "one item too few", items(minItems - 1));
  }
  if (typeof maxItems === "number" && maxItems <= LONGEST / 100) {
    yield good(flat, "maxItems", `most items, ${maxItems}`, items(maxItems));
    yield bad(flat, "maxItems", "one item too many", items(maxItems + 1));
  }
  if (minItems === undefined) yield good(flat, "type", "empty", []);
  const [first] = value;
  if (uniqueItems === true && first !== undefined) yield bad(flat, "uniqueItems", "an item twice", [first, ...value]);
}

function* objects(builder: Builder, flat: Flat, value: JsonObject): Generator<Change> {
  const { additionalProperties, maxProperties, minProperties } = flat.schema;
  const more = { ...value, undeclared_field: true };
  // In a map no name is undeclared.
  if (flat.types.includes("object") && flat.said.additionalProperties === undefined) {
    const mockOnly = "a provider may refuse fields that it does not know";
    yield good(flat, "additionalProperties", "undeclared field", more, { covers: flat.sources, mockOnly });
  }
  if (additionalProperties === false) yield bad(flat, "additionalProperties", "undeclared field", more);
  const map = mapOf(builder.document, flat);
  if (typeof maxProperties === "number" && map) {
    const grown: JsonObject = { ...value };
    for (let count = 1; Object.keys(grown).length <= maxProperties; count++)
      grown[`more${count}`] = builder.build(map, "smallest");
    yield bad(flat, "maxProperties", "one property too many", grown);
  }
  if (typeof minProperties === "number" && minProperties > 0 && Object.keys(flat.required).length === 0) {
    const few = Object.fromEntries(Object.entries(value).slice(0, minProperties - 1));
    yield bad(flat, "minProperties", "one property too few", few);
  }
}
