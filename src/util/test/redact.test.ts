import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { ConfigurationError } from "../../errors/request-errors.js";
import { redactText, safeCause } from "../redact.js";

describe("redactText", () => {
  it("takes secrets out in each of their forms", () => {
    expect(redactText('a key"1/2 b key%221%2F2 c key\\"1/2', ['key"1/2'])).toBe("a [key] b [key] c [key]");
    expect(redactText("nothing", [""])).toBe("nothing");
  });

  it("takes data out and leaves ids", () => {
    const id = "046b6c7f-0b8a-43b9-b35d-6489e6daee91";
    expect(redactText(`image ${"QUJD".repeat(40)}== of ${id}`, [])).toBe(`image [data] of ${id}`);
  });

  it("takes data for data from 100 letters on, with its padding, in both alphabets", () => {
    expect(redactText(`${"a".repeat(99)} b`, [])).toBe(`${"a".repeat(99)} b`);
    for (const padding of ["", "=", "=="])
      expect(redactText(`<${"aZ09+/".repeat(17)}${padding}>`, [])).toBe("<[data]>");
    expect(redactText(`<${"a".repeat(100)}===>`, [])).toBe("<[data]=>");
    expect(redactText(`<${"a".repeat(100)}> <${"b".repeat(100)}>`, [])).toBe("<[data]> <[data]>");
    expect(redactText(`<${"aZ09-_".repeat(17)}=>`, [])).toBe("<[data]>");
  });

  it("bounds the length", () => {
    expect(redactText("word ".repeat(1_000), []).length).toBe(501);
    expect(redactText("word ".repeat(100), [])).toBe("word ".repeat(100));
  });
});

describe("safeCause", () => {
  it("keeps names, messages, codes and causes, and nothing that hangs on them", () => {
    const inner = Object.assign(new Error("write EPIPE key-1"), {
      code: "EPIPE",
      syscall: "write",
      request: { headers: "key-1" },
    });
    const outer = Object.assign(new TypeError("fetch failed", { cause: inner }), { init: { body: "image" } });
    const safe = safeCause(outer, ["key-1"]);
    expect(inspect(safe, { depth: null, showHidden: true })).not.toMatch(/key-1|init|headers|redact\.ts/);
    expect(safe?.stack).toBe("TypeError: fetch failed");
    expect(safe).toMatchObject({
      name: "TypeError",
      message: "fetch failed",
      cause: { message: "write EPIPE [key]", code: "EPIPE", syscall: "write" },
    });
  });

  it("leaves out the address that the message of an error of this client ends with, as others put it into theirs", () => {
    expect(safeCause(new ConfigurationError("no key"), [])?.message).toBe("no key");
  });

  it("keeps six causes in a row, and no more", () => {
    let error = new Error("0");
    for (let n = 1; n < 10; n++) error = new Error(String(n), { cause: error });
    const seen: string[] = [];
    for (let at = safeCause(error, []); at !== undefined; at = at.cause as Error | undefined) seen.push(at.message);
    expect(seen).toEqual(["9", "8", "7", "6", "5", "4"]);
  });

  it("takes no name, code or syscall that is not text, and invents none", () => {
    const odd = Object.assign(new Error("odd"), { code: 7, syscall: {} });
    Object.defineProperty(odd, "name", { value: 7 });
    const safe = safeCause(odd, []);
    expect([safe?.name, Object.keys(safe ?? {})]).toEqual(["Error", []]);
    expect(safe).not.toHaveProperty("cause");
    expect(safeCause("text", [])).not.toHaveProperty("code");
  });

  it("redacts names, codes and syscalls too", () => {
    const error = Object.assign(new Error("x"), { name: "key-1", code: "E key-1", syscall: "write key-1" });
    expect(safeCause(error, ["key-1"])).toMatchObject({ name: "[key]", code: "E [key]", syscall: "write [key]" });
  });

  it("makes something of everything that can be thrown", () => {
    const circle = new Error("circle") as Error & { cause: unknown };
    circle.cause = circle;
    expect(safeCause(undefined, [])).toBeUndefined();
    expect(safeCause(null, [])).toBeUndefined();
    expect(safeCause("text", [])?.message).toBe("text");
    expect(safeCause(7, [])?.message).toBe("a number");
    expect(safeCause({ message: 7 }, [])?.message).toBe("");
    expect(inspect(safeCause(circle, []), { depth: null }).match(/circle/g)?.length).toBeLessThan(20);
  });
});
