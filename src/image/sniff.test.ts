import { deflateSync } from "node:zlib";
import fc from "fast-check";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { IMAGE_DEFAULTS, imageFaults } from "./checks.js";
import { dimensionsOf } from "./dimensions.js";
import { type ImageFormat, sniff } from "./sniff.js";

const WIDTH = 321;
const HEIGHT = 123;
const picture = () => sharp({ create: { width: WIDTH, height: HEIGHT, channels: 3, background: "#369" } });

function bmp(width: number, height: number): Uint8Array {
  const bytes = new Uint8Array(54 + 100);
  const view = new DataView(bytes.buffer);
  bytes.set([0x42, 0x4d]);
  view.setUint32(14, 40, true);
  view.setInt32(18, width, true);
  view.setInt32(22, height, true);
  return bytes;
}

const icc = deflateSync(Buffer.alloc(100));
const SAMPLES: Readonly<Record<string, readonly [ImageFormat, () => Promise<Uint8Array>]>> = {
  PNG: ["png", () => picture().png().toBuffer()],
  JPEG: ["jpeg", () => picture().jpeg().toBuffer()],
  "progressive JPEG with metadata": [
    "jpeg",
    () =>
      picture()
        .jpeg({ progressive: true })
        .withExif({ IFD0: { Artist: "a".repeat(20_000) } })
        .toBuffer(),
  ],
  "lossy WebP": ["webp", () => picture().webp().toBuffer()],
  "lossless WebP": ["webp", () => picture().webp({ lossless: true }).toBuffer()],
  "WebP with metadata": [
    "webp",
    () =>
      picture()
        .webp()
        .withExif({ IFD0: { Artist: "a" } })
        .toBuffer(),
  ],
  GIF: ["gif", () => picture().gif().toBuffer()],
  TIFF: ["tiff", () => picture().tiff({ compression: "none" }).toBuffer()],
  AVIF: ["avif", () => picture().avif({ effort: 0 }).toBuffer()],
  BMP: ["bmp", async () => bmp(WIDTH, HEIGHT)],
  "BMP top down": ["bmp", async () => bmp(WIDTH, -HEIGHT)],
  HEIC: ["heic", async () => heic()],
};

describe("a real image", () => {
  it.each(Object.entries(SAMPLES))(
    "%s: format and size are told, and nothing is found wrong",
    async (_name, [format, make]) => {
      const head = new Uint8Array(await make());
      expect(sniff(head)).toEqual({ format });
      expect(dimensionsOf(format, head)).toEqual({ width: WIDTH, height: HEIGHT });
      expect(imageFaults({ head, whole: true, size: head.byteLength }, IMAGE_DEFAULTS)).toEqual([]);
    },
  );

  it("cut off anywhere is refused or, where that cannot be seen, sent; never an exception", async () => {
    for (const [format, make] of Object.values(SAMPLES)) {
      const bytes = new Uint8Array(await make());
      fc.assert(
        fc.property(fc.integer({ min: 1, max: bytes.byteLength - 1 }), (end) => {
          const head = bytes.subarray(0, end);
          const rules = imageFaults({ head, whole: true, size: end }, IMAGE_DEFAULTS).map(({ rule }) => rule);
          if (format === "png" || format === "jpeg") expect(rules.length).toBe(1);
          for (const rule of rules) expect(["truncated", "not_an_image"]).toContain(rule);
        }),
        { numRuns: 200 },
      );
    }
  });
});

describe("random bytes", () => {
  const magic = fc.constantFrom(
    "\x89PNG\r\n\x1a\n",
    "\xff\xd8\xff",
    "RIFF\0\0\0\0WEBPVP8X",
    "RIFF\0\0\0\0WEBPVP8 ",
    "RIFF\0\0\0\0WEBPVP8L",
    "GIF89a",
    "BM",
    "II*\0",
    "MM\0*",
    "\0\0\0\x18ftypavif",
    "\0\0\0\x18ftypmif1",
    "",
  );
  it("behind the first bytes of a format never fail or hang", () => {
    fc.assert(
      fc.property(magic, fc.uint8Array({ maxLength: 200 }), (start, rest) => {
        const head = new Uint8Array([...Buffer.from(start, "latin1"), ...rest]);
        for (const { rule, message } of imageFaults({ head, whole: true, size: head.byteLength }, IMAGE_DEFAULTS)) {
          expect(rule).toMatch(/^[a-z_]+$/);
          expect(message.length).toBeLessThan(200);
        }
      }),
      { numRuns: 3_000 },
    );
  });
});

/** The boxes of a HEIC as a camera writes them: tiles with a size of their own, and the whole. */
function heic(): Uint8Array {
  const box = (type: string, ...parts: Uint8Array[]): Uint8Array => {
    const inside = Buffer.concat(parts);
    const head = Buffer.alloc(8);
    head.writeUInt32BE(8 + inside.length);
    head.write(type, 4, "latin1");
    return Buffer.concat([head, inside]);
  };
  const ispe = (width: number, height: number): Uint8Array => {
    const facts = Buffer.alloc(12);
    facts.writeUInt32BE(width, 4);
    facts.writeUInt32BE(height, 8);
    return box("ispe", facts);
  };
  const ipco = box("ipco", ispe(64, 64), ispe(WIDTH, HEIGHT), ispe(32, 12));
  const meta = box("meta", new Uint8Array(4), box("hdlr", new Uint8Array(20)), box("iprp", ipco));
  return Buffer.concat([box("ftyp", Buffer.from("heic\0\0\0\0mif1heic", "latin1")), meta, box("mdat", icc)]);
}
