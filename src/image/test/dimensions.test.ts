/** Width and height of each format, from headers that hold each of its variants, and of those that hold none. */
import { describe, expect, it } from "vitest";
import { dimensionsOf } from "../scanner.js";
import type { ImageFormat } from "../sniff.js";

/** Bytes of numbers and texts, behind some that are none of them: a header is mostly a view into something larger. */
function bytes(...parts: readonly (number | string | readonly number[])[]): Uint8Array {
  const all = parts.flatMap((part) => (typeof part === "string" ? [...Buffer.from(part, "latin1")] : part));
  return new Uint8Array([1, 2, 3, ...all]).subarray(3);
}
const zeros = (count: number): number[] => new Array(count).fill(0);
const le16 = (value: number): number[] => [value & 255, value >> 8];
const be16 = (value: number): number[] => [value >> 8, value & 255];
const le32 = (value: number): number[] => [...le16(value & 0xffff), ...le16(value >>> 16)];
const be32 = (value: number): number[] => [...be16(value >>> 16), ...be16(value & 0xffff)];

const WIDTH = 0x0102;
const HEIGHT = 0x0304;

const png = (type: string, width: number, height: number): Uint8Array =>
  bytes(zeros(12), type, be32(width), be32(height));
const core = bytes("BM", zeros(12), le32(12), le16(WIDTH), le16(HEIGHT), zeros(4));
const bmp = (width: number, height: number): Uint8Array => bytes("BM", zeros(12), le32(40), le32(width), le32(height));

const SIZE = [...be16(HEIGHT), ...be16(WIDTH)];
const frame = (marker = 0xc0): number[] => [0xff, marker, 0, 11, 8, ...SIZE];
/** A segment whose inside reads as another size, were it taken for a frame header. */
const segment = (marker: number): number[] => [0xff, marker, ...be16(8), 8, 0, 1, 0, 1, 9];
const jpeg = (...parts: readonly (readonly number[])[]): Uint8Array => bytes([0xff, 0xd8], ...parts);

const webp = (type: string, ...parts: readonly (readonly number[])[]): Uint8Array =>
  bytes("RIFF", zeros(4), "WEBP", type, ...parts, zeros(10));

type Entry = readonly [tag: number, type: 3 | 4, value: number];
function tiff(little: boolean, entries: readonly Entry[], count = entries.length): Uint8Array {
  const [two, four] = little ? [le16, le32] : [be16, be32];
  const directory = entries.flatMap(([tag, type, value]) => [
    ...two(tag),
    ...two(type),
    ...four(1),
    ...(type === 3 ? [...two(value), 0xff, 0xff] : four(value)),
  ]);
  return bytes(little ? "II*\0" : "MM\0*", four(12), zeros(4), two(count), directory);
}
const BOTH: readonly Entry[] = [
  [256, 3, WIDTH],
  [257, 3, HEIGHT],
];

const FOUND: readonly (readonly [string, ImageFormat, Uint8Array, width?: number, height?: number])[] = [
  ["PNG", "png", png("IHDR", 0x01020304, 0x05060708), 0x01020304, 0x05060708],
  ["GIF", "gif", bytes("GIF89a", le16(WIDTH), le16(HEIGHT), zeros(3))],
  ["BMP with the oldest header", "bmp", core],
  ["BMP", "bmp", bmp(0x01020304, 0x05060708), 0x01020304, 0x05060708],
  ["BMP, rows top down", "bmp", bmp(WIDTH, -HEIGHT)],
  ...[0xc0, 0xc1, 0xc2, 0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf].map(
    (marker) => [`JPEG with the frame ${marker.toString(16)}`, "jpeg", jpeg(frame(marker))] as const,
  ),
  ...[0x02, 0xbf, 0xc4, 0xc8, 0xcc, 0xdb, 0xdd, 0xe0, 0xfe].map(
    (marker) => [`JPEG with the segment ${marker.toString(16)}`, "jpeg", jpeg(segment(marker), frame())] as const,
  ),
  ...[0x01, 0xd0, 0xd1, 0xd6, 0xd7].map(
    (marker) =>
      [`JPEG with ${marker.toString(16)}, which has no length`, "jpeg", jpeg([0xff, marker], frame())] as const,
  ),
  ["JPEG with bytes that fill", "jpeg", jpeg([0xff, 0xff], segment(0xe0), [0xff], frame())],
  ["JPEG with a segment that says to be shorter than its length", "jpeg", jpeg([0xff, 0xe0, 0, 0], frame())],
  ["lossy WebP, scaled", "webp", webp("VP8 ", zeros(10), le16(WIDTH | 0x4000), le16(HEIGHT | 0x8000))],
  [
    "TIFF with long values, other tags and another order",
    "tiff",
    tiff(true, [
      [255, 4, 7],
      [257, 4, 70_000],
      [258, 3, 8],
      [256, 4, 80_000],
    ]),
    80_000,
    70_000,
  ],
  ["TIFF whose directory ends before what follows", "tiff", tiff(true, [...BOTH, [256, 3, 9], [257, 3, 9]], 2)],
];

