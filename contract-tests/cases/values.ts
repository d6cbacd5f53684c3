/** Single changes to a valid value: those that must pass and those that must not, each with the rule it is about. */
import type { Json, JsonObject } from "../../scripts/document/types.js";
import { isObject } from "../../scripts/document/types.js";
import { type Builder, boundsOf, step } from "./build.js";
import { choose, type Flat, itemsOf, mapOf, propertyOf } from "./flat.js";
import { formatStrings, stringOf } from "./strings.js";

export type Path = readonly (string | number)[];

export interface Variant {
  readonly good: boolean;
  /** What was changed, in words: `below minimum`. */
  readonly name: string;
  /** The place that was changed. */
  readonly path: Path;
  /** The whole value with the change in it. */
  readonly value: Json;
  /** Keyword that a bad value breaks. */
  readonly rule?: string;
  /** Pointers of the keywords that the change is about. */
  readonly covers: readonly string[];
  /** Means something only to the provider. */
  readonly opaque?: boolean;
  /** Why a provider is not asked this. */
  readonly mockOnly?: string;
}

interface Draft {
  readonly name: string;
  readonly value: Json;
  readonly rule?: string;
  readonly covers: readonly (string | undefined)[];
  readonly opaque?: boolean;
  readonly mockOnly?: string;
}

/** Longest string and array that is sent to try a bound. */
const LONGEST = 20_000;

/** Every single change to `root` at `path` and below. */
export function* variantsOf(builder: Builder, flat: Flat, path: Path, root: Json): Generator<Variant> {
  const value = valueAt(root, path);
  const whole = (good: boolean, draft: Draft): Variant => ({
    good,
    name: draft.name,
    path,
    value: replaceAt(root, path, draft.value),
    covers: draft.covers.filter((pointer): pointer is string => pointer !== undefined),
    ...(draft.rule === undefined ? {} : { rule: draft.rule }),
    ...(draft.opaque ? { opaque: true } : {}),
    ...(draft.mockOnly === undefined ? {} : { mockOnly: draft.mockOnly }),
  });
  const [group] = flat.branches;
  if (group) {
    if (flat.nullable) yield whole(true, { name: "null", value: null, covers: [flat.said.nullable] });
    for (const [index, pointer] of group.pointers.entries()) {
      const branch = choose(builder.document, flat, index);
      const label = `${group.keyword} ${index + 1}`;
      for (const size of ["smallest", "full"] as const) {
        yield whole(true, { name: `${label}, ${size}`, value: builder.build(branch, size), covers: [pointer] });
      }
      const full = replaceAt(root, path, builder.build(branch, "full"));
      for (const inner of variantsOf(builder, branch, path, full)) yield { ...inner, name: `${inner.name} (${label})` };
    }
    return;
  }
  for (const draft of goodOf(builder, flat, value)) yield whole(true, draft);
  for (const draft of badOf(builder, flat, value)) yield whole(false, draft);
  if (isObject(value)) yield* membersOf(builder, flat, path, root, value);
  if (Array.isArray(value)) {
    const items = itemsOf(builder.document, flat);
    if (items && value.length > 0) yield* variantsOf(builder, items, [...path, 0], root);
  }
}

function* membersOf(builder: Builder, flat: Flat, path: Path, root: Json, value: JsonObject): Generator<Variant> {
  const map = mapOf(builder.document, flat);
  for (const name of Object.keys(value)) {
    const inner = propertyOf(builder.document, flat, name) ?? map;
    const here = [...path, name];
    const requirement = Object.hasOwn(flat.required, name) ? flat.required[name] : undefined;
    const without = removeAt(root, here);
    if (requirement !== undefined) {
      yield { good: false, name: "missing", path: here, value: without, rule: "required", covers: [requirement] };
    } else {
      yield { good: true, name: "left out", path: here, value: without, covers: [...(flat.properties[name] ?? [])] };
    }
    if (inner) yield* variantsOf(builder, inner, here, root);
  }
}

