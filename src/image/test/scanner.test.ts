/**
 * Complete or truncated, compared with a decoder: sharp, told to fail on truncated images, reads the same pixels as of the
 * whole image. (Of a truncated TIFF it fills pixels with black, without failing.) One case is decided differently: a PNG
 * that ends with its pixels, where no further chunk begins, is truncated for us, since cut between two chunks of pixels it
 * looks the same.
 */
import fc from "fast-check";
import sharp, { type Sharp } from "sharp";
import { expect, it } from "vitest";
import { settingsOf } from "../../options.js";
import { imageFaults } from "../checks.js";
import { ImageScanner } from "../scanner.js";
import { formatOf, type ImageFormat } from "../sniff.js";

function noise(length: number, seed = 7): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed;
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}

const picture = (channels: 1 | 3 | 4 = 3, width = 24, height = 20): Sharp =>
  sharp(noise(width * height * channels), { raw: { width, height, channels } });
const frames = (): Sharp =>
  sharp(noise(24 * 60 * 4), { raw: { width: 24, height: 60, channels: 4, pageHeight: 20 } as never });
const text = (of: string): Buffer => Buffer.from(of, "latin1");
const u32 = (value: number): Buffer => Buffer.from([value >>> 24, value >>> 16, value >>> 8, value]);

/** A JPEG with another in its metadata, end marker included. */
async function withThumbnail(make: Promise<Buffer>): Promise<Buffer> {
  const image = await make;
  const inside = Buffer.concat([text("Exif\0\0"), await picture(3, 16, 12).jpeg().toBuffer()]);
  const length = inside.byteLength + 2;
  return Buffer.concat([
    image.subarray(0, 2),
    Buffer.from([0xff, 0xe1, length >> 8, length & 255]),
    inside,
    image.subarray(2),
  ]);
}

/** A PNG with a chunk of text between its pixels and its end. */
async function withText(make: Promise<Buffer>): Promise<Buffer> {
  const image = await make;
  const chunk = Buffer.concat([u32(5), text("tEXta\0bcd"), u32(0x1234)]);
  return Buffer.concat([image.subarray(0, -12), chunk, image.subarray(-12)]);
}

/** A TIFF as many programs write it: directory, lists, and then two strips of pixels. */
function tiffWithPixelsLast(little: boolean): Buffer {
  const word = (...values: number[]): Buffer =>
    Buffer.concat(values.map((value) => (little ? u32(value).reverse() : u32(value))));
  const entry = (tag: number, type: 3 | 4, count: number, value: number): Buffer =>
    little
      ? Buffer.concat([Buffer.from([tag & 255, tag >> 8, type, 0]), word(count, value)])
      : Buffer.concat([Buffer.from([tag >> 8, tag & 255, 0, type]), word(count, type === 3 ? value * 65_536 : value)]);
  const short = ([256, 257, 258, 259, 262, 277, 278] as const).map((tag, n) =>
    entry(tag, 3, 1, [10, 8, 8, 1, 1, 1, 4][n] ?? 0),
  );
  const lists = 8 + 2 + 9 * 12 + 4;
  const entries = [...short.slice(0, 5), entry(273, 4, 2, lists), ...short.slice(5), entry(279, 4, 2, lists + 8)];
  const start = little
    ? Buffer.from("II*\0\x08\0\0\0\x09\0", "latin1")
    : Buffer.from("MM\0*\0\0\0\x08\0\x09", "latin1");
  return Buffer.concat([start, ...entries, word(0, lists + 16, lists + 56, 40, 40), noise(80)]);
}

/** An AVIF whose description stands last and extends to the end of the file, whatever its length. */
async function withDescriptionLast(make: Promise<Buffer>): Promise<Buffer> {
  const image = await make;
  const meta = image.readUInt32BE(0);
  const data = meta + image.readUInt32BE(meta);
  const description = Buffer.concat([u32(0), image.subarray(meta + 4, data)]);
  const place = description.indexOf(u32(data + 8));
  description.writeUInt32BE(meta + 8, place);
  return Buffer.concat([image.subarray(0, meta), image.subarray(data), description]);
}

