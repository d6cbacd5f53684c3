// @tests ImageOptions
/** Every form an image can be given in goes over the wire as naive encoding would send it, and every bad one is refused. */
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { Agent } from "undici";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Magnific } from "../../client.js";
import type { InvalidRequestError } from "../../errors/invalid-request-error.js";
import { imageFile } from "../../files/image-file.js";
import { TASK_ID } from "../../test-support/client-context.js";
import { pngOf } from "../../test-support/png.js";
import { dispatcherFetch } from "../../transport/dispatcher-fetch.js";
import { nodeFetch } from "../../transport/node-fetch.js";
import type { ImageOptions } from "../checks.js";
import type { ImageInput, ImageSource } from "../source.js";

const folder = mkdtempSync(join(tmpdir(), "magnific-image-"));
const seen: { body: string; length: string | undefined }[] = [];
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    seen.push({ body: Buffer.concat(chunks).toString(), length: request.headers["content-length"] });
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ data: { task_id: TASK_ID, status: "CREATED", generated: [] } }));
  });
});
let baseUrl = "";
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  rmSync(folder, { recursive: true });
  server.closeAllConnections();
  server.close();
});

const small = pngOf(10_001);
const large = pngOf(700_003);
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
const stream = (bytes: Uint8Array, size = 1_000): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.byteLength; at += size) controller.enqueue(bytes.subarray(at, at + size));
      controller.close();
    },
  });
async function* iterable(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  // One buffer for all chunks, as a source may.
  const buffer = new Uint8Array(1_000);
  for (let at = 0; at < bytes.byteLength; at += 1_000) {
    const part = bytes.subarray(at, at + 1_000);
    buffer.set(part);
    yield buffer.subarray(0, part.byteLength);
  }
}
const file = (bytes: Uint8Array): string => {
  const path = join(folder, `${bytes.byteLength}.png`);
  writeFileSync(path, bytes);
  return path;
};

/** Each form, and whether the length of the body can be known. */
const FORMS: Readonly<
  Record<string, readonly [(bytes: Uint8Array<ArrayBuffer>) => ImageInput | Promise<ImageInput>, boolean]>
> = {
  Uint8Array: [(bytes) => bytes, true],
  "a view into a larger buffer": [
    (bytes) => new Uint8Array([1, 2, 3, ...bytes, 4]).subarray(3, bytes.byteLength + 3),
    true,
  ],
  Buffer: [(bytes) => Buffer.from(bytes), true],
  DataView: [(bytes) => new DataView(bytes.buffer), true],
  ArrayBuffer: [(bytes) => bytes.buffer, true],
  SharedArrayBuffer: [
    (bytes) => {
      const shared = new SharedArrayBuffer(bytes.byteLength);
      new Uint8Array(shared).set(bytes);
      return shared;
    },
    true,
  ],
  Blob: [(bytes) => new Blob([bytes]), true],
  File: [(bytes) => new File([bytes], "portrait.png"), true],
  ReadableStream: [(bytes) => stream(bytes), false],
  "an async iterable whose chunks share a buffer": [iterable, false],
  "a Node stream": [(bytes) => Readable.from([Buffer.from(bytes)]), false],
  "a Node file stream": [(bytes) => createReadStream(file(bytes)), false],
  "a Response of known length": [
    (bytes) => new Response(stream(bytes), { headers: { "content-length": String(bytes.byteLength) } }),
    true,
  ],
  "a Response of unknown length": [(bytes) => new Response(stream(bytes)), false],
  "a base64 string": [base64, true],
  "a data: URI": [(bytes) => `data:image/png;base64,${base64(bytes)}`, true],
  "a data: URI in capitals with parameters": [(bytes) => `DATA:image/png;name=x.png;BASE64,${base64(bytes)}`, true],
  "imageFile()": [(bytes) => imageFile(file(bytes)), true],
};

for (const [transport, fetch] of [
  ["the platform's fetch", undefined],
  ["nodeFetch", nodeFetch()],
  ["dispatcherFetch", dispatcherFetch(new Agent())],
] as const) {
  describe(`over ${transport}`, () => {
    for (const [name, [make, sized]] of Object.entries(FORMS)) {
      it(`sends ${name} byte for byte as naive encoding does`, async () => {
        const magnific = new Magnific({ apiKey: "key", baseUrl, fetch });
        for (const bytes of [small, large]) {
          seen.length = 0;
          const request = { sharpen: 10, image: await make(bytes), webhook_url: "https://example.com/?a=1&b=%22" };
          const task = await magnific.submit(request);
          const naive = JSON.stringify({ ...request, image: base64(bytes) });
          expect(seen[0]?.body === naive, "the body is the same").toBe(true);
          expect(seen[0]?.length).toBe(sized ? String(Buffer.byteLength(naive)) : undefined);
          expect(task.id).toBe(TASK_ID);
        }
      });
    }
  });
}

