/** Values of one place that must pass: bounds and their inner neighbours, each enum value, defaults, edges of formats. */
import type { Json } from "../../openapi/document/types.js";
import { isObject } from "../../openapi/document/types.js";
import { type Builder, boundsOf, step } from "./build.js";
import { type Draft, LONGEST, round } from "./draft.js";
import type { Flat } from "./flat.js";
import { formatStrings, stringOf } from "./strings.js";

export function* goodOf(builder: Builder, flat: Flat, value: Json): Generator<Draft> {
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
