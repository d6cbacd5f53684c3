import { describe, expect, it } from "vitest";
import { loadVendored } from "../load.js";
import { mergeDocuments } from "../merge.js";
import { at } from "../pointer.js";
import { sliceOf, slicesOf } from "../slice.js";
import { type JsonObject, objectOf } from "../types.js";
import { parseYaml } from "../yaml.js";

const DOCUMENT = parseYaml(
  `
openapi: 3.0.0
security: [{ key: [] }]
paths:
  /a: { get: { responses: { 200: { $ref: "#/components/responses/A" } } } }
  /b: { post: { requestBody: { content: { x: { schema: { $ref: "#/components/schemas/Tree" } } } }, responses: {} } }
  /c: { get: { responses: {} } }
components:
  responses:
    A: { description: "", content: { x: { schema: { $ref: "#/components/schemas/One/properties/inner" } } } }
  schemas:
    One: { properties: { inner: {}, other: { $ref: "#/components/schemas/Two" } } }
    Two: { type: string }
    Tree:
      discriminator: { mapping: { leaf: "#/components/schemas/Leaf" } }
      properties: { kids: { $ref: "#/components/schemas/Tree" } }
    Leaf: {}
    Unused: {}
  securitySchemes: { key: { type: apiKey } }
`,
  "slice.yaml",
);
const names = (document: JsonObject) => Object.keys(objectOf(objectOf(document.components).schemas));

describe("sliceOf", () => {
  it("keeps the paths, what they refer to in any way, and what is at the top", () => {
    const slice = sliceOf(DOCUMENT, ["/a"]);
    expect(Object.keys(objectOf(slice.paths))).toEqual(["/a"]);
    expect(names(slice)).toEqual(["One", "Two"]);
    expect(slice).toMatchObject({
      openapi: "3.0.0",
      security: [{ key: [] }],
      components: { securitySchemes: { key: {} } },
    });
    expect(names(sliceOf(DOCUMENT, ["/b"]))).toEqual(["Tree", "Leaf"]);
    expect(sliceOf(DOCUMENT, ["/c"]).components).toEqual({ securitySchemes: { key: { type: "apiKey" } } });
  });

  it("cuts the whole into parts that make the whole again", () => {
    const slices = slicesOf(DOCUMENT, 2);
    expect(slices.map((slice) => Object.keys(objectOf(slice.paths)))).toEqual([["/a", "/b"], ["/c"]]);
    const merged = mergeDocuments(slices.map((document, index) => ({ name: String(index), document })));
    expect(merged.paths).toEqual(DOCUMENT.paths);
  });

  it("leaves nothing of the vendored document out that its operations need", () => {
    for (const { document } of loadVendored()) {
      const slice = sliceOf(document, Object.keys(objectOf(document.paths)));
      expect(slice.paths).toEqual(document.paths);
      const refs = JSON.stringify(slice).matchAll(/"\$ref":"#([^"]+)"/g);
      for (const [, pointer = ""] of refs) expect(at(slice, decodeURIComponent(pointer)), pointer).toBeDefined();
    }
  });
});
