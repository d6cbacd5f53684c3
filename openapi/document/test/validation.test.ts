import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as generated from "../../../generated/upscaler-precision/validators.js";
import { loadOverlays, loadVendored, requireEffectiveDocument } from "../load.js";
import { byte } from "../string-formats.js";
import type { Json, JsonObject } from "../types.js";
import { DocumentSchemas } from "../validation.js";

const compile = (schema: Json, variant: "open" | "closed" = "open", schemas: JsonObject = {}) =>
  new DocumentSchemas({ components: { schemas: { ...schemas, Root: schema } } }).validator(
    "/components/schemas/Root",
    variant,
  );

describe("OpenAPI 3.0 schemas as ajv sees them", () => {
  it("nullable: type, enum, allOf, $ref", () => {
    expect(compile({ type: "string", nullable: true })(null)).toBe(true);
    expect(compile({ type: "string", nullable: true })(1)).toBe(false);
    expect(compile({ type: "string", enum: ["a"], nullable: true })(null)).toBe(true);
    expect(
      compile({ nullable: true, allOf: [{ $ref: "#/components/schemas/T" }] }, "open", { T: { type: "object" } })(null),
    ).toBe(true);
    expect(compile({ type: "string" })(null)).toBe(false);
  });

  it("boolean exclusive bounds", () => {
    const validate = compile({
      type: "number",
      minimum: 1,
      exclusiveMinimum: true,
      maximum: 3,
      exclusiveMaximum: false,
    });
    expect([1, 1.1, 3, 3.1].map((value) => validate(value))).toEqual([false, true, true, false]);
  });

  it("ignores what stands beside a $ref, and drops annotations", () => {
    expect(
      compile({ $ref: "#/components/schemas/T", maxLength: 1 }, "open", {
        T: { type: "string", example: "abc", "x-y": 1 },
      })("abc"),
    ).toBe(true);
  });

  it("refuses a schema with a misspelt keyword", () => {
    expect(() => compile({ type: "string", maxLenght: 1 })).toThrow(/maxLenght/);
  });

  it("takes recursive schemas, open and closed", () => {
    const tree = {
      type: "object",
      properties: { kids: { type: "array", items: { $ref: "#/components/schemas/Root" } } },
    };
    expect(compile(tree)({ kids: [{ kids: [], more: 1 }] })).toBe(true);
    expect(compile(tree, "closed")({ kids: [{ kids: [] }] })).toBe(true);
    expect(compile(tree, "closed")({ kids: [{ kids: [], more: 1 }] })).toBe(false);
  });

  it("closed: refuses undeclared fields at every depth, but not those of a sibling branch", () => {
    const schemas = { A: { type: "object", properties: { a: { type: "object", properties: { in: {} } } } } };
    const validate = compile(
      { allOf: [{ $ref: "#/components/schemas/A" }, { type: "object", properties: { b: {} } }] },
      "closed",
      schemas,
    );
    expect(validate({ a: { in: 1 }, b: 1 })).toBe(true);
    expect(validate({ a: {}, b: 1, c: 1 })).toBe(false);
    expect(validate({ a: { out: 1 } })).toBe(false);
  });

  it("closed: leaves alone a schema that says itself what more it takes", () => {
    expect(compile({ type: "object", additionalProperties: { type: "number" } }, "closed")({ any: 1 })).toBe(true);
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
  const document = requireEffectiveDocument(loadVendored(), loadOverlays());
  const path = "/paths/~1v1~1ai~1image-upscaler-precision/post";
  const pairs = [
    [generated.postAiImageUpscalerPrecisionRequest, `${path}/requestBody/content/application~1json/schema`, "open"],
    [
      generated.postAiImageUpscalerPrecisionRequestClosed,
      `${path}/requestBody/content/application~1json/schema`,
      "closed",
    ],
    [
      generated.postAiImageUpscalerPrecisionResponse200,
      `${path}/responses/200/content/application~1json/schema`,
      "open",
    ],
    [
      generated.postAiImageUpscalerPrecisionResponse400ProblemJson,
      `${path}/responses/400/content/application~1problem+json/schema`,
      "open",
    ],
  ] as const;

  for (const [standalone, pointer, variant] of pairs) {
    it(`judge as ajv does at run time: ${pointer.slice(path.length)} ${variant}`, () => {
      const live = new DocumentSchemas(document).validator(pointer, variant);
      const field = fc.constantFrom(
        "image",
        "sharpen",
        "webhook_url",
        "filter_nsfw",
        "data",
        "problem",
        "message",
        "status",
        "sharpn",
      );
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
