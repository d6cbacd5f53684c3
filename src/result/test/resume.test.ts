/** What the headers of a response mean for a download: whether it continues what came before, and how long it is. */
import { describe, expect, it } from "vitest";
import { pngOf } from "../../test-support/png.js";
import { resultBy } from "./result-of.js";

const IMAGE = pngOf(300);
const FIRST = { etag: '"v1"', "content-length": "300" };
const JPEG = Uint8Array.from([0xff, 0xd8, 0xff, 0xda, 0, 2, ...new Array(500).fill(1), 0xff, 0xd9]);
const RANGE = { "content-range": "bytes 100-299/300" };

/** Downloads 100 of 300 bytes, then by the response, then anew; says how that ends and which ranges are requested. */
async function resumed(status: number, headers: object, how: "bytes" | "stream", first: object = FIRST) {
  const rest = status === 206 ? IMAGE.slice(100) : IMAGE;
  const responses = [
    new Response(IMAGE.slice(0, 100), { headers: { ...first } }),
    new Response(rest, { status, headers: { ...headers } }),
    new Response(IMAGE),
  ];
  const ranges: (string | null)[] = [];
  const image = await resultBy(async (_url, init) => {
    const asked = new Headers(init.headers);
    ranges.push(asked.get("range"));
    expect(asked.get("if-range")).toBe(asked.has("range") ? '"v1"' : null);
    return responses[ranges.length - 1] ?? Response.error();
  });
  const reading = how === "bytes" ? image.bytes() : new Response(image.stream()).arrayBuffer();
  const outcome = await reading.then(
    (bytes) => (Buffer.compare(new Uint8Array(bytes), IMAGE) === 0 ? "complete" : "wrong"),
    ({ code }) => code,
  );
  return [outcome, ...ranges];
}

describe("a download that broke off", () => {
  it.each<[string, number, object, object?]>([
    ["206 with the rest", 206, { ...RANGE, etag: '"v1"' }],
    ["206 without an ETag", 206, RANGE],
    ["206 whose unit is in capitals", 206, { "content-range": "Bytes 100-299/300" }],
    ["206 of unknown total length", 206, { "content-range": "bytes 100-150/*" }],
    ["206 after a response without a length", 206, RANGE, { etag: '"v1"' }],
    [
      "206 of unknown length after a response without one",
      206,
      { "content-range": "bytes 100-150/*" },
      { etag: '"v1"' },
    ],
    ["200 with everything again under the same strong ETag", 200, FIRST],
  ])("continues with a %s", async (_name, status, headers, first) => {
    expect(await resumed(status, headers, "stream", first)).toEqual(["complete", null, "bytes=100-"]);
  });

  it.each<[string, object]>([
    ["another ETag", { etag: '"v2"' }],
    ["no ETag", {}],
    ["a weak ETag", { etag: 'W/"v1"' }],
  ])("starts over with a 200 with %s, where that is possible", async (_name, headers) => {
    expect(await resumed(200, headers, "bytes")).toEqual(["complete", null, "bytes=100-"]);
    expect(await resumed(200, headers, "stream")).toEqual(["download_failed", null, "bytes=100-"]);
  });

  it.each<[string, number, object]>([
    ["another ETag", 206, { ...RANGE, etag: '"v2"' }],
    ["another start", 206, { "content-range": "bytes 99-299/300" }],
    ["another total", 206, { "content-range": "bytes 100-300/301" }],
    ["an end before the end", 206, { "content-range": "bytes 100-298/300" }],
    ["no range", 206, {}],
    ["something before the range", 206, { "content-range": "x bytes 100-299/300" }],
    ["something after the range", 206, { "content-range": "bytes 100-299/300 x" }],
    ["another unit", 206, { "content-range": "rows 100-299/300" }],
    ["a range without an end", 206, { "content-range": "bytes 100-/300" }],
    ["the status 416", 416, {}],
  ])("requests everything after a part with %s", async (_name, status, headers) => {
    expect(await resumed(status, headers, "bytes")).toEqual(["complete", null, "bytes=100-", null]);
  });

  it.each<[string, object]>([
    ["no ETag", { "content-length": "300" }],
    ["a weak ETag", { ...FIRST, etag: 'W/"v1"' }],
    ["a coded body", { etag: '"v1"', "content-encoding": "gzip, identity" }],
  ])("requests everything where it began with %s", async (_name, first) => {
    expect(await resumed(200, FIRST, "bytes", first)).toEqual(["complete", null, null]);
  });
});

describe("the length of a response", () => {
  const outcome = async (headers: Record<string, string>): Promise<string> => {
    const image = await resultBy(async () => new Response(IMAGE, { headers }));
    return image.bytes({ retry: 0 }).then(
      () => "complete",
      ({ summary }) => summary,
    );
  };

  it.each(["", "x12", "12x", "-1", "1.5", "1e3", "1234567890123456"])("is not stated by %j", async (length) => {
    expect(await outcome({ "content-length": length })).toBe("complete");
  });

  it.each([
    ["gzip", "complete"],
    ["identity, gzip", "complete"],
    ["Identity", expect.stringContaining("only 300 of 301 bytes")],
    [" ", expect.stringContaining("only 300 of 301 bytes")],
  ])("with the content coding %j", async (coding, expected) => {
    expect(await outcome({ "content-length": "301", "content-encoding": coding })).toEqual(expected);
  });
});

