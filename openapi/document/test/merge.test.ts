import { describe, expect, it } from "vitest";
import { mergeDocuments } from "../merge.js";
import type { JsonObject } from "../types.js";

const base = { openapi: "3.0.0", servers: [{ url: "https://a.example" }], security: [{ key: [] }] };
const named = (name: string, document: JsonObject) => ({ name, document: { ...base, ...document } as JsonObject });

describe("mergeDocuments", () => {
  it("unites paths, methods and components, and shares equal ones", () => {
    const shared = { type: "string" };
    const merged = mergeDocuments([
      named("a.yaml", { paths: { "/x": { get: { a: 1 } } }, components: { schemas: { shared, A: {} } } }),
      named("b.yaml", {
        paths: { "/x": { post: { b: 1 } }, "/y": { get: {} } },
        components: { schemas: { shared, B: {} }, headers: { H: {} } },
      }),
    ]);
    expect(merged.paths).toEqual({ "/x": { get: { a: 1 }, post: { b: 1 } }, "/y": { get: {} } });
    expect(merged.components).toEqual({ schemas: { shared, A: {}, B: {} }, headers: { H: {} } });
  });

  it("takes the first's words where only words differ, though not where a word is a name or a value", () => {
    const schema = (description: string, more: JsonObject = {}): JsonObject => ({
      components: {
        schemas: { T: { type: "object", description, properties: { title: { type: "string", ...more } } } },
      },
    });
    const servers = (description: string) => [{ url: "https://a.example", description }];
    const merge = (a: JsonObject, b: JsonObject) => mergeDocuments([named("a.yaml", a), named("b.yaml", b)]);
    expect(merge(schema("Old"), schema("New")).components).toEqual(schema("Old").components);
    expect(merge({ servers: servers("One") }, { servers: servers("Two") }).servers).toEqual(servers("One"));
    expect(() => merge(schema("Old"), schema("Old", { maxLength: 1 }))).toThrow(/schemas › T/);
    expect(() => merge(schema("Old"), schema("Old", { default: { title: "x" } }))).toThrow(/schemas › T/);
    const examples = (title: string): JsonObject => schema("Old", { example: { title } });
    expect(() => merge(examples("one"), examples("two"))).toThrow(/schemas › T/);
  });

  it("leaves the given documents as they were", () => {
    const first = named("a.yaml", { paths: { "/x": {} } });
    mergeDocuments([first, named("b.yaml", { paths: { "/y": {} } })]);
    expect(first.document.paths).toEqual({ "/x": {} });
  });

  for (const [what, a, b, place] of [
    [
      "a component",
      { components: { schemas: { T: { type: "string" } } } },
      { components: { schemas: { T: { type: "number" } } } },
      "components › schemas › T",
    ],
    [
      "an operation",
      { paths: { "/x": { get: { a: 1 } } } },
      { paths: { "/x": { get: { a: 2 } } } },
      "paths › /x › get",
    ],
    ["the servers", {}, { servers: [{ url: "https://b.example" }] }, "servers"],
  ] as const) {
    it(`refuses two that define ${what} differently, naming the place`, () => {
      expect(() =>
        mergeDocuments([named("a.yaml", a as unknown as JsonObject), named("b.yaml", b as unknown as JsonObject)]),
      ).toThrow(new RegExp(`b\\.yaml.*${place.replace(/[/$]/g, "\\$&")}`));
    });
  }

  it("refuses nothing at all", () => {
    expect(() => mergeDocuments([])).toThrow(/no document/);
  });
});
