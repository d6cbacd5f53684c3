import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { settingsOf } from "../../options.js";
import { imageFaults } from "../checks.js";
import { type ImageFormat, type NotImage, sniff } from "../sniff.js";

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
    it(`of what is not an image: ${not}`, () => {
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
        for (const { rule, message } of imageFaults(head, settingsOf({ apiKey: "key" }).image, head.byteLength)) {
          expect(rule).toMatch(/^[a-z_]+$/);
          expect(message.length).toBeLessThan(200);
        }
      }),
      { numRuns: 3_000 },
    );
  });
});
