import { createHash } from "node:crypto";
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { portableSha256, sha256, sha256Of } from "../sha256.js";

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

  it("in plain JavaScript is right for every length around the end of a block", () => {
    for (let size = 0; size <= 130; size++) {
      const bytes = Uint8Array.from({ length: size }, (_, at) => at * 7);
      const whole = portableSha256();
      whole.update(bytes);
      const inTwo = portableSha256();
      inTwo.update(bytes.subarray(0, 60));
      inTwo.update(bytes.subarray(60));
      const expected = createHash("sha256").update(bytes).digest("hex");
      expect([whole.hex(), inTwo.hex()], String(size)).toEqual([expected, expected]);
    }
  });

  it("of pieces is the platform's where there is one", () => {
    const hash = sha256();
    hash.update(new TextEncoder().encode("a"));
    hash.update(new TextEncoder().encode("bc"));
    expect(hash.hex()).toBe(sha256Of("abc"));
    expect(sha256Of(new TextEncoder().encode("abc"))).toBe(sha256Of("abc"));
  });

  it("uses the platform's, which is many times faster than our own", () => {
    const asked: string[] = [];
    const hash = { update: () => asked.push("update"), digest: () => "digest" };
    const createHash = (name: string): typeof hash => {
      asked.push(name);
      return hash;
    };
    const crypto = { createHash, hash: () => "at once" };
    vi.stubGlobal("process", { getBuiltinModule: (name: string) => (name === "node:crypto" ? crypto : undefined) });
    expect(sha256Of("abc")).toBe("at once");
    const own = sha256();
    own.update(new Uint8Array(1));
    expect([own.hex(), asked]).toEqual(["digest", ["sha256", "update"]]);
    vi.stubGlobal("process", { getBuiltinModule: () => ({ createHash }) });
    expect(sha256Of("abc")).toBe("digest");
  });

  it("is the same where the platform has none to offer", () => {
    const here = sha256Of("abc");
    expect(here).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    vi.stubGlobal("process", {});
    expect(sha256Of("abc")).toBe(here);
    expect(sha256Of(new TextEncoder().encode("abc"))).toBe(here);
    expect(sha256().hex()).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  });
});
