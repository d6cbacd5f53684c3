/** Values of one place that must not pass, each breaking one rule. */
import type { Json, JsonObject } from "../../openapi/document/types.js";
import { isObject } from "../../openapi/document/types.js";
import { type Builder, boundsOf, step } from "./build.js";
import { type Draft, LONGEST, round } from "./draft.js";
import { type Flat, mapOf } from "./flat.js";
import { formatStrings, stringOf } from "./strings.js";

/** One value of each JSON type, for wrong types; a string that looks like the number that is wanted comes first. */
const TYPED: readonly (readonly [string, string, Json])[] = [
  ["string", "string", "contract"],
  ["number", "number", 7],
  ["boolean", "boolean", true],
  ["array", "array", []],
  ["object", "object", {}],
  ["null", "null", null],
];

export function* badOf(builder: Builder, flat: Flat, value: Json): Generator<Draft> {
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
