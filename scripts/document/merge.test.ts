import { describe, expect, it } from "vitest";
import { mergeDocuments } from "./merge.js";
import type { JsonObject } from "./types.js";

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
