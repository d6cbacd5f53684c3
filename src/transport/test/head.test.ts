import { describe, expect, it } from "vitest";
import { TAKE } from "../../image/text-body.js";
import { announcedLength, hasNoBody, headersOf, REDIRECTS } from "../head.js";
import { LightRequest } from "../light-request.js";
import type { RequestBody } from "../request-body.js";

const NONE: RequestBody = { kind: "none" };
const requestOf = (headers: Record<string, string> = {}): LightRequest => new LightRequest("http://x/", { headers });
const ACCEPTS = ["accept", "*/*", "accept-encoding", "identity"];

it("redirects are those that would have a request sent again", () => {
  expect([...REDIRECTS]).toEqual([301, 302, 303, 307, 308]);
});

it("an answer has no body by its method or its status", () => {
  for (const [method, status] of [
    ["HEAD", 200],
    ["GET", 204],
    ["GET", 304],
  ] as const)
    expect([method, status, hasNoBody(method, status)]).toEqual([method, status, true]);
  for (const [method, status] of [
    ["GET", 200],
    ["POST", 200],
    ["GET", 404],
    ["", 205],
  ] as const)
    expect([method, status, hasNoBody(method, status)]).toEqual([method, status, false]);
});

describe("announcedLength", () => {
  it("of a body that is there is its own, in bytes, whatever the headers say", () => {
    const request = requestOf({ "content-length": "99" });
    expect(announcedLength(request, { kind: "whole", bytes: "é" })).toBe(2);
    expect(announcedLength(request, { kind: "whole", bytes: new Uint8Array(5) })).toBe(5);
  });

  it("of a body that comes is what the header says, where it is a length", () => {
    const text = { [TAKE]: () => "" } as never;
    const comes: RequestBody = { kind: "text", text };
    for (const [value, length] of [
      ["12", 12],
      ["0", 0],
      ["123456789012345", 123456789012345],
      ["1234567890123456", undefined],
      ["x12", undefined],
      ["12x", undefined],
      ["", undefined],
    ] as const)
      expect([value, announcedLength(requestOf({ "content-length": value, "x-length": "7" }), comes)]).toEqual([
        value,
        length,
      ]);
    expect(announcedLength(requestOf({ "x-length": "7" }), comes)).toBeUndefined();
  });
});

describe("headersOf", () => {
  it("adds what is missing, and only that", () => {
    expect(headersOf(requestOf(), NONE)).toEqual(ACCEPTS);
    expect(headersOf(requestOf({ accept: "image/*" }), NONE)).toEqual([
      "accept",
      "image/*",
      "accept-encoding",
      "identity",
    ]);
    expect(headersOf(requestOf({ "accept-encoding": "br" }), NONE)).toEqual(["accept-encoding", "br", "accept", "*/*"]);
  });

  it("says the body's type, unless the caller does", () => {
    const typed: RequestBody = { kind: "whole", bytes: "x", type: "text/plain" };
    expect(headersOf(requestOf(), typed)).toEqual([...ACCEPTS, "content-type", "text/plain"]);
    expect(headersOf(requestOf({ "content-type": "a/b" }), typed)).toEqual(["content-type", "a/b", ...ACCEPTS]);
    expect(headersOf(requestOf(), { kind: "whole", bytes: "x" })).toEqual(ACCEPTS);
  });

  it.each(["host", "connection", "content-length", "transfer-encoding", "keep-alive"])(
    "leaves %s to the transport",
    (name) => {
      expect(headersOf(requestOf({ [name]: "1", "x-key": "k" }), NONE)).toEqual(["x-key", "k", ...ACCEPTS]);
    },
  );
});
