import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { decode, decodedLength, encode, encodeByTable, encodedLength, isBase64 } from "./base64.js";
import { Base64Encoder } from "./encoding-stream.js";

const naive = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
const ascii = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const original = globalThis.Buffer;
afterEach(() => vi.unstubAllGlobals());

/** With the runtime's Buffer, and as in a runtime without one. */
for (const [name, hide] of [
  ["with Buffer", () => undefined],
  ["without Buffer", () => vi.stubGlobal("Buffer", undefined)],
] as const) {
  describe(`base64 ${name}`, () => {
    it("is that of the platform, and comes back", () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
          const text = original.from(bytes).toString("base64");
          hide();
          const encoded = ascii(encode(bytes));
          const back = decode(text);
          const exact = isBase64(text);
          vi.unstubAllGlobals();
          expect([encoded, exact]).toEqual([text, true]);
          expect(naive(back)).toBe(text);
          expect([encodedLength(bytes.byteLength), decodedLength(text)]).toEqual([text.length, bytes.byteLength]);
        }),
      );
    });

    it("is refused when it is not exact", () => {
      hide();
      const bad = [
        "A",
        "AA",
        "AAA",
        "AA=A",
        "AB==",
        "AAB=",
        "====",
        "AA==AAAA",
        "AA A",
        "AAA\n",
        "AA-_",
        "\u0100AAA",
        "A===",
        `${"A".repeat(65_536)}=AAA`,
      ];
      const verdicts = bad.map((text) => isBase64(text));
      const good = ["", "AAAA", "AA==", "AAA=", "A".repeat(65_540)].map((text) => isBase64(text));
      vi.unstubAllGlobals();
      expect(verdicts).toEqual(bad.map(() => false));
      expect(good).toEqual(good.map(() => true));
    });
  });
}

describe("the table", () => {
  it("agrees with the platform on lengths beyond a slice", () => {
    const bytes = Uint8Array.from({ length: 150_001 }, (_, i) => (i * 31) & 255);
    expect(ascii(encodeByTable(bytes, new Uint8Array(encodedLength(bytes.byteLength)))) === naive(bytes)).toBe(true);
    expect(ascii(encode(bytes)) === naive(bytes)).toBe(true);
  });
});

describe("encoding in pieces", () => {
  it("is encoding the whole, however it is cut, also when a source reuses its buffer", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 20 }), (chunks) => {
        const encoder = new Base64Encoder();
        const buffer = new Uint8Array(20);
        let text = "";
        for (const chunk of chunks) {
          buffer.set(chunk);
          for (const piece of encoder.push(buffer.subarray(0, chunk.byteLength))) text += ascii(piece);
          buffer.fill(0);
        }
        for (const piece of encoder.end()) text += ascii(piece);
        expect(text).toBe(naive(Buffer.concat(chunks)));
      }),
    );
  });
});