function* goodOf(builder: Builder, flat: Flat, value: Json): Generator<Draft> {
  const { schema, said } = flat;
  if (flat.nullable) yield { name: "null", value: null, covers: [said.nullable ?? said.type] };
  if (schema.default !== undefined) yield { name: "default", value: schema.default, covers: [said.default] };
  if (Array.isArray(schema.enum)) {
    for (const [index, one] of schema.enum.entries()) {
      if (one !== null) yield { name: `enum ${JSON.stringify(one)}`, value: one, covers: [`${said.enum}/${index}`] };
    }
    return;
  }
  for (const type of flat.types) {
    if (type === "boolean")
      for (const one of [true, false]) yield { name: String(one), value: one, covers: [said.type] };
    if (type === "integer" || type === "number") yield* goodNumbers(flat);
    if (type === "string") yield* goodStrings(flat);
    if (type === "array" && Array.isArray(value)) yield* goodArrays(builder, flat);
    // Not for a map: there no name is undeclared.
    if (type === "object" && isObject(value) && flat.said.additionalProperties === undefined) {
      const mockOnly = "a provider may refuse fields that it does not know";
      yield { name: "undeclared field", value: { ...value, undeclared_field: true }, covers: flat.sources, mockOnly };
    }
  }
}

function* goodNumbers({ schema, said }: Flat): Generator<Draft> {
  const { least, most } = boundsOf(schema);
  const by = step(schema);
  const lower = [said.minimum, said.exclusiveMinimum];
  const upper = [said.maximum, said.exclusiveMaximum];
  const fits = (value: number): boolean =>
    (least === undefined || value >= least) && (most === undefined || value <= most);
  if (least !== undefined && fits(least)) {
    yield { name: `at the least, ${least}`, value: least, covers: lower };
    const inner = round(least + by);
    if (fits(inner)) yield { name: `just above the least, ${inner}`, value: inner, covers: lower };
  }
  if (most !== undefined && fits(most)) {
    const inner = round(most - by);
    if (fits(inner)) yield { name: `just below the most, ${inner}`, value: inner, covers: upper };
    yield { name: `at the most, ${most}`, value: most, covers: upper };
  }
  if (least === undefined && fits(0)) yield { name: "zero", value: 0, covers: [said.type] };
  if (typeof schema.multipleOf === "number") {
    const value = round((Math.floor((least ?? 0) / by) + 2) * by);
    if (fits(value)) yield { name: `a multiple, ${value}`, value, covers: [said.multipleOf] };
  }
}

function* goodStrings({ schema, said }: Flat): Generator<Draft> {
  const bounds: [string, Json | undefined, string][] = [
    ["shortest", schema.minLength, "minLength"],
    ["longest", schema.maxLength, "maxLength"],
  ];
  for (const [name, bound, keyword] of bounds) {
    if (typeof bound !== "number" || bound > LONGEST) continue;
    yield {
      name: `${name}, ${bound} characters`,
      value: stringOf(schema, bound),
      covers: [said[keyword]],
      opaque: true,
    };
    const inner = keyword === "minLength" ? bound + 1 : bound - 1;
    const within = inner >= Number(schema.minLength ?? 0) && inner <= Number(schema.maxLength ?? inner);
    if (within)
      yield {
        name: `${name} but one, ${inner} characters`,
        value: stringOf(schema, inner),
        covers: [said[keyword]],
        opaque: true,
      };
  }
  if (typeof schema.pattern === "string") {
    for (const extra of [0, 1]) {
      yield {
        name: extra ? "pattern, longer" : "pattern",
        value: stringOf(schema, extra ? stringOf(schema).length + 1 : undefined),
        covers: [said.pattern],
        opaque: true,
      };
    }
  }
  for (const [name, value] of Object.entries(formatStrings(schema)?.edges ?? {})) {
    yield { name: `${schema.format}: ${name}`, value, covers: [said.format], opaque: true };
  }
}

