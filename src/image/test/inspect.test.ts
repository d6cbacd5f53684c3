// @tests ImageOptions
/** What is refused before anything is sent, in which words, and what becomes of its source. */
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { Magnific } from "../../client.js";
import type { InvalidRequestError } from "../../errors/request-errors.js";
import { loopback } from "../../test-support/loopback.js";
import { pngOf } from "../../test-support/png.js";
import { created } from "../../test-support/provider.js";
import type { ImageOptions } from "../checks.js";
import type { ImageInput, ImageSource } from "../source.js";

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const small = pngOf(10_001);
const large = pngOf(700_003);
const stream = (bytes: Uint8Array): ReadableStream<Uint8Array> => new Blob([new Uint8Array(bytes)]).stream();

/** A source that notes what is done with it. */
function source(bytes: Uint8Array, facts: Partial<ImageSource> = {}): ImageSource & { readonly done: string[] } {
  const done: string[] = [];
  return {
    done,
    replayable: true,
    async *open() {
      done.push("open");
      try {
        for (let at = 0; at < bytes.byteLength; at += 100_000) yield bytes.subarray(at, at + 100_000);
      } finally {
        done.push("close");
      }
    },
    ...facts,
  };
}

async function submit(request: object, image: ImageOptions = {}) {
  const server = await loopback(created);
  const magnific = new Magnific({ apiKey: "key", baseUrl: server.origin, image });
  const error = await magnific.submit(request as { image: ImageInput }).then(
    () => undefined,
    (thrown: InvalidRequestError) => thrown,
  );
  // Nothing goes out that is refused.
  if (error?.submission === "not_sent") expect(server.requests).toEqual([]);
  return error;
}

/** The faults as `rule: message`; none where it was sent. */
async function faultsOf(image: unknown, options?: ImageOptions): Promise<string[]> {
  const error = await submit({ image }, options);
  return error === undefined ? [] : error.faults.map(({ rule, message }) => `${rule}: ${message}`);
}

const accepts = async (image: unknown, options?: ImageOptions): Promise<boolean> =>
  (await faultsOf(image, options)).length === 0;