it("knows a request by the same digest in whatever form its image comes", async () => {
  const magnific = new Magnific({ apiKey: "key", baseUrl });
  const digests = new Set<string | undefined>();
  for (const [make] of Object.values(FORMS)) digests.add((await magnific.submit({ image: await make(large) })).digest);
  expect([...digests]).toEqual([expect.stringMatching(/^[\da-f]{64}$/)]);
  digests.add((await magnific.submit({ image: large, sharpen: 1 })).digest);
  digests.add((await magnific.submit({ image: small })).digest);
  expect(digests.size).toBe(3);
});

describe("an image that is none", () => {
  const text = (value: string): Uint8Array => new TextEncoder().encode(value);
  const tiff = new Uint8Array([0x49, 0x49, 0x2a, 0, 8, 0, 0, 0, 1, 0]);
  const REFUSED: readonly (readonly [string, unknown, string, RegExp])[] = [
    ["nothing", undefined, "required", /required/],
    ["null", null, "type", /null/],
    ["a number", 7, "type", /number/],
    ["an object", {}, "type", /holds no bytes/],
    ["a promise", Promise.resolve(small), "type", /await it/],
    ["empty bytes", new Uint8Array(), "empty", /0 bytes/],
    ["an empty Blob", new Blob([]), "empty", /0 bytes/],
    ["an empty string", "", "empty", /empty/],
    ["an empty stream", stream(new Uint8Array()), "empty", /0 bytes/],
    ["HTML", text("\n<!DOCTYPE html><html><title>404</title>"), "not_an_image", /HTML/],
    ["JSON", text('{"message":"Not found"}'), "not_an_image", /JSON/],
    ["SVG", text('<svg xmlns="http://www.w3.org/2000/svg"/>'), "not_an_image", /SVG/],
    ["a PDF", text("%PDF-1.7\n"), "not_an_image", /PDF/],
    ["text", text("Not f\u00f6und, s\u00f6rry"), "not_an_image", /text/],
    ["bytes of no format", new Uint8Array([1, 2, 3, 4]), "not_an_image", /begin like/],
    ["base64 text as bytes", text(base64(small)), "double_encoded", /twice/],
    ["base64 of base64", base64(text(base64(small))), "double_encoded", /twice/],
    ["a data: URI as bytes", text(`data:image/png;base64,${base64(small)}`), "double_encoded", /data: URI/],
    ["a path", "photos/portrait.jpg", "path", /imageFile/],
    ["an absolute path", "/home/me/portrait", "path", /imageFile/],
    ["a Windows path", "C:\\me\\portrait.png", "path", /imageFile/],
    ["a URL", "https://example.com/portrait.png", "url", /fetch/],
    ["base64url", base64(new Uint8Array(64).fill(255)).replaceAll("/", "_"), "base64", /base64url/],
    ["base64 with a line break at its end", `${base64(small)}\n`, "base64", /line breaks/],
    ["base64 with line breaks", base64(small).replace(/.{76}/g, "$&\n"), "base64", /line breaks/],
    ["base64 without padding", base64(pngOf(1_000)).replace(/=+$/, ""), "base64", /padding/],
    ["base64 with unused bits set", `${base64(pngOf(1_000)).slice(0, -3)}B==`, "base64", /bits/],
    ["base64 with padding in the middle", `${base64(pngOf(1_000))}AAAA`, "base64", /padding/],
    ["base64 with a foreign letter late in it", `${"A".repeat(200_000)}AA!A`, "base64", /letters/],
    ["a data: URI that is not base64", "data:image/png,%89PNG", "data_uri", /base64/],
    ["a header without an image", small.subarray(0, 20), "truncated", /too few/],
    ["a PNG without its end", small.subarray(0, 9_000), "truncated", /IEND/],
    ["a PNG without its end, larger than what is looked at", large.subarray(0, 690_000), "truncated", /IEND/],
    ["a PNG in a Blob without its end", new Blob([large.subarray(0, 690_000)]), "truncated", /IEND/],
    ["a JPEG without its end", new Uint8Array([...jpeg(400, 300), ...new Uint8Array(300)]), "truncated", /FF D9/],
    ["a JPEG whose header ends early", jpeg(400, 300).subarray(0, 15).slice(), "truncated", /too few/],
    ["a TIFF whose directory is missing", new Uint8Array([...tiff, ...new Uint8Array(40)]), "truncated", /header/],
    ["a failed Response", new Response("no", { status: 404 }), "response", /404/],
  ];
  for (const [name, image, rule, message] of REFUSED)
    it(`is refused: ${name}`, async () => {
      const [fault, ...others] = await faultsOf(image);
      expect(others).toEqual([]);
      expect(fault).toEqual({ field: "image", rule, message: expect.stringMatching(message) });
    });

  it("is refused when its stream is read already", async () => {
    const locked = stream(small);
    locked.getReader();
    expect(await faultsOf(locked)).toMatchObject([{ rule: "consumed" }]);
    const response = new Response(small);
    await response.arrayBuffer();
    expect(await faultsOf(response)).toMatchObject([{ rule: "consumed" }]);
  });

  it("is refused together with every other fault, before anything is sent, and its source is closed", async () => {
    let closed = false;
    const source: ImageSource = {
      replayable: false,
      async *open() {
        try {
          yield text("<html>");
          yield new Uint8Array(300_000);
        } finally {
          closed = true;
        }
      },
    };
    const request = { image: source, sharpen: 101, sharpn: 3, smart_grain: "7", webhook_url: "http://example.com/" };
    const error = await fails(request);
    expect(error).toMatchObject({ code: "invalid_request", submission: "not_sent" });
    expect(error.faults.map(({ field, rule }) => `${field} ${rule}`).sort()).toEqual([
      "image not_an_image",
      "sharpen maximum",
      "sharpn unevaluatedProperties",
      "smart_grain type",
      "webhook_url https",
    ]);
    expect(closed).toBe(true);
  });
});