function* goodArrays(builder: Builder, flat: Flat): Generator<Draft> {
  const { schema, said } = flat;
  const counts: [string, Json | undefined, string][] = [
    ["fewest items", schema.minItems, "minItems"],
    ["most items", schema.maxItems, "maxItems"],
  ];
  for (const [name, count, keyword] of counts) {
    if (typeof count !== "number" || count > LONGEST / 100) continue;
    yield { name: `${name}, ${count}`, value: builder.items(flat, count, "smallest"), covers: [said[keyword]] };
  }
  if (schema.minItems === undefined) yield { name: "empty", value: [], covers: [said.type] };
}

/** One value of each JSON type, for wrong types; a string that looks like the number that is wanted comes first. */
const TYPED: readonly (readonly [string, string, Json])[] = [
  ["string", "string", "contract"],
  ["number", "number", 7],
  ["boolean", "boolean", true],
  ["array", "array", []],
  ["object", "object", {}],
  ["null", "null", null],
];

function* badOf(builder: Builder, flat: Flat, value: Json): Generator<Draft> {
  const { schema, said, types } = flat;
  const takes = (type: string): boolean =>
    types.includes(type) || (type === "number" && types.includes("integer")) || (type === "null" && flat.nullable);
  if (types.length > 0) {
    if (types.includes("integer") && !types.includes("number")) {
      yield {
        name: "fraction",
        value: Number(typeof value === "number" ? value : 0) + 0.5,
        rule: "type",
        covers: [said.type],
      };
    }
    if (takes("number") && !takes("string")) {
      yield {
        name: "number as string",
        value: String(typeof value === "number" ? value : 1),
        rule: "type",
        covers: [said.type],
      };
    }
    for (const [name, type, one] of TYPED) {
      if (!takes(type))
        yield { name: name === "null" ? "null" : `${name} instead`, value: one, rule: "type", covers: [said.type] };
    }
  }
  if (Array.isArray(schema.enum)) yield* badEnum(flat, schema.enum);
  else {
    if (takes("number")) yield* badNumbers(flat);
    if (takes("string")) yield* badStrings(flat);
  }
  if (schema.const !== undefined)
    yield { name: "not the constant", value: `${schema.const}?`, rule: "const", covers: [said.const] };
  if (Array.isArray(value)) yield* badArrays(builder, flat, value);
  if (isObject(value)) yield* badObjects(builder, flat, value);
}

function* badEnum({ said }: Flat, values: readonly Json[]): Generator<Draft> {
  const [first] = values.filter((one) => one !== null);
  const others: [string, Json][] =
    typeof first === "string"
      ? [
          ["not in the enum", "not_in_the_enum"],
          ["other case", first === first.toLowerCase() ? first.toUpperCase() : first.toLowerCase()],
        ]
      : typeof first === "number"
        ? [["not in the enum", Math.max(...values.map(Number)) + 1]]
        : [];
  for (const [name, value] of others)
    if (!values.includes(value)) yield { name, value, rule: "enum", covers: [said.enum] };
}

function* badNumbers({ schema, said }: Flat): Generator<Draft> {
  const { least, most } = boundsOf(schema);
  const by = step(schema);
  if (least !== undefined) {
    const rule =
      said.exclusiveMinimum !== undefined && schema.exclusiveMinimum !== false ? "exclusiveMinimum" : "minimum";
    yield {
      name: `below the least, ${round(least - by)}`,
      value: round(least - by),
      rule,
      covers: [said.minimum, said.exclusiveMinimum],
    };
  }
  if (most !== undefined) {
    const rule =
      said.exclusiveMaximum !== undefined && schema.exclusiveMaximum !== false ? "exclusiveMaximum" : "maximum";
    yield {
      name: `above the most, ${round(most + by)}`,
      value: round(most + by),
      rule,
      covers: [said.maximum, said.exclusiveMaximum],
    };
  }
  if (typeof schema.multipleOf === "number") {
    const value = round((least ?? 0) + by * 1.5);
    yield { name: `not a multiple, ${value}`, value, rule: "multipleOf", covers: [said.multipleOf] };
  }
}

