import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { differences } from "../../../openapi/document/compare.js";
import { at, pointerOf, stepsOf } from "../../../openapi/document/pointer.js";
import { isObject, type Json, type JsonObject } from "../../../openapi/document/types.js";
import type { Party } from "../diff/change.js";
import { diffDocuments } from "../diff/diff.js";
import { exampleDocument } from "./roots.js";
import { SEEDED_CHANGES } from "./seeded-changes.js";

describe("the report of a change", () => {
  for (const { what, change, breaks, pointer, says, subject } of SEEDED_CHANGES) {
    it(`says that ${what} breaks ${breaks.join(" and ") || "nobody"}, and reports the reverse change too`, () => {
      const before = exampleDocument();
      const after = exampleDocument();
      change(after);
      const changes = diffDocuments(before, after);
      const found = changes.find((each) => each.pointer === pointer && says.test(each.what));
      expect(found, JSON.stringify(changes, null, 2)).toBeDefined();
      expect(new Set(changes.flatMap((each) => each.breaks))).toEqual(new Set(breaks));
      if (subject) expect(found?.subject).toBe(subject);
      // A pointer leads to something in the new document, or in the old one.
      expect(at(after, pointer) ?? at(before, pointer)).toBeDefined();
      if (found?.subject === "schema" && breaks.length > 0)
        expect(found.operations).toEqual(["POST /v1/ai/image-upscaler-precision"]);
      expect(diffDocuments(after, before).length).toBeGreaterThan(0);
    });
  }

  it("is empty for documents that differ in the order of keys alone", () => {
    const turned = (value: Json): Json => {
      if (typeof value !== "object" || value === null) return value;
      if (Array.isArray(value)) return value.map(turned);
      const entries = Object.entries(value).map(([key, inner]) => [key, turned(inner)] as const);
      return Object.fromEntries(entries.reverse());
    };
    expect(diffDocuments(exampleDocument(), turned(exampleDocument()) as JsonObject)).toEqual([]);
  });

  it("mentions every single difference (property)", () => {
    const places = placesOf(exampleDocument());
    const mutants = { drop: undefined, number: 12345, text: "changed", list: ["changed"] };
    fc.assert(
      fc.property(
        fc.constantFrom(...places),
        fc.constantFrom(...(Object.keys(mutants) as never[])),
        (pointer, deed) => {
          const after = exampleDocument();
          const key = stepsOf(pointer).at(-1) ?? "";
          const parent = at(after, pointer.slice(0, pointer.lastIndexOf("/"))) as Record<string, unknown>;
          if (deed === "drop" && !Array.isArray(parent)) delete parent[key];
          else parent[key] = mutants[deed] ?? "changed";
          if (differences(exampleDocument(), after).length === 0) return;
          try {
            expect(diffDocuments(exampleDocument(), after).length).toBeGreaterThan(0);
          } catch (error) {
            // A `$ref` to nothing: such a document is refused before documents are compared.
            if (!/\$ref/.test(String(error))) throw error;
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  const SCHEMAS = { node: { type: "object", properties: { kids: { items: { $ref: "#/components/schemas/node" } } } } };
  const described = (post: JsonObject, openapi = "3.0.0"): JsonObject => ({
    openapi,
    paths: { "/x/{id}": { post } },
    components: { schemas: SCHEMAS },
  });
  const json = (schema: JsonObject): JsonObject => ({ content: { "application/json": { schema } } });
  const callback = (status: string[]): JsonObject => ({
    callbacks: { done: { "{$url}": { post: { requestBody: json({ properties: { s: { enum: status } } }) } } } },
  });
  const query = (more: JsonObject): JsonObject => ({ parameters: [{ name: "q", in: "query", ...more }] });
  const header = (required: boolean): JsonObject => ({
    responses: { "200": { headers: { "X-Left": { required, schema: { type: "integer" } } } } },
  });
  const limited = (limit: number): JsonObject => ({
    requestBody: json({ $ref: "#/components/schemas/node", maxProperties: limit }),
  });
  const body = { requestBody: json({}) };
  const requiredBody = { requestBody: { ...json({}), required: true } };
  const [plain, exploded] = [query({ schema: {} }), query({ schema: {}, explode: false })];
  const [S, R]: [Party[], Party[]] = [["senders"], ["readers"]];
  const CASES: readonly (readonly [string, JsonObject, JsonObject, string, Party[]?, Party[]?, string?])[] = [
    ["a value that a callback sends", callback(["A"]), callback(["A", "B"]), 'enum: "B"', R],
    ["a limit next to a $ref of OpenAPI 3.1", limited(3), limited(2), "maxProperties", S, [], "3.1.0"],
    ["a limit next to a $ref of OpenAPI 3.0", limited(3), limited(2), "means the same"],
    ["a header that is no longer guaranteed", header(true), header(false), "header X-Left", R],
    ["the style of a parameter", plain, exploded, "explode", S, S],
    ["content instead of a schema", plain, query(json({})), "schema", S, S],
    ["an optional request body that is required now", body, requiredBody, "required", S],
    ["a security requirement", { security: [] }, { security: [{ key: [] }] }, "security", S],
  ];
  for (const [what, before, after, says, breaks = [], reverse = [], version] of CASES) {
    it(`rates ${what} by who sends it: ${breaks.join() || "nobody"} is broken, ${reverse.join() || "nobody"} in reverse`, () => {
      const [one, other] = [described(before, version), described(after, version)];
      const changes = diffDocuments(one, other);
      expect(changes.map((each) => each.what).join()).toContain(says);
      expect([...new Set(changes.flatMap((each) => each.breaks))]).toEqual(breaks);
      expect([...new Set(diffDocuments(other, one).flatMap((each) => each.breaks))]).toEqual(reverse);
    });
  }
});

function placesOf(value: Json, pointer = ""): string[] {
  return Object.entries(isObject(value) || Array.isArray(value) ? value : {}).flatMap(([key, inner]) => {
    const own = pointer + pointerOf([key]);
    return [own, ...placesOf(inner as Json, own)];
  });
}