describe("as an image is refused", () => {
  const REFUSED: readonly (readonly [string, unknown, string, RegExp])[] = [
    ["nothing", undefined, "required", /required/],
    ["null", null, "type", /null/],
    ["a number", 7, "type", /a number$/],
    ["an object", {}, "type", /this is an object that holds no bytes$/],
    ["a function", () => small, "type", /this is a function$/],
    ["an object with a wrong getReader", { getReader: 7 }, "type", /object that holds no bytes$/],
    ["an object with open() alone", { open: () => stream(small) }, "type", /object that holds no bytes$/],
    ["an object with replayable alone", { replayable: true }, "type", /object that holds no bytes$/],
    ["an object with a wrong open", { open: "x", replayable: true }, "type", /object that holds no bytes$/],
    ["a promise", Promise.resolve(small), "type", /await it/],
    ["empty bytes", new Uint8Array(), "empty", /0 bytes/],
    ["an empty Blob", new Blob([]), "empty", /0 bytes/],
    ["an empty string", "", "empty", /empty string/],
    ["an empty stream", stream(new Uint8Array()), "empty", /0 bytes/],
    ["HTML", text("\n<!DOCTYPE html><html><title>404</title>"), "not_an_image", /HTML/],
    ["JSON", text('{"message":"Not found"}'), "not_an_image", /JSON/],
    ["SVG", text('<svg xmlns="http://www.w3.org/2000/svg"/>'), "not_an_image", /SVG/],
    ["a PDF", text("%PDF-1.7\n"), "not_an_image", /PDF/],
    ["text", text("Not f\u00f6und, s\u00f6rry"), "not_an_image", /text/],
    ["bytes of no format", new Uint8Array([1, 2, 3, 4]), "not_an_image", /is not a PNG.*`image\.format`/],
    ["base64 text as bytes", text(base64(small)), "double_encoded", /twice/],
    ["base64 of base64", base64(text(base64(small))), "double_encoded", /twice/],
    ["a data: URI as bytes", text(`data:image/png;base64,${base64(small)}`), "double_encoded", /data: URI/],
    ["base64 with padding in the middle", `${base64(pngOf(1_000))}AAAA`, "base64", /padding/],
    ["base64 with a wrong character late in it", `${"A".repeat(200_000)}AA!A`, "base64", /characters/],
    ["a header without an image", small.subarray(0, 20), "truncated", /IEND/],
    ["a JPEG whose header ends early", new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 0, 4]), "truncated", /FF D9/],
    ["a JPEG without a picture", new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 0, 2, 0xff, 0xd9]), "truncated", /width/],
    ["a failed Response", new Response("no", { status: 404 }), "response", /404/],
  ];
  for (const [name, image, rule, message] of REFUSED)
    it(name, async () => {
      const faults = await faultsOf(image);
      expect(faults).toHaveLength(1);
      expect(faults[0]?.replace(/:.*/s, "")).toBe(rule);
      expect(faults[0]).toMatch(message);
    });

  /** Strings that are not base64, by what they are taken for. */
  const STRINGS: Readonly<Record<string, readonly string[]>> = {
    "url: is a URL. A string must be base64, and no URL is fetched for you": [
      ..."https://example.com/a.png S3://a a+b.c-1:// blob://x".split(" "),
    ],
    "path: is a path. A string must be base64, and no file is read for you": [
      ..."/a ./a ../a \\a .\\a ~/a c:\\a C:/a /9k/ ./9k/x /home/me/portrait C:\\me\\portrait.png".split(" "),
      ..."a.jpg a.JPEG a.png a.webp a.gif a.bmp a.tif a.tiff a.avif a.heic a.heif".split(" "),
      `${"a".repeat(1_019)}.png`,
    ],
    "data_uri: must be base64 where it is a data: URI": [
      ..."data:image/png,AAAA data:image/png;base64 data:;base64x data:;base64;x,AAAA data:xbase64,AAAA data:,;base64,".split(
        " ",
      ),
    ],
    "base64: is base64 with line breaks or spaces: remove them": [
      `${base64(small)}\n`,
      `${base64(small)} `,
      base64(small).replace(/.{76}/g, "$&\n"),
      `${"A".repeat(5_000)}\r\n`,
    ],
    "base64: is base64url: use + and / instead of - and _": ["AA-_", "AA-A", "AA_A", "AA_", "A_==", "A_="],
    "base64: is not valid base64: it has other characters, wrong padding or unused bits that are not zero": [
      ..."A AA AB== a.pngx x/a .../a a~/ xc:\\a 1://a ab:/x a:b a.pn x.heix /9j/4A \\9j/4 AA-! +A-A !A-A AAA".split(
        " ",
      ),
      base64(pngOf(1_000)).replace(/=+$/, ""),
      `${"A".repeat(5_000)} ${"A".repeat(5_000)}`,
      `${"a".repeat(1_020)}.png`,
      `${"a".repeat(1_021)}/a.png`,
    ],
  };
  for (const [words, strings] of Object.entries(STRINGS))
    it(`a string that ${words.replace(/^\w+: /, "")}`, async () => {
      for (const string of strings) {
        const faults = await faultsOf(string);
        expect([string.slice(-20), faults.length, faults[0]?.slice(0, words.length)]).toEqual([
          string.slice(-20),
          1,
          words,
        ]);
      }
    });

  it("a stream that was read before", async () => {
    const locked = stream(small);
    locked.getReader();
    const response = new Response(small);
    await response.arrayBuffer();
    for (const used of [locked, response]) expect((await faultsOf(used))[0]).toMatch(/^consumed: /);
  });

  it("what has other faults too: all are listed, and its source is closed", async () => {
    const image = source(new Uint8Array([...text("<html>"), ...new Uint8Array(300_000)]), { replayable: false });
    const request = { image, sharpen: 101, sharpn: 3, smart_grain: "7", webhook_url: "http://example.com/" };
    const error = await submit(request, { maxBytes: 5 });
    expect(error).toMatchObject({ code: "invalid_request", submission: "not_sent" });
    expect(error?.faults.map(({ field, rule }) => `${field} ${rule}`).sort()).toEqual([
      "image max_bytes",
      "image not_an_image",
      "sharpen maximum",
      "sharpn unevaluatedProperties",
      "smart_grain type",
      "webhook_url https",
    ]);
    expect(image.done).toEqual(["open", "close"]);
  });
});

describe("a truncated image", () => {
  const FORMS: Readonly<Record<string, (bytes: Uint8Array<ArrayBuffer>) => unknown>> = {
    bytes: (bytes) => bytes,
    "a Blob": (bytes) => new Blob([bytes]),
    base64,
    "a source of known size": (bytes) => source(bytes, { size: bytes.byteLength }),
    "a source of unknown size": (bytes) => source(bytes),
  };
  for (const [name, make] of Object.entries(FORMS))
    it(`is refused as ${name} before anything is sent, and with whatever is behind it a complete one is accepted`, async () => {
      const jpeg = await sharp(small.subarray(), { raw: { width: 50, height: 50, channels: 4 } })
        .jpeg()
        .toBuffer();
      for (const [image, more] of [
        [large, 0],
        [large, 50_000],
        [jpeg, 500_000],
      ] as const) {
        const bytes = new Uint8Array(image.byteLength + more);
        bytes.set(image);
        expect([more, await accepts(make(bytes))]).toEqual([more, true]);
        const cut = bytes.slice(0, image.byteLength - 13);
        expect(await faultsOf(make(cut))).toEqual([expect.stringMatching(/^truncated: .*missing.*`image\.complete`/)]);
        expect(await accepts(make(cut), { complete: false })).toBe(true);
      }
    });
});