function* badStrings({ schema, said }: Flat): Generator<Draft> {
  if (typeof schema.minLength === "number" && schema.minLength > 0) {
    const value = stringOf({ ...schema, minLength: 0 }, schema.minLength - 1);
    yield {
      name: schema.minLength === 1 ? "empty" : `one too short, ${schema.minLength - 1}`,
      value,
      rule: "minLength",
      covers: [said.minLength],
    };
  }
  if (typeof schema.maxLength === "number" && schema.maxLength < LONGEST) {
    yield {
      name: `one too long, ${schema.maxLength + 1}`,
      value: stringOf(schema, schema.maxLength + 1),
      rule: "maxLength",
      covers: [said.maxLength],
    };
  }
  if (typeof schema.pattern === "string") {
    const value = [stringOf(schema), ...["?", "!", "0", "a"]]
      .map((text) => `${text}\u00a7`)
      .find((text) => !matches(String(schema.pattern), text));
    if (value !== undefined) yield { name: "pattern broken", value, rule: "pattern", covers: [said.pattern] };
  }
  for (const [name, value] of Object.entries(formatStrings(schema)?.bad ?? {})) {
    yield { name, value, rule: "format", covers: [said.format] };
  }
}

function matches(pattern: string, text: string): boolean {
  return new RegExp(pattern, "u").test(text);
}

function* badArrays(builder: Builder, flat: Flat, value: readonly Json[]): Generator<Draft> {
  const { schema, said } = flat;
  if (typeof schema.minItems === "number" && schema.minItems > 0) {
    yield {
      name: "one item too few",
      value: builder.items(flat, schema.minItems - 1, "smallest"),
      rule: "minItems",
      covers: [said.minItems],
    };
  }
  if (typeof schema.maxItems === "number" && schema.maxItems < LONGEST / 100) {
    yield {
      name: "one item too many",
      value: builder.items(flat, schema.maxItems + 1, "smallest"),
      rule: "maxItems",
      covers: [said.maxItems],
    };
  }
  const [first] = value;
  if (schema.uniqueItems === true && first !== undefined) {
    yield { name: "an item twice", value: [first, ...value], rule: "uniqueItems", covers: [said.uniqueItems] };
  }
}

function* badObjects(builder: Builder, flat: Flat, value: JsonObject): Generator<Draft> {
  const { schema, said } = flat;
  if (schema.additionalProperties === false) {
    yield {
      name: "undeclared field",
      value: { ...value, undeclared_field: true },
      rule: "additionalProperties",
      covers: [said.additionalProperties],
    };
  }
  const map = mapOf(builder.document, flat);
  if (typeof schema.maxProperties === "number" && map) {
    const grown: JsonObject = { ...value };
    for (let count = 1; Object.keys(grown).length <= schema.maxProperties; count++)
      grown[`more${count}`] = builder.build(map, "smallest");
    yield { name: "one property too many", value: grown, rule: "maxProperties", covers: [said.maxProperties] };
  }
  if (typeof schema.minProperties === "number" && schema.minProperties > 0 && Object.keys(flat.required).length === 0) {
    const few = Object.fromEntries(Object.entries(value).slice(0, schema.minProperties - 1));
    yield { name: "one property too few", value: few, rule: "minProperties", covers: [said.minProperties] };
  }
}

function round(value: number): number {
  return Number(value.toPrecision(12));
}

export function valueAt(root: Json, path: Path): Json {
  let node: Json = root;
  for (const step of path) node = (node as Record<string | number, Json>)[step] ?? null;
  return node;
}

export function replaceAt(root: Json, path: Path, value: Json): Json {
  const [first, ...rest] = path;
  if (first === undefined) return value;
  const copy = (Array.isArray(root) ? [...root] : { ...(root as JsonObject) }) as Record<string | number, Json>;
  copy[first] = replaceAt(copy[first] ?? null, rest, value);
  return copy as Json;
}

export function removeAt(root: Json, path: Path): Json {
  const last = path.at(-1);
  const parent = path.slice(0, -1);
  const holder = valueAt(root, parent);
  if (last === undefined || !isObject(holder)) return root;
  const { [String(last)]: _, ...rest } = holder;
  return replaceAt(root, parent, rest);
}

/** `body.items.0.name`, for people. */
export function labelOf(root: string, path: Path): string {
  return [root, ...path].join(".");
}
