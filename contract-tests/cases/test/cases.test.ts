import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../openapi/document/types.js";
import { DocumentSchemas } from "../../../openapi/document/validation.js";
import { Budget } from "../../targets/budget.js";
import { things } from "../../test/shapes.js";
import { Builder } from "../build.js";
import { casesOf } from "../derive.js";
import { flatten } from "../flat.js";
import { sampleOfPattern } from "../pattern.js";
import { stringOf } from "../strings.js";
import { variantsOf } from "../variants.js";

const documentOf = (schema: JsonObject): JsonObject => ({ openapi: "3.0.3", components: { schemas: { it: schema } } });
const AT = "/components/schemas/it";

/** Schemas as documents have them, a few levels deep. */
const schema: fc.Arbitrary<JsonObject> = fc.letrec<{ schema: JsonObject }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3 },
    fc
      .record({ least: fc.integer({ min: -5, max: 5 }), span: fc.integer({ min: 0, max: 9 }), nullable: fc.boolean() })
      .map(
        ({ least, span, nullable }): JsonObject => ({
          type: "integer",
          minimum: least,
          maximum: least + span,
          nullable,
        }),
      ),
    fc
      .record({ least: fc.integer({ min: 0, max: 4 }), span: fc.integer({ min: 0, max: 9 }) })
      .map(({ least, span }): JsonObject => ({ type: "string", minLength: least, maxLength: least + span })),
    fc.constantFrom<JsonObject>(
      { type: "string", format: "uuid" },
      { type: "string", format: "uri" },
      { type: "string", format: "byte" },
      { type: "boolean", default: false },
      { type: "string", enum: ["a", "b"] },
      { type: "string", pattern: "^[a-c]{2,4}-\\d+$" },
      { type: "number", multipleOf: 5 },
    ),
    tie("schema").map((items): JsonObject => ({ type: "array", minItems: 1, maxItems: 3, items })),
    fc.record({ a: tie("schema"), b: tie("schema"), closed: fc.boolean() }).map(
      ({ a, b, closed }): JsonObject => ({
        type: "object",
        required: ["a"],
        properties: { a, b },
        ...(closed ? { additionalProperties: false } : {}),
      }),
    ),
    fc.tuple(tie("schema"), tie("schema")).map(
      ([a, b]): JsonObject => ({
        allOf: [
          { type: "object", required: ["x"], properties: { x: a } },
          { type: "object", properties: { y: b } },
        ],
      }),
    ),
  ),
})).schema;

const RUNS = { numRuns: process.env.LONG_TESTS ? 1000 : 60 };

describe("Values of a schema", () => {
  it("are valid as built, smallest and full", () => {
    fc.assert(
      fc.property(schema, (own) => {
        const document = documentOf(own);
        const validate = new DocumentSchemas(document).validator(AT, "open");
        const builder = new Builder(document);
        for (const size of ["smallest", "full"] as const)
          expect(validate(builder.at(AT, size)), JSON.stringify(validate.errors)).toBe(true);
      }),
      RUNS,
    );
  });

  it("keep the promise of each variant: a good one passes, a bad one breaks its own rule", () => {
    fc.assert(
      fc.property(schema, (own) => {
        const document = documentOf(own);
        const validate = new DocumentSchemas(document).validator(AT, "open");
        const builder = new Builder(document);
        for (const variant of variantsOf(builder, flatten(document, [AT]), [], builder.at(AT, "full"))) {
          expect(validate(variant.value), `${variant.name} ${JSON.stringify(variant.value)}`).toBe(variant.good);
          if (!variant.good) expect(validate.errors?.map((error) => error.keyword)).toContain(variant.rule);
        }
      }),
      RUNS,
    );
  });

  it("are strings of the length that is asked for", () => {
    for (const length of [0, 1, 8, 300]) expect(stringOf({ type: "string" }, length)).toHaveLength(length);
  });
});

describe("Strings for patterns", () => {
  it.each([
    "^[A-Z]{2}-\\d{3}$",
    "^ak-[0-9a-f]{32}$",
    "^\\d+$",
    "^(?:foo|bar)+$",
    "^[^\\s/]{3,5}$",
    "^a?b*c+$",
    "^v\\d+\\.\\d+\\.\\d+(-\\w+)?$",
    "[\\w.-]+@[\\w-]+\\.[a-z]{2,}",
    "^\\S+$",
  ])("match %s", (pattern) => {
    for (const repeat of [0, 1, 3]) expect(sampleOfPattern(pattern, { repeat })).toMatch(new RegExp(pattern, "u"));
  });

  it("are not made for patterns that cannot be sampled", () => {
    expect(sampleOfPattern("^\\1$")).toBeUndefined();
    expect(sampleOfPattern("[")).toBeUndefined();
  });
});

describe("The derivation of cases", () => {
  it("is pure: the same document gives the same cases, and is not changed", () => {
    const before = JSON.stringify(things.document);
    expect(JSON.stringify(casesOf(things.document))).toBe(JSON.stringify(things.cases));
    expect(JSON.stringify(things.document)).toBe(before);
  });

  it("gives every case a place and a request, and never the value of a credential", () => {
    for (const { pointer, covers, request } of things.cases) {
      expect(pointer.startsWith("/") && covers.length > 0 && request.template.startsWith("/")).toBe(true);
      for (const { name } of request.credentials) expect(request.headers[name]).toBeUndefined();
    }
  });

  it("marks everything as able to start something that costs but reads, and methods and paths that are not declared", () => {
    for (const { id, mayStart, request, kind } of things.cases)
      expect(mayStart, id).toBe(request.method !== "GET" && kind !== "routing");
  });
});

describe("The budget", () => {
  it("is never exceeded, in whatever order requests begin and end", () => {
    fc.assert(
      fc.property(fc.nat(5), fc.array(fc.constantFrom("begin", "spent", "free")), (allowed, steps) => {
        const budget = new Budget(allowed);
        let open = 0;
        let spent = 0;
        for (const step of steps) {
          if (step === "begin") open += budget.reserve() ? 1 : 0;
          else if (open > 0) {
            open--;
            budget.settle(step === "spent");
            if (step === "spent") spent++;
          }
          expect(open + spent).toBeLessThanOrEqual(allowed);
        }
        expect(budget.spent).toBe(spent);
      }),
    );
  });
});
