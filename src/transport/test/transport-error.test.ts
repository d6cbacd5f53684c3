import { expect, it } from "vitest";
import { asTransportError, TransportError } from "../transport-error.js";

it("an error of this kind stays what it is", () => {
  const error = new TransportError("E", false, "no");
  expect(asTransportError(error, true)).toBe(error);
  expect([error.name, error instanceof TypeError, "cause" in error]).toEqual(["TransportError", true, false]);
});

it.each<[unknown, string, string]>([
  [Object.assign(new Error("reset"), { code: "ECONNRESET" }), "ECONNRESET", "reset"],
  [new Error("odd"), "ERR_TRANSPORT", "odd"],
  [Object.assign(new Error("odd"), { code: 5 }), "ERR_TRANSPORT", "odd"],
  [{ code: "E_PLAIN" }, "E_PLAIN", "[object Object]"],
  ["text", "ERR_TRANSPORT", "text"],
  [null, "ERR_TRANSPORT", "null"],
])("%s is wrapped with code %s", (cause, code, message) => {
  for (const connected of [true, false])
    expect(asTransportError(cause, connected)).toMatchObject({ code, message, connected, cause });
});