const NOT_FOUND: readonly (readonly [string, ImageFormat, Uint8Array])[] = [
  ["PNG that begins with another chunk", "png", png("CgBI", WIDTH, HEIGHT)],
  ["PNG of no width", "png", png("IHDR", 0, HEIGHT)],
  ["PNG of no height", "png", png("IHDR", WIDTH, 0)],
  ["BMP of negative width", "bmp", bmp(-WIDTH, HEIGHT)],
  ["JPEG that ends before its frame", "jpeg", jpeg([0xff, 0xd9, 0, 2], frame())],
  ["JPEG of segments alone", "jpeg", jpeg(segment(0xe0), segment(0xe1))],
  ["WebP of an unknown kind", "webp", webp("VP8Z", zeros(16), le16(WIDTH), le16(HEIGHT))],
  ["TIFF without a width", "tiff", tiff(true, [[257, 3, HEIGHT]])],
  ["TIFF without a height", "tiff", tiff(true, [[256, 3, WIDTH]])],
];

describe("dimensions", () => {
  for (const [name, format, head, width = WIDTH, height = HEIGHT] of FOUND)
    it(`of a ${name} are read, and a shorter header tells the same or nothing`, () => {
      expect(dimensionsOf(format, head)).toEqual({ width, height });
      for (let length = 0; length < head.byteLength; length++)
        expect([undefined, { width, height }]).toContainEqual(dimensionsOf(format, head.subarray(0, length)));
    });

  it.each(NOT_FOUND)("are not invented for a %s", (_name, format, head) =>
    expect(dimensionsOf(format, head)).toBeUndefined(),
  );
});

/** @param size What the box says of itself; its true size by default. */
const box = (type: string, inside: readonly number[], size: number = 8 + inside.length): number[] => [
  ...be32(size),
  ...Buffer.from(type, "latin1"),
  ...inside,
];
const ispe = (width: number, height: number): number[] => box("ispe", [...zeros(4), ...be32(width), ...be32(height)]);
const meta = (inside: readonly number[], size?: number): number[] => box("meta", [...zeros(4), ...inside], size);
const properties = (inside: readonly number[]): number[] => box("iprp", box("ipco", inside));
const WHOLE = ispe(300, 200);

const FOUND_IN_BOXES: Readonly<Record<string, readonly number[]>> = {
  "in their containers, behind other boxes": [...box("free", []), ...meta(properties(WHOLE))],
  "as the largest by area": meta(properties([...ispe(400, 100), ...WHOLE, ...ispe(100, 400), ...ispe(200, 300)])),
  "in a box that is longer than what is there": meta(properties(WHOLE), 1_000_000),
  "behind a container": [...meta([]), ...WHOLE],
  "before a truncated box": [...WHOLE, 0, 0, 0, 20, 0x69, 0x73, 0x70],
  "behind a box of 64 bits": [...box("free", [...zeros(4), ...be32(17), 9], 1), ...WHOLE],
};
const NOT_FOUND_IN_BOXES: Readonly<Record<string, readonly number[]>> = {
  "in boxes of other kinds": box("mdat", WHOLE),
  "in a container that ends inside them": meta(WHOLE, 28),
  "where they are too short": [...box("ispe", [0, 0, 0, 0, 0, 0, 1, 44]), ...box("free", [1, 2, 3, 4])],
  "behind a size that could never end": [...box("free", [], 7), 0, ...WHOLE],
  "behind a box up to the end": [...box("free", [], 0), ...WHOLE],
};

describe("the dimensions of an AVIF or HEIC", () => {
  it.each(Object.entries(FOUND_IN_BOXES))("are found %s", (_name, boxes) =>
    expect(dimensionsOf("heic", bytes(boxes))).toEqual({ width: 300, height: 200 }),
  );
  it.each(Object.entries(NOT_FOUND_IN_BOXES))("are not found %s", (_name, boxes) =>
    expect(dimensionsOf("heic", bytes(boxes))).toBeUndefined(),
  );
});