const IMAGES: Readonly<Record<string, () => Promise<Buffer> | Buffer>> = {
  JPEG: () => picture().jpeg().toBuffer(),
  "progressive JPEG": () => picture().jpeg({ progressive: true }).toBuffer(),
  "grey JPEG": () => picture(1).jpeg().toBuffer(),
  "JPEG with other tables": () => picture().jpeg({ mozjpeg: true }).toBuffer(),
  "JPEG with a thumbnail": () => withThumbnail(picture().jpeg().toBuffer()),
  "progressive JPEG with a thumbnail": () => withThumbnail(picture().jpeg({ progressive: true }).toBuffer()),
  "JPEG with a profile": () => picture().jpeg().withIccProfile("p3").toBuffer(),
  PNG: () => picture().png().toBuffer(),
  "interlaced PNG": () => picture().png({ progressive: true }).toBuffer(),
  "PNG with a palette": () => picture().png({ palette: true }).toBuffer(),
  "PNG with several chunks of pixels": () => picture(4, 64, 64).png({ compressionLevel: 0 }).toBuffer(),
  "PNG with text behind its pixels": () => withText(picture().png().toBuffer()),
  "lossy WebP": () => picture().webp().toBuffer(),
  "lossless WebP": () => picture().webp({ lossless: true }).toBuffer(),
  "WebP with metadata": () =>
    picture(4)
      .webp()
      .withExif({ IFD0: { Artist: "a".repeat(51) } })
      .toBuffer(),
  "animated WebP": () =>
    frames()
      .webp({ delay: 100 } as never)
      .toBuffer(),
  GIF: () => picture().gif().toBuffer(),
  "animated GIF": () =>
    frames()
      .gif({ delay: 100 } as never)
      .toBuffer(),
  AVIF: () => picture().avif({ effort: 0 }).toBuffer(),
  "AVIF with transparency and metadata": () =>
    picture(4)
      .avif({ effort: 0 })
      .withExif({ IFD0: { Artist: "a".repeat(51) } })
      .toBuffer(),
  "AVIF with its description last": () => withDescriptionLast(picture().avif({ effort: 0 }).toBuffer()),
  "TIFF of JPEGs": () => picture().tiff().toBuffer(),
  TIFF: () => picture().tiff({ compression: "lzw" }).toBuffer(),
  "TIFF in tiles": () =>
    picture(3, 40, 40).tiff({ compression: "lzw", tile: true, tileWidth: 16, tileHeight: 16 }).toBuffer(),
  "TIFF with its pixels last": () => tiffWithPixelsLast(true),
  "TIFF with its pixels last, high byte first": () => tiffWithPixelsLast(false),
};

/** Images that were compared with the decoder. */
let compared = 0;

const BEHIND: Readonly<Record<string, Buffer>> = {
  "another picture (a multi-picture file)": Buffer.from("/9j/2Q==", "base64"),
  "a byte of padding": Buffer.alloc(1),
  "a block of padding": Buffer.alloc(512),
  "the video of a motion photo": Buffer.concat([u32(24), text("ftypmp42"), noise(300, 3)]),
  "something like more of it": Buffer.from([0xff, 0xd8, 0xff, 0xe1, 0x00]),
};

/** Where formats have their parts: markers of a JPEG, those of its thumbnail included, and chunks and boxes of the others. */
const PARTS =
  /\xff[\xc0-\xd9\xda-\xfe]|IHDR|PLTE|IDAT|tEXt|IEND|VP8[ LX]|ALPH|ANIM|ANMF|EXIF|meta|iloc|iprp|ispe|mdat|[\x21\x2c\x3b]/g;
const LONG = Boolean(process.env.LONG_TESTS);

/** Lengths to cut at: around the parts, in their lengths, and many in between; `LONG_TESTS=1`: each length. */
function cutsOf(image: Buffer): number[] {
  const { byteLength: length } = image;
  const shares = Array.from({ length: LONG ? length : 10 }, (_, n) =>
    Math.floor((length * (n + 1)) / (LONG ? length : 11)),
  );
  const ends = [40, 20, 13, 12, 11, 8, 5, 4, 3, 2, 1].map((left) => length - left);
  const parts = [...image.toString("latin1").matchAll(PARTS)].map(({ index }) => index);
  const near = parts.slice(0, 8).flatMap((at) => [at, at + 1, at + 3]);
  // The end of a thumbnail looks like the end of the image.
  const thumbnail = image.indexOf("\xff\xd9", 0, "latin1") + 2;
  const cuts = [16, 30, 57, thumbnail, ...near, ...shares, ...ends].filter((at) => at >= 16 && at < length);
  return [...new Set(cuts)];
}

function isComplete(bytes: Uint8Array, chunk = bytes.byteLength): boolean {
  const format = formatOf(bytes);
  if (format === undefined) throw new Error("not an image");
  const scanner = new ImageScanner(format);
  for (let at = 0; at < bytes.byteLength; at += chunk) scanner.push(bytes.subarray(at, at + chunk));
  return scanner.complete;
}

async function pixelsOf(bytes: Buffer): Promise<Buffer | undefined> {
  compared++;
  return sharp(bytes, { failOn: "truncated" })
    .raw()
    .toBuffer()
    .catch(() => undefined);
}