describe("a truncated image that can be read only once", () => {
  const FORMS: Readonly<Record<string, (bytes: Uint8Array) => unknown>> = {
    "a stream": stream,
    "a Response": (bytes) => new Response(stream(bytes)),
    "a source": (bytes) => source(bytes, { replayable: false }),
    "a source of known size": (bytes) => source(bytes, { replayable: false, size: bytes.byteLength }),
  };
  for (const [name, make] of Object.entries(FORMS))
    it(`never arrives completely as ${name}, and a complete one with data behind it does`, async () => {
      const padded = new Uint8Array(large.byteLength + 50_000);
      padded.set(large);
      expect(await submit({ image: make(padded) })).toBeUndefined();
      const cut = large.subarray(0, large.byteLength - 13);
      expect(await submit({ image: make(cut) }, { complete: false })).toBeUndefined();
      let complete = false;
      const server = await loopback((response, n, request) => {
        request.on("end", () => {
          complete = request.complete;
        });
        created(response, n, request);
      });
      const magnific = new Magnific({ apiKey: "key", baseUrl: server.origin });
      await expect(magnific.submit({ image: make(cut) as ImageInput })).rejects.toMatchObject({
        code: "image_unreadable",
        submission: expect.stringMatching(/^(?:unknown|not_sent)$/),
        message: expect.stringMatching(
          /it is truncated: its end marker \(IEND\) is missing \(option `image\.complete`, flag --allow-truncated\)/,
        ),
      });
      await server.idle();
      expect([complete, server.requests.length <= 1]).toEqual([false, true]);
      // A small one is seen before anything is sent.
      const [fault] = await faultsOf(make(small.subarray(0, 9_000)));
      expect(fault).toMatch(/^truncated: /);
    });
});

describe("an option of images", () => {
  it("maxBytes: refuses a larger image, by default one of more than 512 MiB, and false allows any", async () => {
    expect(await faultsOf(small, { maxBytes: 10_000 })).toEqual([
      "max_bytes: has 10001 bytes, more than 10000 bytes (option `image.maxBytes`)",
    ]);
    for (const maxBytes of [10_001, false] as const) expect(await accepts(small, { maxBytes })).toBe(true);
    expect(await accepts(base64(small), { maxBytes: 10_000 })).toBe(false);
    const size = 512 * 1024 * 1024 + 1;
    expect((await faultsOf(source(small, { replayable: false, size })))[0]).toMatch(/^max_bytes: has 536870913/);
    expect((await faultsOf(source(small), { maxBytes: 5 }))[0]).toMatch(/^max_bytes: is larger than 5/);
  });

  it("maxBytes: ends the reading of a stream that does not end", async () => {
    const endless = async function* (): AsyncGenerator<Uint8Array> {
      yield large;
      for (;;) yield new Uint8Array(50_000);
    };
    const error = await submit({ image: endless() }, { maxBytes: 1_000_000 });
    expect(error).toMatchObject({ code: "image_unreadable", submission: "unknown" });
    expect(error?.message).toMatch(/more than 1000000 bytes/);
  });

  it("maxPixels: refuses a larger picture, by default one of more than 16,383², and false allows any", async () => {
    const of = (width: number, height: number): Uint8Array => pngOf(1_000, width, height);
    expect(await accepts(of(16_383, 16_383))).toBe(true);
    expect(await faultsOf(of(16_383, 16_384))).toEqual([
      "max_pixels: has 16383 × 16384 pixels, more than 268402689 (option `image.maxPixels`)",
    ]);
    expect(await accepts(of(16_383, 16_384), { maxPixels: false })).toBe(true);
    expect(await accepts(of(100, 50), { maxPixels: 4_999 })).toBe(false);
    expect(await accepts(of(100, 50), { maxPixels: 5_000 })).toBe(true);
  });

  it("format: false allows unknown formats, but not an image that would be encoded twice", async () => {
    expect(await accepts(text("anything"), { format: false })).toBe(true);
    for (const doubled of [base64(small), "data:image/png;base64,"])
      expect((await faultsOf(text(doubled), { format: false }))[0]).toMatch(/^double_encoded/);
  });

  it("base64: false allows a string that is not exactly base64, but no URL and no path", async () => {
    expect(await accepts(`${base64(small)}\n`, { base64: false })).toBe(true);
    expect(await accepts("https://example.com/a.png", { base64: false })).toBe(false);
  });
});

describe("the source of an image", () => {
  it("is read once for the check and once for each attempt, and closed each time", async () => {
    const image = source(large, { size: large.byteLength });
    expect(await submit({ image })).toBeUndefined();
    expect(image.done).toEqual(["open", "close", "open", "close"]);
  });

  it("is opened once and sent whole where it can be read only once", async () => {
    const image = source(large, { replayable: false });
    expect(await submit({ image })).toBeUndefined();
    expect(image.done).toEqual(["open", "close"]);
  });

  it("that fails while it is checked is named as the cause, and nothing is sent", async () => {
    const broken = { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error("gone")) }) };
    const error = await submit({ image: source(small, { open: () => broken }) });
    expect(error).toMatchObject({ code: "image_unreadable", submission: "not_sent", cause: { message: "gone" } });
  });
});
