import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  effectiveDocument,
  effectiveDocuments,
  loadOverlays,
  loadVendored,
  requireEffectiveDocument,
} from "../load.js";
import { applyOverlays, type Overlay, readOverlay } from "../overlay.js";
import type { Json, JsonObject } from "../types.js";

const why = { "x-reason": "because", "x-source": "here" };
const overlay = (...actions: { target: string; update?: Json; remove?: boolean }[]): Overlay => ({
  name: "test.overlay.yaml",
  extends: "test.yaml",
  title: "test",
  actions: actions.map((action) => ({ ...action, ...why })),
});
const apply = (document: JsonObject, ...actions: Parameters<typeof overlay>): JsonObject =>
  applyOverlays(document, [overlay(...actions)]).document;

describe("applyOverlays", () => {
  const merges = { target: "$.a", update: { b: 2, c: { e: 2 } } };
  const list = { target: "$.list", update: { n: 2 } };
  const inner = { target: "$.a", update: { list: [2] } };
  const every = { target: "$.*.v", update: { x: 1 } };
  const several = { target: "$.list[?@ > 2]", remove: true };
  const chain = [
    { target: "$.a", update: { b: {} } },
    { target: "$.a.b", update: { c: 1 } },
  ];
  const rows: readonly (readonly [string, JsonObject, Parameters<typeof overlay>, JsonObject])[] = [
    ["merges objects key by key", { a: { b: 1, c: { d: 1 } } }, [merges], { a: { b: 2, c: { d: 1, e: 2 } } }],
    ["takes an update of an array in as an item", { list: [{ n: 1 }] }, [list], { list: [{ n: 1 }, { n: 2 }] }],
    ["concatenates arrays inside objects", { a: { list: [1] } }, [inner], { a: { list: [1, 2] } }],
    ["updates every match", { a: { v: {} }, b: { v: {} } }, [every], { a: { v: { x: 1 } }, b: { v: { x: 1 } } }],
    ["removes a key", { a: 1, b: 2 }, [{ target: "$.a", remove: true }], { b: 2 }],
    ["removes several items of one array", { list: [1, 2, 3, 4] }, [several], { list: [1, 2] }],
    ["applies later actions to what earlier ones made", { a: {} }, chain, { a: { b: { c: 1 } } }],
  ];
  for (const [what, before, actions, after] of rows)
    it(what, () => {
      expect(apply(before, ...actions)).toEqual(after);
    });

  it("lists an action that matches nothing, and leaves the document as it was", () => {
    const document = { a: {} };
    const result = applyOverlays(document, [
      overlay({ target: "$.a", update: { x: 1 } }, { target: "$.nowhere", update: {} }),
    ]);
    expect(result.unmatched).toEqual([{ overlay: "test.overlay.yaml", index: 2, target: "$.nowhere" }]);
    expect(document).toEqual({ a: {} });
  });

  it("never changes what its target does not name (property)", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[b-z]{1,6}$/), fc.jsonValue()), fc.jsonValue(), (rest, update) => {
        const document = { ...rest, a: {} } as JsonObject;
        const { a: _ignored, ...after } = apply(document, { target: "$.a", update: { key: update as Json } });
        expect(after).toEqual(rest);
      }),
    );
  });
});