describe("the type of an image", () => {
  const STRANGE = Uint8Array.from([0xff, 0x0a, ...new Array(300).fill(0)]);
  const text = (value: string) => new TextEncoder().encode(value);
  const typeOf = async (bytes: Uint8Array<ArrayBuffer>, type?: string): Promise<string> => {
    const headers = type === undefined ? {} : { "content-type": type };
    const image = await resultBy(async () => new Response(bytes, { headers }));
    return image.blob({ retry: 0 }).then(
      (blob) => blob.type,
      ({ summary }) => summary,
    );
  };

  it("is that of its bytes, not the declared one", async () => {
    for (const declared of ["image/jpeg", "text/html", "image/jxl", undefined])
      expect(await typeOf(IMAGE, declared)).toBe("image/png");
  });

  it.each<[string, Uint8Array<ArrayBuffer>]>([
    ["HTML, often an error page", text("<!doctype html><p>Sorry")],
    ["XML or SVG", text('<?xml version="1.0"?><Error/>')],
    ["JSON, often an error message", text('{"message":"gone"}')],
    ["a PDF", text("%PDF-1.7")],
    ["a data: URI", text("data:image/png;base64,AAAA")],
    ["base64 text", text(Buffer.from(IMAGE).toString("base64"))],
    ["text", text("not here")],
    ["text", Uint8Array.from([...new Array(256).fill(0x61), 0, 0])],
    ["an unknown format", Uint8Array.from([...new Array(255).fill(0x61), 0, 0])],
  ])("is not invented for %s", async (instead, bytes) => {
    for (const declared of ["image/png", undefined])
      expect(await typeOf(bytes, declared)).toBe(
        `The response is not an image or another kind of media, but ${instead}.`,
      );
  });

  it.each(["image/jxl", "Image/JXL ; q=1", "image/vnd.x+y-z.2"])(
    "is a declared one that is not known: %s",
    async (type) => {
      expect(await typeOf(STRANGE, type)).toBe(type.split(" ")[0]?.toLowerCase());
      expect(await typeOf(text("not here"), type)).toMatch(/but text\.$/);
    },
  );

  it.each([
    ["video/mp4", "\0\0\0\x18ftypisom"],
    ["video/quicktime", "\0\0\0\x14ftypqt  "],
    ["video/webm", "\x1aE\xdf\xa3"],
    ["audio/mpeg", "ID3\x04"],
    ["audio/wav", "RIFF\x10\0\0\0WAVEfmt "],
    ["model/gltf-binary", "glTF\x02"],
  ])("is that of a video, a sound or a model by its bytes: %s", async (type, begin) => {
    const bytes = Uint8Array.from([...Buffer.from(begin, "latin1"), ...new Array(300).fill(0)]);
    for (const declared of [undefined, "binary/octet-stream", "image/png"])
      expect(await typeOf(bytes, declared)).toBe(type);
  });

  it("is not a declared one that would have been recognised, or that is not a type of images", async () => {
    const known = ["png", "jpeg", "webp", "gif", "bmp", "tiff", "avif", "heic"].map((format) => `image/${format}`);
    for (const declared of [...known, "image/", "ximage/jxl", "image/jxl/x", "image/j l", "video/mp4", ";image/jxl"])
      expect(await typeOf(STRANGE, declared)).toMatch(/but an unknown format\.$/);
  });
});

describe("a response of a transport that does not look after lengths", () => {
  const SMALL = pngOf(1000);
  /** Its bytes, the second time where there is one. */
  const body = (bytes: Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}, status = 200) =>
    new Response(bytes, { headers: { etag: '"a"', ...headers }, status });
  const answers = (...responses: Response[]) =>
    resultBy(async () => responses.shift() ?? Promise.reject(new Error("asked too often")));

  const WRONG_LENGTH = "the body does not have the length that its header states";
  const cut = (bytes: Uint8Array<ArrayBuffer>, by: number) => [body(bytes.slice(0, -by))];
  it.each<[string, Response[], string]>([
    ["longer than stated", [body(SMALL, { "content-length": "999" })], `${WRONG_LENGTH} (1`],
    [
      "shorter than stated",
      [body(SMALL, { "content-length": "1001" })],
      "only 1000 of 1001 bytes arrived after 1000 bytes (1",
    ],
    ["empty", [body(new Uint8Array())], "the body is empty (1"],
    ["without a body", [new Response(null)], "the body is empty (1"],
    [
      "everything again, and less than had arrived",
      [body(SMALL.slice(0, 400), { "content-length": "1000" }), body(SMALL.slice(0, 300))],
      `${WRONG_LENGTH} (2`,
    ],
    [
      "a truncated PNG of unknown length",
      cut(SMALL, 10),
      "the image is truncated: its end marker (IEND) is missing after 990 bytes (1",
    ],
    [
      "a truncated JPEG of unknown length",
      cut(JPEG, 1),
      "the image is truncated: its end marker (FF D9) is missing after 507 bytes (1",
    ],
  ])("fails where it is %s", async (_name, responses, message) => {
    const retry = responses.length - 1;
    await expect((await answers(...responses)).bytes({ retry })).rejects.toMatchObject({
      code: "download_failed",
      summary: `The result could not be fetched completely: ${message} attempt${retry > 0 ? "s" : ""}).`,
    });
  });

  it("is of the new type where other content takes its place", async () => {
    const image = await answers(body(SMALL.slice(0, 400), { "content-length": "1000" }), body(JPEG, { etag: '"b"' }));
    expect((await image.blob()).type).toBe("image/jpeg");
  });

  it.each([
    ["ECONNRESET", 2],
    ["CERT_HAS_EXPIRED", 1],
  ])("that fails with %s is tried %d times", async (code, attempts) => {
    const cause = Object.assign(new TypeError("fetch failed"), { cause: Object.assign(new Error("no"), { code }) });
    const image = await resultBy(() => Promise.reject(cause));
    await expect(image.bytes({ retry: 1 })).rejects.toMatchObject({ code: "download_failed", attempts, cause });
  });
});
