/** What is found wrong with an image, at each limit and just beside it. */
import { describe, expect, it } from "vitest";
import { pngOf } from "../../test-support/png.js";
import { IMAGE_DEFAULTS, type ImageSettings, type ImageView, imageFaults } from "../checks.js";

const MIB = 1024 * 1024;
const TAIL = 16 * 1024;

const bytes = (text: string, length = text.length): Uint8Array => {
  const all = new Uint8Array(length);
  all.set(Buffer.from(text, "latin1"));
  return all;
};
const whole = (head: Uint8Array): ImageView => ({ head, whole: true, size: head.byteLength });
const said = (view: ImageView, settings: Partial<ImageSettings> = {}): string[] =>
  imageFaults(view, { ...IMAGE_DEFAULTS, ...settings }).map(({ rule, message }) => `${rule}: ${message}`);

const png = pngOf(1_000, 100, 50);

describe("bytes", () => {
  it("are counted, or what is there of them, and compared with the limit", () => {
    expect(said({ head: png, whole: true }, { maxBytes: 1_000 })).toEqual([]);
    expect(said({ head: png, whole: true }, { maxBytes: 999 })).toEqual([
      "max_bytes: is larger than 999 bytes (option `image.maxBytes`)",
    ]);
    expect(said(whole(png), { maxBytes: 999 })).toEqual([
      "max_bytes: has 1000 bytes, more than 999 bytes (option `image.maxBytes`)",
    ]);
    expect(said({ head: png, whole: false, size: 512 * MIB })).toEqual([]);
    expect(said({ head: png, whole: false, size: 512 * MIB + 1 }).length).toBe(1);
    expect(said({ head: png, whole: false, size: 512 * MIB + 1 }, { maxBytes: false })).toEqual([]);
  });

  it("that are none are told alone", () => expect(said(whole(bytes("")))).toEqual(["empty: is empty: 0 bytes"]));
});

describe("pixels", () => {
  it("are compared with the limit, where the header tells", () => {
    const of = (width: number, height: number, settings?: Partial<ImageSettings>): string[] =>
      said(whole(pngOf(1_000, width, height)), settings);
    expect(of(16_383, 16_383)).toEqual([]);
    expect(of(16_383, 16_384)).toEqual([
      "max_pixels: has 16383 × 16384 pixels, more than 268402689 (option `image.maxPixels`)",
    ]);
    expect(of(16_383, 16_384, { maxPixels: false })).toEqual([]);
    expect(of(100, 50, { maxPixels: 4_999 }).length).toBe(1);
    // Its frame header stands beyond what was read.
    expect(said({ head: bytes("\xff\xd8\xff\xe0\xff\xff", 1_000), whole: false }, { maxPixels: 1 })).toEqual([]);
  });
});

describe("a format", () => {
  it("that is none is refused unless that is switched off; an image encoded twice is refused in any case", () => {
    const odd = { base64: btoa(Buffer.from(png).toString("latin1")), data: "data:image/png;base64,", text: "text" };
    const rules = (text: string, format: boolean): string[] =>
      said(whole(bytes(text)), { format }).map((fault) => fault.replace(/:.*/, ""));
    expect(Object.values(odd).map((text) => rules(text, true))).toEqual([
      ["double_encoded"],
      ["double_encoded"],
      ["not_an_image"],
    ]);
    expect(Object.values(odd).map((text) => rules(text, false))).toEqual([["double_encoded"], ["double_encoded"], []]);
  });

  it("that is none is told together with too many bytes", () =>
    expect(said(whole(bytes("text")), { maxBytes: 3 }).map((fault) => fault.replace(/:.*/, ""))).toEqual([
      "max_bytes",
      "not_an_image",
    ]));
});

