import { expect, it } from "vitest";
import { echo, imageType } from "../upscaler.js";

const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");

it.each([
  ["\x89PNG\r\n\x1a\n", "image/png"],
  ["\x89PNG\r\n\x1a\nmore and more and more", "image/png"],
  ["\x89PNG\n\n\n\n", undefined],
  [" \x89PNG\r\n\x1a\n", undefined],
  ["\xff\xd8\xff\xe0", "image/jpeg"],
  ["\xff\xd8\x00", undefined],
  ["x\xff\xd8\xff", undefined],
  ["GIF89a", "image/gif"],
  ["GIF87a", "image/gif"],
  ["xGIF89a", undefined],
  ["RIFF\0\0\0\0WEBPVP8 ", "image/webp"],
  ["RIFF\0\0\0\0WAVEfmt ", undefined],
  ["RIFX\0\0\0\0WEBPVP8 ", undefined],
  ["RIFF\0\0\0WEBPVP8 ", undefined],
  ["II*\0", "image/tiff"],
  ["MM\0*", "image/tiff"],
  ["MM*\0", undefined],
  ["xII*\0", undefined],
  ["xMM\0*", undefined],
  ["\0\0\0\x1cftypavifmore", "image/avif"],
  ["\0\0\0\x1cftypheicmore", undefined],
  ["ftypavif", undefined],
  ["<svg/>", undefined],
  ["", undefined],
])("takes what begins with %j for %s", (head, type) => {
  expect(imageType(bytes(head))).toBe(type);
});

it("looks at the bytes given, not at what lies around them", () => {
  const around = bytes("GIF89a\xff\xd8\xff");
  expect(imageType(around.subarray(6))).toBe("image/jpeg");
  expect(imageType(bytes("\0\0\0\x1cftypavif").subarray(0, 11))).toBeUndefined();
});

it("echo gives back what is an image, and nothing else", async () => {
  const image = bytes("GIF89a");
  const sliders = { sharpen: 0, smart_grain: 0, ultra_detail: 0 };
  expect(await echo(image, sliders)).toEqual({ bytes: image, type: "image/gif" });
  await expect(echo(bytes("<svg/>"), sliders)).rejects.toThrow("not an image");
});
