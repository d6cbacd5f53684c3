import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as generated from "../../../generated/upscaler-precision/validators.js";
import { loadDefault, requireEffectiveDocument } from "../load.js";
import { byte } from "../string-formats.js";
import type { Json, JsonObject } from "../types.js";
import { DocumentSchemas } from "../validation.js";

const compile = (schema: Json, variant: "open" | "closed" = "open", schemas: JsonObject = {}) =>
  new DocumentSchemas({ components: { schemas: { ...schemas, Root: schema } } }).validator(
    "/components/schemas/Root",
    variant,
  );

const TEXT = { T: { type: "string", example: "abc", "x-y": 1 } };
const TREE = {
  type: "object",
  properties: { kids: { type: "array", items: { $ref: "#/components/schemas/Root" } } },
};
const PARTS = { A: { type: "object", properties: { a: { type: "object", properties: { in: {} } } } } };
const both = { allOf: [{ $ref: "#/components/schemas/A" }, { type: "object", properties: { b: {} } }] };
const range = { type: "number", minimum: 1, exclusiveMinimum: true, maximum: 3, exclusiveMaximum: false };
const T = { $ref: "#/components/schemas/T" };
const CASES: readonly (readonly [string, JsonObject, unknown[], unknown[], ("open" | "closed")?, JsonObject?])[] = [
  ["a nullable type", { type: "string", nullable: true }, [null, "a"], [1]],
  ["a type that is not nullable", { type: "string" }, ["a"], [null]],
  ["a nullable enum", { type: "string", enum: ["a"], nullable: true }, [null, "a"], ["b"]],
  ["a nullable allOf", { nullable: true, allOf: [T] }, [null, "a"], [1], "open", TEXT],
  ["boolean exclusive bounds", range, [1.1, 3], [1, 3.1]],
  ["a $ref, without what is next to it", { ...T, maxLength: 1 }, ["abc"], [1], "open", TEXT],
  ["a recursive schema", TREE, [{ kids: [{ kids: [], more: 1 }] }], [{ kids: [1] }]],
  ["a closed recursive schema", TREE, [{ kids: [{ kids: [] }] }], [{ kids: [{ kids: [], more: 1 }] }], "closed"],
  ["closed branches", both, [{ a: { in: 1 }, b: 1 }], [{ a: {}, b: 1, c: 1 }, { a: { out: 1 } }], "closed", PARTS],
  ["a map", { type: "object", additionalProperties: { type: "number" } }, [{ any: 1 }], [{ any: "" }], "closed"],
];

describe("a schema of OpenAPI 3.0", () => {
  for (const [what, schema, good, bad, variant, schemas] of CASES)
    it(`accepts and refuses the right values: ${what}`, () => {
      const validate = compile(schema, variant, schemas);
      expect(good.filter((value) => !validate(value))).toEqual([]);
      expect(bad.filter((value) => validate(value))).toEqual([]);
    });

  it("is refused for a misspelt keyword", () => {
    expect(() => compile({ type: "string", maxLenght: 1 })).toThrow(/maxLenght/);
  });
});

describe("format byte", () => {
  it("accepts exactly what canonical encoding makes (property)", () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => byte(Buffer.from(bytes).toString("base64"))));
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("A", "b", "9", "+", "/", "=", "-", "_", "\n", " ", "!"), maxLength: 12 }),
        (text) => {
          // Padding bits are not looked at: they decode, though no encoder writes them.
          const decodes =
            Buffer.from(text, "base64").toString("base64").length === text.length &&
            /^[A-Za-z0-9+/]*={0,2}$/.test(text);
          expect(byte(text)).toBe(decodes);
        },
      ),
    );
  });

  it("takes a string of 40 MB without overflowing the stack", () => {
    expect(byte("AAAA".repeat(10_000_000))).toBe(true);
  });
});

describe("the generated validators", () => {
  const { vendored, overlays } = loadDefault();
  const document = requireEffectiveDocument(vendored, overlays);
  const path = "/paths/~1v1~1ai~1image-upscaler-precision/post";
  const json = "application~1json";
  const pairs = [
    [generated.postAiImageUpscalerPrecisionRequest, `${path}/requestBody/content/${json}/schema`, "open"],
    [generated.postAiImageUpscalerPrecisionRequestClosed, `${path}/requestBody/content/${json}/schema`, "closed"],
    [generated.postAiImageUpscalerPrecisionResponse200, `${path}/responses/200/content/${json}/schema`, "open"],
  ] as const;

  for (const [standalone, pointer, variant] of pairs) {
    it(`judge as ajv does at run time: ${pointer.slice(path.length)} ${variant}`, () => {
      const live = new DocumentSchemas(document).validator(pointer, variant);
      const names = "image sharpen webhook_url filter_nsfw data problem message status sharpn".split(" ");
      const field = fc.constantFrom(...names);
      const value = fc.oneof(
        fc.constantFrom("AAAA", "https://a.example/x", "046b6c7f-0b8a-43b9-b35d-6489e6daee91", "CREATED"),
        fc.jsonValue(),
        fc.integer({ min: -2, max: 102 }),
      );
      fc.assert(
        fc.property(fc.dictionary(field, value), (body) => {
          expect(standalone(body)).toBe(live(body));
          expect((standalone.errors ?? []).map((error) => `${error.instancePath} ${error.keyword}`)).toEqual(
            (live.errors ?? []).map((error) => `${error.instancePath} ${error.keyword}`),
          );
        }),
      );
    });
  }
});
