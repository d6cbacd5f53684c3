import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { at } from "../../../openapi/document/pointer.js";
import { type JsonObject, objectOf } from "../../../openapi/document/types.js";
import { diffDocuments } from "../diff/diff.js";
import { differences } from "../diff/raw.js";
import { seedDocument } from "./roots.js";
import { SEEDED_CHANGES } from "./seeded-changes.js";

describe("seeded changes", () => {
  it("are thirty or more", () => {
    expect(SEEDED_CHANGES.length).toBeGreaterThanOrEqual(30);
  });

  for (const { what, change, breaks, pointer, says, subject } of SEEDED_CHANGES) {
    it(`${what}: breaks ${breaks.join(" and ") || "nobody"}`, () => {
      const before = seedDocument();
      const after = seedDocument();
      change(after);
      const { changes } = diffDocuments(before, after);
      const found = changes.find((each) => each.pointer === pointer && says.test(each.what));
      expect(found, JSON.stringify(changes, null, 2)).toBeDefined();
      expect(new Set(changes.flatMap((each) => each.breaks))).toEqual(new Set(breaks));
      if (subject) expect(found?.subject).toBe(subject);
      // A pointer leads to something in the new document, or in the old one.
      expect(at(after, pointer) ?? at(before, pointer)).toBeDefined();
      if (found?.subject === "schema" && breaks.length > 0)
        expect(found.operations).toEqual(["POST /v1/ai/image-upscaler-precision"]);
    });

    it(`${what}: the other way round is a change too, and none is left without a word`, () => {
      const before = seedDocument();
      change(before);
      expect(diffDocuments(before, seedDocument()).changes.length).toBeGreaterThan(0);
    });
  }
});

describe("diffDocuments", () => {
  it("finds nothing between equal documents, in any order of keys", () => {
    const turned = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(turned)
        : typeof value === "object" && value !== null
          ? Object.fromEntries(
              Object.entries(value)
                .reverse()
                .map(([key, inner]) => [key, turned(inner)]),
            )
          : value;
    expect(diffDocuments(seedDocument(), turned(seedDocument()) as JsonObject).changes).toEqual([]);
  });

  it("says something of every single difference (property)", () => {
    const places = placesOf(seedDocument());
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.constantFrom("drop", "number", "text", "list"), (pointer, deed) => {
        const after = seedDocument();
        const parent = at(after, pointer.slice(0, pointer.lastIndexOf("/"))) as Record<string, unknown>;
        const key = pointer.slice(pointer.lastIndexOf("/") + 1).replaceAll("~1", "/");
        const mutants = { drop: undefined, number: 12345, text: "changed", list: ["changed"] };
        if (deed === "drop" && !Array.isArray(parent)) delete parent[key];
        else parent[key] = mutants[deed] ?? "changed";
        if (differences(seedDocument(), after).length === 0) return;
        let changes: readonly unknown[];
        try {
          ({ changes } = diffDocuments(seedDocument(), after));
        } catch (error) {
          // A `$ref` to nothing: refused before documents are compared.
          expect(String(error)).toMatch(/\$ref/);
          return;
        }
        expect(changes.length).toBeGreaterThan(0);
      }),
      { numRuns: 300 },
    );
  });

  it("rates what a callback carries the other way round", () => {
    const withCallback = (status: JsonObject): JsonObject => {
      const document = seedDocument();
      const post = objectOf(objectOf(objectOf(document.paths)["/v1/ai/image-upscaler-precision"]).post);
      const body = { content: { "application/json": { schema: { type: "object", properties: { status } } } } };
      post.callbacks = {
        done: {
          "{$request.body#/webhook_url}": { post: { requestBody: body, responses: { "200": { description: "" } } } },
        },
      };
      return document;
    };
    const before = withCallback({ type: "string", enum: ["A"] });
    const more = diffDocuments(before, withCallback({ type: "string", enum: ["A", "B"] })).changes;
    expect(more).toMatchObject([{ breaks: ["readers"], what: 'enum: "B" added' }]);
    const fewer = diffDocuments(withCallback({ type: "string", enum: ["A", "B"] }), before).changes;
    expect(fewer).toMatchObject([{ breaks: [], what: 'enum: "B" removed' }]);
  });

  it("follows recursive schemas, and counts what stands beside a $ref in 3.1 only", () => {
    const tree = (openapi: string, limit: number): JsonObject => ({
      ...seedDocument(),
      openapi,
      paths: {
        "/tree": {
          post: {
            requestBody: {
              content: { "application/json": { schema: { $ref: "#/components/schemas/node", maxProperties: limit } } },
            },
            responses: { "200": { description: "" } },
          },
        },
      },
      components: {
        schemas: {
          node: {
            type: "object",
            properties: { kids: { type: "array", items: { $ref: "#/components/schemas/node" } } },
          },
        },
        securitySchemes: objectOf(objectOf(seedDocument().components).securitySchemes),
      },
    });
    expect(diffDocuments(tree("3.1.0", 3), tree("3.1.0", 2)).changes).toMatchObject([{ breaks: ["senders"] }]);
    expect(diffDocuments(tree("3.0.0", 3), tree("3.0.0", 2)).changes).toMatchObject([{ breaks: [], subject: "text" }]);
  });
});

function placesOf(document: JsonObject): string[] {
  const found: string[] = [];
  const visit = (value: unknown, pointer: string): void => {
    if (typeof value !== "object" || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      const own = `${pointer}/${key.replaceAll("/", "~1")}`;
      found.push(own);
      visit(inner, own);
    }
  };
  visit(document, "");
  return found;
}
