/** Schemas with the constructs of the provider's documents: each kind comes round after the same number of schemas. */
import type { Json, JsonObject } from "../../openapi/document/types.js";
import type { Random } from "./random.js";

type Make = (random: Random, refs: readonly string[]) => JsonObject;

const KINDS: readonly Make[] = [
  // Plain objects with bounds, defaults and formats.
  (random, refs) => object(random, refs, 8),
  (random, refs) => object(random, refs, 5),
  // A part of another schema, and more.
  (random, refs) => ({ allOf: [{ $ref: `${SCHEMAS}task` }, optional(object(random, refs, 3))], example: TASK }),
  (random) => ({ type: "string", enum: choices(random), nullable: true, description: random.words(12) }),
  (random, refs) => ({
    type: "object",
    nullable: true,
    properties: { inner: { nullable: true, allOf: [{ $ref: ref(random, refs) }] } },
  }),
  (random, refs) => ({ oneOf: [object(random, refs, 2), { type: "string", format: "uri" }] }),
  (random, refs) => ({ allOf: [object(random, refs, 2), object(random, refs, 2)] }),
  (random) => ({
    type: "object",
    additionalProperties: { type: "number", minimum: 0, exclusiveMinimum: true },
    description: random.words(10),
  }),
  (random, refs) => ({ type: "array", minItems: 1, maxItems: random.whole(2, 9), items: { $ref: ref(random, refs) } }),
];

export function namedSchema(random: Random, index: number, refs: readonly string[]): JsonObject {
  const make = KINDS[index % KINDS.length] as Make;
  return make(random, refs);
}

/** Bodies are objects; a few are a choice at their very top. */
export function requestSchema(random: Random, index: number, refs: readonly string[]): JsonObject {
  const webhook = { webhook_url: { type: "string", format: "uri", description: "Webhook URL" } };
  const body = (count: number): JsonObject => {
    const made = object(random, refs, count);
    return { ...made, properties: { ...(made.properties as JsonObject), ...webhook } };
  };
  if (index % 7 === 4) return { anyOf: [body(3), body(4)] };
  return body(9);
}

/** Forms carry plain fields. */
export function formSchema(random: Random): JsonObject {
  return {
    type: "object",
    required: ["prompt"],
    properties: {
      prompt: { type: "string", minLength: 1, maxLength: 500, description: random.words(12) },
      count: { type: "integer", minimum: 1, maximum: 4, default: 1 },
      style: { type: "string", enum: choices(random) },
    },
  };
}

function optional(schema: JsonObject): JsonObject {
  const { required: _, ...rest } = schema;
  return rest;
}

/** No two objects share a property, so that any of them go together in one `allOf`. */
function object(random: Random, refs: readonly string[], count: number): JsonObject {
  const properties: JsonObject = {};
  const serial = random.serial();
  for (let index = 0; index < count; index++)
    properties[`${random.pick(NAMES)}_${serial}_${index}`] = property(random, refs);
  const names = Object.keys(properties);
  return { type: "object", required: names.filter((_, index) => index % 4 === 0), properties };
}

function property(random: Random, refs: readonly string[]): JsonObject {
  const description = random.words(random.whole(6, 30));
  const kinds: readonly (() => JsonObject)[] = [
    () => ({ type: "integer", minimum: 0, maximum: 100, default: 50, description }),
    () => ({ type: "number", format: "float", minimum: 0, maximum: 1, default: 0.5, description }),
    () => ({ type: "string", minLength: 1, maxLength: random.whole(10, 3000), description }),
    () => ({ type: "string", enum: choices(random), default: "auto", description }),
    () => ({ type: "string", format: "byte", example: "aGVsbG8=", description }),
    () => ({ type: "string", pattern: "^#[0-9a-f]{6}$", nullable: true, example: "#0a1b2c", description }),
    () => ({ type: "boolean", default: false, description }),
    () => ({ type: "array", items: { type: "string", format: "uri" }, maxItems: 4, description }),
    () => ({ $ref: ref(random, refs) }),
    () => ({ type: "string", format: "date-time", example: "2024-01-01T00:00:00Z", description }),
    () => ({ type: "string", nullable: true, enum: ["small", "large"], description }),
  ];
  return random.pick(kinds)();
}

const NAMES = [
  "prompt",
  "sharpen",
  "smart_grain",
  "aspect-ratio",
  "seed",
  "style.name",
  "strength",
  "images",
  "2x",
] as const;

/** Stray quotes stand in some of the provider's values. */
function choices(random: Random): Json[] {
  return ["auto", "square_1_1", "'classic_4_3'", 'wide"screen', `style-${random.whole(1, 999)}`];
}

const SCHEMAS = "#/components/schemas/";
export const TASK: JsonObject = { task_id: "046b6c7f-0b8a-43b9-b35d-6489e6daee91", status: "CREATED" };

function ref(random: Random, refs: readonly string[]): string {
  return SCHEMAS + random.pick(refs);
}
