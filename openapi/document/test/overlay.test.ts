import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { effectiveDocument, loadOverlays, loadVendored, requireEffectiveDocument } from "../load.js";
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
  it("merges objects key by key and replaces the rest", () => {
    expect(apply({ a: { b: 1, c: { d: 1 } } }, { target: "$.a", update: { b: 2, c: { e: 2 } } })).toEqual({
      a: { b: 2, c: { d: 1, e: 2 } },
    });
  });

  it("takes an update of an array in as an item, and concatenates arrays inside objects", () => {
    expect(apply({ list: [{ n: 1 }] }, { target: "$.list", update: { n: 2 } })).toEqual({ list: [{ n: 1 }, { n: 2 }] });
    expect(apply({ a: { list: [1] } }, { target: "$.a", update: { list: [2] } })).toEqual({ a: { list: [1, 2] } });
  });

  it("updates every match", () => {
    expect(apply({ a: { v: {} }, b: { v: {} } }, { target: "$.*.v", update: { x: 1 } })).toEqual({
      a: { v: { x: 1 } },
      b: { v: { x: 1 } },
    });
  });

  it("removes keys and several items of one array", () => {
    expect(apply({ a: 1, b: 2 }, { target: "$.a", remove: true })).toEqual({ b: 2 });
    expect(apply({ list: [1, 2, 3, 4] }, { target: "$.list[?@ > 2]", remove: true })).toEqual({ list: [1, 2] });
  });

  it("applies later actions to what earlier ones made", () => {
    expect(apply({ a: {} }, { target: "$.a", update: { b: {} } }, { target: "$.a.b", update: { c: 1 } })).toEqual({
      a: { b: { c: 1 } },
    });
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

describe("readOverlay", () => {
  const good = {
    overlay: "1.0.0",
    info: { title: "t", version: "1" },
    extends: "../x.yaml",
    actions: [{ target: "$", update: {}, ...why }],
  };

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
