import { describe, expect, it } from "vitest";
import { HEAD_LENGTH, imageType } from "../image-type.js";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const PNG = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** Of no format, and no text. */
const STRANGE = Uint8Array.from([0xff, 0x0a, ...new Array(30).fill(0)]);
const UNKNOWN = { instead: "an unknown format" };

describe("imageType", () => {
  it("believes the bytes, not what is declared", () => {
    for (const declared of ["image/jpeg", "text/html", "image/jxl", null])
      expect(imageType(PNG, declared)).toEqual({ type: "image/png", format: "png" });
  });

  it.each<[string, Uint8Array]>([
    ["HTML, often an error page", bytesOf("<!doctype html><p>Sorry")],
    ["XML or SVG", bytesOf('<?xml version="1.0"?><Error/>')],
    ["JSON, often an error message", bytesOf('{"message":"gone"}')],
    ["a PDF", bytesOf("%PDF-1.7")],
    ["a data: URI", bytesOf("data:image/png;base64,AAAA")],
    ["base64 text", bytesOf(Buffer.from([...PNG, ...PNG, ...PNG]).toString("base64"))],
    ["text", bytesOf("not here")],
    ["an unknown format", Uint8Array.from([0, 1, 2, 3])],
  ])("says %s", (instead, bytes) => {
    expect(imageType(bytes, "image/png")).toEqual({ instead });
    expect(imageType(bytes, null)).toEqual({ instead });
  });

  it("believes a declared image type that it does not know", () => {
    for (const [declared, type] of [
      ["image/jxl", "image/jxl"],
      [" Image/JXL ; q=1", "image/jxl"],
      ["image/vnd.x+y-z.2", "image/vnd.x+y-z.2"],
    ] as const)
      expect(imageType(STRANGE, declared)).toEqual({ type });
    for (const declared of ["", "image/", "ximage/jxl", "image/jxl/x", "image/j l", "video/mp4", ";image/jxl"])
      expect(imageType(STRANGE, declared)).toEqual(UNKNOWN);
    expect(imageType(STRANGE, null)).toEqual(UNKNOWN);
  });

  it.each(["png", "jpeg", "webp", "gif", "bmp", "tiff", "avif", "heic"])(
    "does not believe image/%s, which it would have known",
    (format) => {
      expect(imageType(STRANGE, `image/${format}`)).toEqual(UNKNOWN);
    },
  );

  it("does not believe that a text is an image", () => {
    expect(imageType(bytesOf("not here"), "image/jxl")).toEqual({ instead: "text" });
  });

  it("looks at the first bytes only", () => {
    const bytes = Uint8Array.from([...new Array(HEAD_LENGTH).fill(0x61), 0, 0]);
    expect(imageType(bytes, null)).toEqual({ instead: "text" });
    expect(imageType(bytes.subarray(1), null)).toEqual(UNKNOWN);
  });
});
