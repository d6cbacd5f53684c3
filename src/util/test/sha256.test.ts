import { createHash } from "node:crypto";
import fc from "fast-check";
import { afterEach, expect, it, vi } from "vitest";
import { sha256 } from "../sha256.js";

afterEach(() => vi.unstubAllGlobals());

it.each([
  ["node:crypto", () => undefined],
  ["WebCrypto, where there is no node:crypto", () => vi.stubGlobal("process", {})],
])("the digest by %s is SHA-256, however the bytes are cut into pieces", async (_, prepare) => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(pieces, async (parts) => {
      prepare();
      const hash = sha256();
      vi.unstubAllGlobals();
      const expected = createHash("sha256").update(Buffer.concat(parts)).digest("hex");
      for (const part of parts) {
        hash.update(part);
        // The reader may use its buffer again.
        part.fill(0);
      }
      expect(await hash.hex()).toBe(expected);
    }),
  );
});
