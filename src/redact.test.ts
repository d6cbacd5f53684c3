import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { redactText, safeCause } from "./redact.js";

describe("redactText", () => {
  it("takes secrets out in each of their forms", () => {
    expect(redactText('a key"1/2 b key%221%2F2 c key\\"1/2', ['key"1/2'])).toBe("a [key] b [key] c [key]");
    expect(redactText("nothing", [""])).toBe("nothing");
  });

  it("takes data out and leaves ids", () => {
    const id = "046b6c7f-0b8a-43b9-b35d-6489e6daee91";
    expect(redactText(`image ${"QUJD".repeat(40)}== of ${id}`, [])).toBe(`image [data] of ${id}`);
  });

  it("bounds the length", () => expect(redactText("word ".repeat(1_000), []).length).toBe(501));
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
    expect(safe).toMatchObject({
      name: "TypeError",
      message: "fetch failed",
      cause: { message: "write EPIPE [key]", code: "EPIPE", syscall: "write" },
    });
  });

  it("makes something of everything that can be thrown", () => {
    const circle = new Error("circle") as Error & { cause: unknown };
    circle.cause = circle;
    expect(safeCause(undefined, [])).toBeUndefined();
    expect(safeCause("text", [])?.message).toBe("text");
    expect(safeCause(7, [])?.message).toBe("a number");
    expect(safeCause({ message: 7 }, [])?.message).toBe("");
    expect(inspect(safeCause(circle, []), { depth: null }).match(/circle/g)?.length).toBeLessThan(20);
  });
});
