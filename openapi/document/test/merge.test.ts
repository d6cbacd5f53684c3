import { describe, expect, it } from "vitest";
import { effectiveDocument } from "../load.js";
import { mergeDocuments } from "../merge.js";
import { readOverlay } from "../overlay.js";
import type { JsonObject } from "../types.js";

const base = { openapi: "3.0.0", servers: [{ url: "https://a.example" }], security: [{ key: [] }] };
const named = (name: string, document: JsonObject) => ({ name, document: { ...base, ...document } as JsonObject });
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

describe("mergeDocuments", () => {
  it("joins paths, methods and components, and leaves the documents as they were", () => {
    const shared = { type: "string" };
    const first = named("a.yaml", { paths: { "/x": { get: { a: 1 } } }, components: { schemas: { shared, A: {} } } });
    const copy = structuredClone(first);
    const paths = { "/x": { parameters: [{ name: "q" }], post: { b: 1 } }, "/y": { get: {} } };
    const second = named("b.yaml", { paths, components: { schemas: { shared, B: {} }, headers: { H: {} } } });
    const merged = mergeDocuments([first, second]);
    const parameters = [{ name: "q" }];
    expect(merged.paths).toEqual({ "/x": { get: { a: 1 }, post: { b: 1, parameters } }, "/y": { get: {} } });
    expect(merged.components).toEqual({ schemas: { shared, A: {}, B: {} }, headers: { H: {} } });
    expect(first).toEqual(copy);
  });

  it("gives a component that two documents define differently another name, and what refers to it", () => {
    const schemas = (type: string): JsonObject => ({
      T: { type },
      List: { items: ref("T") },
      Same: { type: "null", description: type },
    });
    const merged = mergeDocuments([
      named("a.yaml", { paths: { "/a": { get: { x: ref("List") } } }, components: { schemas: schemas("string") } }),
      named("b.yaml", {
        paths: { "/b": { get: { x: [ref("List"), ref("Same")], mapping: { t: "#/components/schemas/T" } } } },
        components: { schemas: schemas("number") },
      }),
    ]);
    expect(merged.components).toEqual({
      schemas: { ...schemas("string"), "T.b": { type: "number" }, "List.b": { items: ref("T.b") } },
    });
    expect(merged.paths).toMatchObject({
      "/a": { get: { x: ref("List") } },
      "/b": { get: { x: [ref("List.b"), ref("Same")], mapping: { t: "#/components/schemas/T.b" } } },
    });
  });

  it("keeps the servers and the security of each document at its operations", () => {
    const key = (name: string): JsonObject => ({ securitySchemes: { key: { type: "apiKey", in: "header", name } } });
    const servers = [{ url: "https://b.example" }];
    const merged = mergeDocuments([
      named("a.yaml", { paths: { "/a": { get: {} } }, components: key("x-a") }),
      named("b.yaml", { paths: { "/b": { get: {}, put: { security: [] } } }, servers, components: key("x-b") }),
    ]);
    expect(merged).toMatchObject({
      servers: base.servers,
      paths: { "/a": { get: {} }, "/b": { get: { servers, security: [{ "key.b": [] }] }, put: { security: [] } } },
      components: { securitySchemes: { key: { name: "x-a" }, "key.b": { name: "x-b" } } },
    });
  });

  it("refuses an operation that two documents have, with both names", () => {
    const two = [named("a.yaml", { paths: { "/x": { get: {} } } }), named("b.yaml", { paths: { "/x": { get: {} } } })];
    expect(() => mergeDocuments(two)).toThrow(/GET \/x is in a\.yaml and in b\.yaml/);
    expect(() => mergeDocuments([])).toThrow(/no document/);
    const other = { name: "c.yaml", document: { openapi: "3.1.0" } };
    expect(() => mergeDocuments([named("a.yaml", {}), other])).toThrow(/a\.yaml is OpenAPI 3\.0 and c\.yaml is 3\.1/);
  });
});

describe("effectiveDocument", () => {
  it("prefers an operation of a page to the same one that an overlay adds to another page", () => {
    const action = {
      target: "$.paths",
      update: { "/x": { get: { assumed: true } } },
      "x-reason": "r",
      "x-source": "s",
    };
    const overlay = { overlay: "1.0.0", info: { title: "t", version: "1" }, extends: "../a.yaml", actions: [action] };
    const pages = [named("a.yaml", { paths: { "/y": {} } }), named("b.yaml", { paths: { "/x": { get: {} } } })];
    const read = [readOverlay(overlay, "a.overlay.yaml")];
    expect(effectiveDocument(pages, read).document.paths).toEqual({ "/x": { get: {} }, "/y": {} });
    expect(effectiveDocument(pages.slice(0, 1), read).document.paths).toMatchObject({
      "/x": { get: { assumed: true } },
    });
  });
});
