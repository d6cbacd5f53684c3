import { deflateSync } from "node:zlib";
import fc from "fast-check";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { IMAGE_DEFAULTS, imageFaults } from "../checks.js";
import { dimensionsOf } from "../scanner.js";
import { type ImageFormat, type NotImage, sniff } from "../sniff.js";

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
    "%s: its format and its width and height are read, and nothing is found wrong",
    async (_name, [format, make]) => {
      const head = new Uint8Array(await make());
      expect(sniff(head)).toEqual({ format });
      expect(dimensionsOf(format, head)).toEqual({ width: WIDTH, height: HEIGHT });
      expect(imageFaults({ head, size: head.byteLength }, IMAGE_DEFAULTS)).toEqual([]);
    },
  );
});

describe("the first bytes", () => {
  const of = (text: string) => sniff(new Uint8Array(Buffer.from(text, "latin1")));
  /** A file type box: major brand, a version that is none, compatible brands. */
  const ftyp = (brands: readonly string[], size = 12 + 4 * brands.length, version = "avif"): string => {
    const [major, ...more] = brands;
    return `\0\0${String.fromCharCode(size >> 8, size & 255)}ftyp${major}${version}${more.join("")}`;
  };
  const bmp = (size: string): string => `BM${"\0".repeat(12)}${size}`;

  const FORMATS: Readonly<Record<ImageFormat, readonly string[]>> = {
    png: ["\x89PNG\r\n\x1a\n"],
    jpeg: ["\xff\xd8\xff"],
    webp: ["RIFF\0\0\0\0WEBP"],
    gif: ["GIF87a", "GIF89a"],
    tiff: ["II*\0", "MM\0*"],
    bmp: [12, 16, 40, 52, 56, 64, 108, 124].map((size) => bmp(`${String.fromCharCode(size)}\0\0`)),
    avif: [
      ...["avif", "avis"].flatMap((brand) => [ftyp([brand]), ftyp(["isom", brand])]),
      ...[ftyp(["mif1", "heic", "avif"]), ftyp(["heic", "avis"])],
    ],
    heic: [
      ...["heic", "heix", "heim", "heis", "hevc", "mif1", "msf1"].flatMap((brand) => [
        ftyp([brand]),
        ftyp(["isom", brand]),
      ]),
      ftyp(["isom", ...new Array(59).fill("mp41"), "heic"]),
    ],
  };
  for (const [format, starts] of Object.entries(FORMATS))
    it(`of ${format}, each of its kinds`, () => {
      for (const start of starts)
        for (const more of ["", "\0".repeat(20)]) expect(of(start + more), start).toEqual({ format });
    });

  const OTHERS: Readonly<Record<NotImage, readonly string[]>> = {
    html: [
      ..."<!DOCTYPE html>|<!doctype \n html|<HTML|<head>|<body |<script>|<title>|<meta |<div>|<!-- x".split("|"),
      ..."\n\t <html>|\xef\xbb\xbf<html>|\xef\xbb\xbf\n<html>".split("|"),
    ],
    xml: "<?xml version|<svg|<SVG|<a>|<a b|<note\n|<x:note9 a| <?xml|\xef\xbb\xbf<svg".split("|"),
    pdf: ["%PDF-1.7", "\n%PDF-"],
    data_uri: ["data:image/png;base64,", "DATA:IMAGE/x", " data:image/"],
    json: '{}|{ }|{"a"|{ \n"a"|[]|[ ]|[1|[ \n1|[[|[{|["|[true|[false|[null|[-1|\n[]'.split("|"),
    base64: [
      ...["\x89PNG\r\n\x1a\n1234", "GIF89a1234567890", "GIF89a12345678901", "GIF89a123456789012"].flatMap((start) => {
        const text = btoa(start);
        return [text, text.replace(/=+$/, ""), `${text}\n`, ` ${text.slice(0, 7)}\r\n${text.slice(7)}`];
      }),
      btoa(`GIF89a${"\0".repeat(2_000)}`),
      ...["", "=", "=="].map((padding) => btoa("GIF89a123456789").slice(0, 17) + padding),
    ],
    text: [
      ..."Not found|\t\n\v\f\r|s\xf6rry|\x80\x9f|x <html>|x <svg|x%PDF-|x data:image/png|x {}|x []".split("|"),
      ..."<!doctypehtml|<!doctype xhtml|<1>|<a|<a!b>|{a|[a|[tru|[+1|PDF-|data:text/html,|GIF88a|GIF89b".split("|"),
      ..." GIF89a|xRIFF|BM is a text|II*|MM*|GIF|RIFF1234WAVE|xxxx1234WEBP|WEBP|<\xef\xbb\xbfhtml>".split("|"),
      ...[`${btoa("GIF89a1234567890")}!`, `!${btoa("GIF89a123456")}`, "A".repeat(64), `${"R0lGODlh".repeat(2)}===`],
    ],
    unknown: [
      ..."|\xef\xbb\xbf|\0|a\x08|a\x0e|a\x1f|a\x7f|\x89PNG\r\n\x1a\r|\xff\xd8\xfe\0|II\0*\0|MM*\0".split("|"),
      ...["\x29\0\0", "\x28\x01\0", "\x28\0\x01", "", "\x28"].map(bmp),
      ...[ftyp(["isom"]), ftyp(["isom", "xavi", "fxxx"]), ftyp(["isom", "heic"], 16), ftyp(["isom", "a he", "icxx"])],
      ...[ftyp(["avif"]).replace("ftyp", "free"), bmp("\x28\0\0").replace("BM", "XX"), `x${ftyp(["heic"])}`],
      ...[ftyp(["isom", ...new Array(60).fill("mp41"), "heic"], 260), `\0\0\x02\0ftypisomavif${"mp41".repeat(60)}heic`],
    ],
  };
  for (const [not, starts] of Object.entries(OTHERS))
    it(`of what is no image: ${not}`, () => {
      for (const start of starts) expect(of(start), JSON.stringify(start)).toEqual({ not });
    });

  it("are read as far as a thousand characters, and no further", () => {
    expect(of(`${" ".repeat(1_019)}<svg `)).toEqual({ not: "xml" });
    expect(of(`${" ".repeat(1_024)}<svg `)).toEqual({ not: "text" });
    expect(of(`${"a".repeat(1_024)}\0`)).toEqual({ not: "text" });
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
        for (const { rule, message } of imageFaults({ head, size: head.byteLength }, IMAGE_DEFAULTS)) {
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