for (const [name, make] of Object.entries(IMAGES))
  it(`a ${name} is complete or truncated as a decoder says, wherever it is cut and whatever follows it`, async () => {
    const image = await make();
    // Width and height are those of the decoder, too.
    const scanner = new ImageScanner(formatOf(image) as ImageFormat);
    scanner.push(image);
    const { width, height } = await sharp(image).metadata();
    expect([scanner.dimensions, imageFaults(image, settingsOf({ apiKey: "key" }).image, undefined, scanner)]).toEqual([
      { width, height },
      [],
    ]);
    const pixels = (await pixelsOf(image)) ?? Buffer.alloc(0);
    const isRead = async (bytes: Buffer): Promise<boolean> => (await pixelsOf(bytes))?.equals(pixels) ?? false;
    // Nothing can follow what extends to the end of the file.
    const behind = name.endsWith("description last") ? {} : BEHIND;
    for (const [what, more] of Object.entries({ nothing: Buffer.alloc(0), ...behind })) {
      const all = Buffer.concat([image, more]);
      expect([what, isComplete(all), await isRead(all)]).toEqual([what, true, true]);
      // Cut in what follows it, the image is all there.
      expect([what, isComplete(all.subarray(0, all.byteLength - (more.byteLength >> 1)))]).toEqual([what, true]);
    }
    for (const length of cutsOf(image)) {
      const cut = image.subarray(0, length);
      const left = image.byteLength - length;
      // Whether the next chunk's header is cut off: the end's, or that of the text before it.
      const next = name.includes("text") ? 29 : 12;
      const withoutEnd = name.includes("PNG") && left <= next && left > next - 8;
      expect([left, isComplete(cut)]).toEqual([left, withoutEnd ? false : await isRead(cut)]);
    }
  });

it("these are at least 400 images", ({ skip }) => {
  // Where one test alone was asked for, the others compared nothing.
  if (compared === 0) skip();
  expect(compared).toBeGreaterThanOrEqual(400);
});

it("a GIF is complete with its first picture, whose trailer and further pictures may be missing", async () => {
  const image = await picture().gif().toBuffer();
  expect([isComplete(image.subarray(0, -1)), isComplete(image.subarray(0, -2))]).toEqual([true, false]);
});

it("a HEIC is complete with its description and its data, a BMP with its rows", () => {
  const box = (type: string, size: number, more = 0): Buffer =>
    Buffer.concat([u32(size), text(type), Buffer.alloc(more)]);
  const ftyp = Buffer.concat([u32(16), text("ftypheic\0\0\0\0")]);
  const meta = box("meta", 30, 22);
  const large = Buffer.concat([u32(1), text("mdat"), u32(0), u32(26), Buffer.alloc(10)]);
  for (const data of [box("mdat", 18, 10), large])
    for (const order of [
      [ftyp, meta, data],
      [ftyp, data, box("free", 8), meta],
    ]) {
      const image = Buffer.concat(order);
      expect([isComplete(image), isComplete(image.subarray(0, -1))]).toEqual([true, false]);
    }
  // 0: up to the end, wherever that is. Less than a box has can never end.
  expect(isComplete(Buffer.concat([ftyp, meta, box("mdat", 0, 3)]))).toBe(true);
  for (const size of [0, 7]) expect(isComplete(Buffer.concat([ftyp, meta, box("free", size), large]))).toBe(false);

  const bmp = (header: number, bits: number, coding: number): Buffer => {
    const bytes = Buffer.concat([text("BM"), Buffer.alloc(header + 12), Buffer.alloc(3 * 12)]);
    for (const [at, value] of [
      [10, header + 14],
      [14, header],
      [18, header === 12 ? 0x30003 : 3],
    ] as const)
      bytes.writeUInt32LE(value, at);
    if (header === 12) bytes.writeUInt16LE(bits, 24);
    else
      for (const [at, value] of [
        [22, -3],
        [28, bits],
        [30, coding],
      ] as const)
        bytes.writeInt32LE(value, at);
    return bytes;
  };
  for (const [header, coding] of [
    [12, 0],
    [40, 0],
    [40, 3],
    [108, 0],
  ] as const) {
    const image = bmp(header, 24, coding);
    expect([isComplete(image), isComplete(image.subarray(0, -1))]).toEqual([true, false]);
  }
  // How long run lengths are, nobody tells.
  expect(isComplete(bmp(40, 8, 1).subarray(0, 60))).toBe(true);
});

it("does not depend on how the bytes are divided, and never fails or hangs on nonsense", async () => {
  const images = await Promise.all(Object.values(IMAGES).map((make) => make()));
  fc.assert(
    fc.property(fc.nat(images.length - 1), fc.integer({ min: 1, max: 40 }), fc.nat(), (which, chunk, cut) => {
      const image = images[which] as Buffer;
      const part = image.subarray(0, 16 + (cut % image.byteLength));
      expect(isComplete(part, chunk)).toBe(isComplete(part));
    }),
    { numRuns: 200 },
  );
  fc.assert(
    fc.property(fc.nat(images.length - 1), fc.uint8Array({ maxLength: 400 }), (which, rest) => {
      const nonsense = Buffer.concat([(images[which] as Buffer).subarray(0, 12), rest]);
      expect(typeof isComplete(nonsense)).toBe("boolean");
    }),
    { numRuns: 1_000 },
  );
});