describe("an image that is cut off", () => {
  const cut = (view: ImageView): string[] => said(view).map((fault) => fault.replace("truncated: is cut off", "cut"));

  it("has fewer bytes than its format can have", () => {
    const LEAST: Readonly<Record<string, readonly [string, number]>> = {
      PNG: ["\x89PNG\r\n\x1a\n", 57],
      JPEG: ["\xff\xd8\xff", 100],
      WEBP: ["RIFF\0\0\0\0WEBP", 30],
      GIF: ["GIF89a", 14],
      BMP: [`BM${"\0".repeat(12)}\x28\0\0\0`, 26],
      TIFF: ["II*\0", 26],
      AVIF: ["\0\0\0\x10ftypavif", 100],
      HEIC: ["\0\0\0\x10ftypheic", 100],
    };
    for (const [name, [start, least]] of Object.entries(LEAST)) {
      const few = `cut: ${least - 1} bytes are too few for a ${name}`;
      expect(cut(whole(bytes(start, least - 1)))).toEqual([few]);
      expect(cut(whole(bytes(start, least)))).toEqual([`cut or broken: its ${name} header ends early`]);
      expect(cut({ head: bytes(start, least - 1), whole: false })).toEqual([]);
      expect(said(whole(bytes(start, least - 1)), { complete: false })).toEqual([]);
    }
  });

  const jpeg = bytes("\xff\xd8\xff\xc0\0\x0b\x08\0\x32\0\x64", 40_000);
  const FORMATS: readonly (readonly [string, Uint8Array, string, string])[] = [
    ["PNG", pngOf(40_000).fill(0, 39_000), "IEND\xaeB`\x82", "cut: the end marker of a PNG (IEND) is missing"],
    ["JPEG", jpeg, "\xff\xd9", "cut: the end marker of a JPEG (FF D9) is missing"],
  ];
  for (const [name, image, marker, missing] of FORMATS) {
    /** The image with its marker, and letters that begin like it, at a place counted from its end. */
    const withMarker = (fromEnd: number): Uint8Array => {
      const copy = image.slice();
      for (const at of [39_999, 39_990, 39_000]) copy[at] = marker.charCodeAt(0);
      copy.set(Buffer.from(marker, "latin1").subarray(0, fromEnd), copy.byteLength - fromEnd);
      return copy;
    };
    it(`is a ${name} without its end marker among its last bytes`, () => {
      expect(cut(whole(image))).toEqual([missing]);
      for (const fromEnd of [marker.length, marker.length + 1, 900, TAIL])
        expect(cut(whole(withMarker(fromEnd))), String(fromEnd)).toEqual([]);
      for (const fromEnd of [TAIL + 1, marker.length - 1])
        expect(cut(whole(withMarker(fromEnd))), String(fromEnd)).toEqual([missing]);
    });

    it(`is a ${name} whose tail, where there is one, has no end marker`, () => {
      const head = image.subarray(0, 1_000);
      const tail = withMarker(900).subarray(-2_000);
      expect(cut({ head, whole: false })).toEqual([]);
      expect(cut({ head, whole: false, tail })).toEqual([]);
      expect(cut({ head, whole: false, tail: new Uint8Array(2_000) })).toEqual([missing]);
      expect(cut({ head, whole: false, tail: new Uint8Array(0) })).toEqual([missing]);
    });
  }

  it("may have its end marker far before its end where it is small", () => {
    const image = pngOf(9_000);
    const padded = new Uint8Array(10_000);
    padded.set(pngOf(1_000));
    expect(cut(whole(padded))).toEqual([]);
    expect(cut(whole(image.fill(0, 8_000)))).toEqual(["cut: the end marker of a PNG (IEND) is missing"]);
  });

  it("is a WebP that has fewer bytes than it says", () => {
    // 0x01000064 + 8 bytes; a view into something larger, as a head may be.
    const webp = bytes(`xRIFF\x64\0\0\x01WEBPVP8 ${"\0".repeat(10)}\x10\0\x10\0`, 2_000).subarray(1);
    const says = 0x01000064 + 8;
    const view = (size?: number): ImageView => ({ head: webp, whole: false, tail: new Uint8Array(10), size });
    expect(cut(view(says))).toEqual([]);
    expect(cut(view(says - 1))).toEqual([`cut: it says to have ${says} bytes and has ${says - 1}`]);
    expect(cut(view())).toEqual([]);
    expect(cut({ head: webp, whole: false, size: 5_000 })).toEqual([]);
  });

  it("is nothing else: other formats have no end", () => {
    for (const start of [
      `GIF89a\x10\0\x10\0`,
      `BM${"\0".repeat(12)}\x28\0\0\0\x10\0\0\0\x10\0\0\0`,
      `II*\0\x08\0\0\0\x02\0\0\x01\x03\0\x01\0\0\0\x10\0\0\0\x01\x01\x03\0\x01\0\0\0\x10\0\0\0`,
    ])
      expect(cut(whole(bytes(start, 200)))).toEqual([]);
  });
});