describe("an option of images", () => {
  const accepted = async (image: unknown, options: ImageOptions): Promise<boolean> =>
    (await faultsOf(image, options)).length === 0;
  const huge = pngOf(10_000, 20_000, 20_000);

  it("maxBytes: refuses a larger image, and false takes any", async () => {
    expect(await faultsOf(small, { maxBytes: 10_000 })).toMatchObject([
      { rule: "max_bytes", message: expect.stringMatching(/10001 bytes, more than 10000/) },
    ]);
    expect(await accepted(small, { maxBytes: 10_001 })).toBe(true);
    expect(await accepted(small, { maxBytes: false })).toBe(true);
  });

  it("maxBytes: ends the reading of a stream that does not end", async () => {
    const endless = async function* (): AsyncGenerator<Uint8Array> {
      yield small;
      for (;;) yield new Uint8Array(50_000);
    };
    const magnific = new Magnific({ apiKey: "key", baseUrl, image: { maxBytes: 1_000_000 } });
    await expect(magnific.submit({ image: endless() })).rejects.toMatchObject({
      code: "image_unreadable",
      submission: "unknown",
      message: expect.stringMatching(/more than 1000000 bytes/),
    });
  });

  it("maxPixels: refuses a wider image, and false takes any", async () => {
    expect(await faultsOf(huge)).toMatchObject([
      { rule: "max_pixels", message: expect.stringMatching(/20000 × 20000/) },
    ]);
    expect(await accepted(huge, { maxPixels: 400_000_000 })).toBe(true);
    expect(await accepted(huge, { maxPixels: false })).toBe(true);
  });

  it("format: false lets unknown formats through, but not base64 of base64", async () => {
    expect(await accepted(text("anything"), { format: false })).toBe(true);
    expect(await accepted(text(base64(small)), { format: false })).toBe(false);
  });

  it("complete: false lets a cut image through", async () =>
    expect(await accepted(small.subarray(0, 9_000), { complete: false })).toBe(true));

  it("base64: false lets inexact base64 through", async () => {
    expect(await accepted(`${base64(small)}\n`, { base64: true })).toBe(false);
    expect(await accepted(`${base64(small)}\n`, { base64: false })).toBe(true);
  });

  function text(value: string): Uint8Array {
    return new TextEncoder().encode(value);
  }
});

/** The start of a JPEG up to its frame header. */
function jpeg(width: number, height: number): Uint8Array {
  return new Uint8Array([
    0xff,
    0xd8,
    0xff,
    0xe0,
    0,
    4,
    0,
    0,
    0xff,
    0xc0,
    0,
    11,
    8,
    height >> 8,
    height & 255,
    width >> 8,
    width & 255,
  ]);
}

async function fails(request: unknown, image: ImageOptions = {}): Promise<InvalidRequestError> {
  seen.length = 0;
  const magnific = new Magnific({ apiKey: "key", baseUrl, image });
  const error = await magnific.submit(request as { image: ImageInput }).then(
    () => ({ faults: [] }) as unknown as InvalidRequestError,
    (one: InvalidRequestError) => one,
  );
  if (error.faults.length > 0) expect(seen).toEqual([]);
  return error;
}

async function faultsOf(image: unknown, options?: ImageOptions): Promise<InvalidRequestError["faults"]> {
  return (await fails({ image }, options)).faults;
}
