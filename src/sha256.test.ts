import { createHash } from "node:crypto";
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { portableSha256, sha256, sha256OfText } from "./sha256.js";

afterEach(() => vi.unstubAllGlobals());

describe("SHA-256", () => {
  it("in plain JavaScript is that of the platform, however the data is cut", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), fc.array(fc.nat(200), { maxLength: 6 }), (bytes, cuts) => {
        const hash = portableSha256();
        let at = 0;
        for (const cut of cuts) {
          hash.update(bytes.subarray(at, at + cut));
          at += cut;
        }
        hash.update(bytes.subarray(at));
        expect(hash.hex()).toBe(createHash("sha256").update(bytes).digest("hex"));
      }),
    );
  });

  it("is the same where the platform has none to offer", () => {
    const here = sha256OfText("abc");
    expect(here).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    vi.stubGlobal("process", {});
    expect(sha256OfText("abc")).toBe(here);
    expect(sha256().hex()).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  });
});
