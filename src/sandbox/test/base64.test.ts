import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ExactBase64 } from "../base64.js";

function decode(text: string, slice = text.length || 1): Buffer | undefined {
  const base64 = new ExactBase64();
  for (let start = 0; start < text.length; start += slice) base64.write(text.slice(start, start + slice));
  return base64.end();
}

describe("ExactBase64", () => {
  it("gives back any bytes, however the text is sliced", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 1, max: 50 }), (bytes, slice) => {
        const text = Buffer.from(bytes).toString("base64");
        expect(decode(text, slice)).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it("takes text and only text that encodes to itself, apart from the spare bits of the last character", () => {
    const characters = fc.constantFrom(..."AQgw+/=-_ \n!é", "QUI=", "QUJD", "QQ==");
    fc.assert(
      fc.property(fc.string({ unit: characters, maxLength: 12 }), fc.integer({ min: 1, max: 5 }), (text, slice) => {
        const valid = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text) && !/\n/.test(text);
        expect(decode(text, slice) !== undefined).toBe(valid);
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    ["unpadded", "QUI"],
    ["base64url", "-_8="],
    ["a data: URI", "data:image/png;base64,QUJD"],
    ["a line break", "QUJD\nQUJD"],
    ["padding in the middle", "QUI=QUJD"],
    ["something behind the padding", "QUI=\n"],
  ])("refuses %s", (_, text) => {
    expect(decode(text)).toBeUndefined();
  });

  it("grows beyond what was expected", () => {
    const bytes = Buffer.alloc(500_000, "picture");
    const base64 = new ExactBase64(10);
    base64.write(bytes.toString("base64"));
    expect(base64.end()?.equals(bytes)).toBe(true);
  });
});
