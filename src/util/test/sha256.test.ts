import { createHash } from "node:crypto";
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type Sha256, sha256 } from "../sha256.js";

afterEach(() => vi.unstubAllGlobals());

for (const [where, prepare] of [
  ["of the runtime", () => undefined],
  ["of our own, where the runtime has none", () => vi.stubGlobal("process", {})],
] as const)
  describe(`the hash ${where}`, () => {
    const make = (): Sha256 => {
      prepare();
      const hash = sha256();
      vi.unstubAllGlobals();
      return hash;
    };

    it("is SHA-256, however the bytes are cut into pieces", () => {
      fc.assert(
        fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 6 }), (pieces) => {
          const hash = make();
          for (const piece of pieces) hash.update(piece);
          expect(hash.hex()).toBe(createHash("sha256").update(Buffer.concat(pieces)).digest("hex"));
        }),
      );
    });

    it("is right at every length around a block", () => {
      for (let length = 0; length < 200; length++) {
        const bytes = Uint8Array.from({ length }, (_, i) => i * 7);
        const hash = make();
        hash.update(bytes);
        expect(hash.hex(), `${length} bytes`).toBe(createHash("sha256").update(bytes).digest("hex"));
      }
    });
  });
