import { describe, expect, it } from "vitest";
import { classifyResponse, NOTHING_YET, type Progress, rangeHeaders } from "../classify-response.js";

const NOW = Date.UTC(2025, 9, 18, 0, 59, 14);
const ETAG = '"v1"';
/** 100 of 300 bytes are here. */
const SOME: Progress = { received: 100, etag: ETAG, total: 300 };

const read = (
  status: number,
  headers: Record<string, string> = {},
  progress: Progress = NOTHING_YET,
  asked = progress !== NOTHING_YET,
) => classifyResponse({ status, headers: new Headers(headers) }, progress, asked, NOW);

describe("rangeHeaders", () => {
  it("ask for the rest only where some came and its ETag is strong", () => {
    expect(rangeHeaders(NOTHING_YET)).toEqual({});
    expect(rangeHeaders({ received: 0, etag: ETAG, total: 300 })).toEqual({});
    expect(rangeHeaders({ received: 100, etag: undefined, total: 300 })).toEqual({});
    expect(rangeHeaders(SOME)).toEqual({ range: "bytes=100-", "if-range": ETAG });
  });
});

describe("a 200", () => {
  const whole = { kind: "content", fresh: true, skip: 0, etag: undefined, total: undefined };

  it("is the content from its start", () => {
    expect(read(200)).toEqual(whole);
    expect(read(200, { etag: ETAG, "content-length": "300" })).toEqual({ ...whole, etag: ETAG, total: 300 });
    // Nothing came before, so nothing can be the same.
    expect(read(200, { etag: ETAG }, { ...SOME, received: 0 })).toEqual({ ...whole, etag: ETAG });
  });

  it("to a wish for the rest is the same content under the same strong ETag only", () => {
    const length = { "content-length": "300" };
    expect(read(200, { etag: ETAG, ...length }, SOME)).toEqual({
      kind: "content",
      fresh: false,
      skip: 100,
      etag: ETAG,
      total: 300,
    });
    expect(read(200, { etag: '"v2"' }, SOME)).toEqual({ ...whole, etag: '"v2"' });
    expect(read(200, {}, SOME)).toEqual(whole);
    expect(read(200, {}, { ...SOME, etag: undefined })).toEqual(whole);
    expect(read(200, { etag: 'W/"v1"' }, { ...SOME, etag: 'W/"v1"' })).toEqual(whole);
  });

  it.each([
    ["gzip", false],
    ["Identity", true],
    [" identity ", true],
    ["", true],
    ["identity, gzip", false],
  ])("with the content coding %j tells length and ETag: %s", (coding, tells) => {
    const headers = { etag: ETAG, "content-length": "300", "content-encoding": coding };
    expect(read(200, headers)).toEqual(tells ? { ...whole, etag: ETAG, total: 300 } : whole);
  });

  it("takes blanks alone for no coding", () => {
    const headers = { get: (name: string) => ({ "content-encoding": "  ", "content-length": "7" })[name] ?? null };
    expect(classifyResponse({ status: 200, headers: headers as Headers }, NOTHING_YET, false, NOW)).toMatchObject({
      total: 7,
    });
    const padded = { get: (name: string) => ({ "content-encoding": " Identity ", etag: ETAG })[name] ?? null };
    expect(classifyResponse({ status: 200, headers: padded as Headers }, NOTHING_YET, false, NOW)).toMatchObject({
      etag: ETAG,
    });
  });

  it.each(["", "x12", "12x", "-1", "1.5", "1e3", "1234567890123456"])("with the length %j states none", (length) => {
    expect(read(200, { "content-length": length })).toEqual(whole);
  });

  it("with a length of up to 15 digits states it", () => {
    expect(read(200, { "content-length": "123456789012345" })).toMatchObject({ total: 123456789012345 });
    expect(read(200, { "content-length": "0" })).toMatchObject({ total: 0 });
  });
});

describe("a 206", () => {
  const rest = { kind: "content", fresh: false, skip: 0, etag: ETAG, total: 300 };
  const other = { kind: "retry", restart: true, reason: "the server sent another part than was requested" };

  it.each<[string, Record<string, string>, Progress, object]>([
    ["the rest", { "content-range": "bytes 100-299/300", etag: ETAG }, SOME, rest],
    ["the rest without an ETag", { "content-range": "bytes 100-299/300" }, SOME, rest],
    ["the rest in capitals", { "content-range": "Bytes 100-299/300" }, SOME, rest],
    ["the rest of it knows not what", { "content-range": "bytes 100-150/*" }, SOME, rest],
    ["the rest of what had no length", { "content-range": "bytes 100-299/300" }, { ...SOME, total: undefined }, rest],
    [
      "the rest of what has no length at all",
      { "content-range": "bytes 100-150/*" },
      { ...SOME, total: undefined },
      { ...rest, total: undefined },
    ],
    ["another ETag", { "content-range": "bytes 100-299/300", etag: '"v2"' }, SOME, other],
    ["another start", { "content-range": "bytes 99-299/300" }, SOME, other],
    ["another total", { "content-range": "bytes 100-300/301" }, SOME, other],
    ["an end before the end", { "content-range": "bytes 100-298/300" }, SOME, other],
    ["no range", {}, SOME, other],
    ["something before the range", { "content-range": "x bytes 100-299/300" }, SOME, other],
    ["something after the range", { "content-range": "bytes 100-299/300 x" }, SOME, other],
    ["another unit", { "content-range": "rows 100-299/300" }, SOME, other],
    ["no end", { "content-range": "bytes 100-/300" }, SOME, other],
  ])("with %s", (_name, headers, progress, expected) => {
    expect(read(206, headers, progress)).toEqual(expected);
  });

  it("that was not asked for is refused", () => {
    expect(read(206, { "content-range": "bytes 0-299/300" })).toEqual({
      kind: "refused",
      reason: "the server responded with 206",
    });
  });
});

describe("another response", () => {
  it("416 voids what came, where a part was asked for", () => {
    expect(read(416, {}, SOME)).toEqual({ kind: "retry", restart: true, reason: "the server has no such part" });
    expect(read(416)).toEqual({ kind: "refused", reason: "the server responded with 416" });
  });

  it.each([408, 425, 429, 500, 502, 503, 504])("%i passes, and keeps what came", (status) => {
    const passing = { kind: "retry", restart: false, reason: `the server responded with ${status}` };
    expect(read(status, {}, SOME)).toEqual({ ...passing, delay: undefined });
    expect(read(status, { "retry-after": "2" })).toEqual({ ...passing, delay: 2000 });
    expect(read(status, { "retry-after": "Sat, 18 Oct 2025 00:59:21 GMT" })).toEqual({ ...passing, delay: 7000 });
  });

  it.each([201, 204, 400, 401, 403, 404, 410, 501])("%i is the last word", (status) => {
    expect(read(status, { "retry-after": "2" })).toEqual({
      kind: "refused",
      reason: `the server responded with ${status}`,
    });
  });
});