describe("an overlay of the provider", () => {
  const general = (...actions: (Parameters<typeof overlay>[0] & { "x-where-property"?: string })[]): Overlay => ({
    ...overlay(...actions),
    name: "provider.overlay.yaml",
    extends: undefined,
  });
  const every = { target: "$.paths.*[?@.responses && !@.responses['4XX']].responses", update: { "429": { of: "us" } } };

  it("adds what is absent and leaves what a page says itself, at each place that matches", () => {
    const own = { responses: { "429": { of: "page" } } };
    const any = { responses: { "4XX": {} } };
    const { document } = applyOverlays({ paths: { "/a": { get: { responses: {} }, put: own }, "/b": { get: any } } }, [
      general(every),
    ]);
    const added = { get: { responses: { "429": { of: "us" } } }, put: own };
    expect(document).toEqual({ paths: { "/a": added, "/b": { get: any } } });
  });

  it("may match nothing, in a document of any shape", () => {
    for (const document of [{}, { paths: [] }, { paths: { "/a": null } }] as JsonObject[])
      expect(applyOverlays(document, [general(every)])).toEqual({ document, unmatched: [] });
  });

  it("can ask for a property of the schema next to its target, which references and parts of a schema lead to", () => {
    const media = (schema?: JsonObject) => ({ ...(schema && { schema }), examples: {} });
    const schemas = { inner: { properties: { problem: {} } }, outer: { allOf: [{ $ref: "#/schemas/inner" }] } };
    const has = media({ $ref: "#/schemas/outer" });
    const content = { has, lacks: media({ properties: { message: {} } }), bare: media() };
    const nested = { target: "$.content.*.examples", "x-where-property": "problem", update: { nested: 1 } };
    const { document } = applyOverlays({ schemas, content }, [general(nested)]);
    expect(document).toEqual({ schemas, content: { ...content, has: { ...has, examples: { nested: 1 } } } });
  });

  it("is applied to every document, after the overlays of that document", () => {
    const vendored = ["a.yaml", "b.yaml"].map((name) => ({ name, document: { paths: { [`/${name}`]: {} } } }));
    const own = { ...overlay({ target: "$.paths.*", update: { get: { responses: {} } } }), extends: "a.yaml" };
    const { documents, unmatched } = effectiveDocuments(vendored, [general(every), own]);
    expect(unmatched).toEqual([]);
    expect(documents.map(({ document }) => document.paths)).toEqual([
      { "/a.yaml": { get: { responses: { "429": { of: "us" } } } } },
      { "/b.yaml": {} },
    ]);
  });
});

describe("readOverlay", () => {
  const good = {
    overlay: "1.0.0",
    info: { title: "t", version: "1" },
    extends: "../x.yaml",
    actions: [{ target: "$", update: {}, ...why }],
  };

  it("reads one of the provider, which extends nothing and only adds keys", () => {
    const { extends: _none, ...general } = good;
    expect(readOverlay(general, "provider.o")).toMatchObject({ extends: undefined, title: "t" });
    expect(() => readOverlay(good, "provider.o")).toThrow(/"extends" is for overlays of one document/);
    const removes = { ...general, actions: [{ target: "$", remove: true, ...why }] };
    expect(() => readOverlay(removes, "provider.o")).toThrow(/must add keys/);
  });

  it("reads a good one", () => {
    expect(readOverlay(good, "o")).toMatchObject({ extends: "x.yaml", title: "t" });
  });

  for (const [what, broken, message] of [
    ["version", { ...good, overlay: "2.0.0" }, /overlay: 1\.0/],
    ["extends", { ...good, extends: undefined }, /extends/],
    ["info", { ...good, info: {} }, /info\.title/],
    ["actions", { ...good, actions: [] }, /non-empty list/],
    ["reason", { ...good, actions: [{ target: "$", update: {}, "x-source": "s" }] }, /x-reason/],
    ["source", { ...good, actions: [{ target: "$", update: {}, "x-reason": "r" }] }, /x-source/],
    ["deed", { ...good, actions: [{ target: "$", ...why }] }, /neither updates nor removes/],
  ] as const) {
    it(`refuses one without a proper ${what}`, () => {
      expect(() => readOverlay(broken as unknown as JsonObject, "o")).toThrow(message);
    });
  }
});

describe("the overlays of this repository", () => {
  it("all match the vendored document", () => {
    expect(effectiveDocument(loadVendored(), loadOverlays()).unmatched).toEqual([]);
  });

  it("fail the generation when one matches nothing, naming it", () => {
    const stray = { ...overlay({ target: "$.paths['/gone']", update: {} }), extends: "upscaler-precision.yaml" };
    expect(() => requireEffectiveDocument(loadVendored(), [stray])).toThrow(
      /test\.overlay\.yaml, action 1: \$\.paths\['\/gone'\]/,
    );
  });

  it("fail when one extends a document that is not there", () => {
    expect(() => requireEffectiveDocument(loadVendored(), [overlay({ target: "$", update: {} })])).toThrow(
      /extends "test\.yaml"/,
    );
  });
});
