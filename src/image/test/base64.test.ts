import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { decode, decodedLength, encode, encodedChunks, encodedLength, isBase64 } from "../base64.js";

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
        ..."A|AA|AAA|AA=A|AB==|AAB=|====|AA==AAAA|AA A|AAA\n|AA-_|\u0100AAA|A===".split("|"),
        `${"A".repeat(65_536)}=AAA`,
        `${"A".repeat(65_535)}=AAAA`,
        `${"A".repeat(65_534)}==AAAA`,
        "A".repeat(65_537),
      ];
      const verdicts = bad.map((text) => isBase64(text));
      const good = ["", "AAAA", "AA==", "AAA=", "A".repeat(65_540), `${"A".repeat(65_535)}=`].map((text) =>
        isBase64(text),
      );
      vi.unstubAllGlobals();
      expect(verdicts).toEqual(bad.map(() => false));
      expect(good).toEqual(good.map(() => true));
    });
  });
}

describe("encoding beyond one slice", () => {
  it("agrees with the platform, with Buffer and without", () => {
    const bytes = Uint8Array.from({ length: 450_001 }, (_, i) => (i * 31) & 255);
    expect(ascii(encode(bytes)) === naive(bytes)).toBe(true);
    vi.stubGlobal("Buffer", undefined);
    const without = encode(bytes.subarray(0, 150_000));
    vi.unstubAllGlobals();
    expect(ascii(without) === naive(bytes.subarray(0, 150_000))).toBe(true);
  });

  it("of chunks of any length pads only the end, though the source reuses their memory", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 9 }), { maxLength: 12 }), async (chunks) => {
        const memory = new Uint8Array(9);
        async function* source(): AsyncGenerator<Uint8Array> {
          for (const chunk of chunks) {
            memory.set(chunk);
            yield memory.subarray(0, chunk.byteLength);
            memory.fill(0xff);
          }
        }
        let text = "";
        for await (const piece of encodedChunks(source())) text += ascii(piece);
        expect(text).toBe(naive(Buffer.concat(chunks)));
      }),
    );
  });
});
