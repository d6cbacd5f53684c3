/** Every form an image can be given in goes over the wire as naive encoding would send it. */
import { createReadStream, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { Agent } from "undici";
import { describe, expect, it } from "vitest";
import { dispatcherFetch } from "../../api/dispatcher-fetch.js";
import { Magnific } from "../../client.js";

import type { MagnificError } from "../../errors/magnific-error.js";
import { imageFile } from "../../files/image-file.js";
import { TASK_ID } from "../../test-support/client-context.js";
import { loopback } from "../../test-support/loopback.js";
import { pngOf } from "../../test-support/png.js";
import { task } from "../../test-support/provider.js";
import { tempFolder } from "../../test-support/temp-folder.js";
import type { ImageInput } from "../source.js";

const folder = tempFolder("magnific-image-");

/** A provider that keeps each body as text, with the length that was announced. */
async function provider() {
  const seen: { body: string; length: string | undefined }[] = [];
  const server = await loopback((response, n, request) => {
    void text(request).then((body) => {
      seen.push({ body, length: request.headers["content-length"] });
      task("CREATED")(response, n, request);
    });
  });
  return { seen, baseUrl: server.origin };
}

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
  ["dispatcherFetch", dispatcherFetch(new Agent())],
] as const) {
  describe(`over ${transport}`, () => {
    for (const [name, [make, sized]] of Object.entries(FORMS)) {
      it(`sends ${name} byte for byte as naive encoding does`, async () => {
        const { seen, baseUrl } = await provider();
        const magnific = new Magnific({ apiKey: "key", baseUrl, fetch });
        for (const bytes of [small, large]) {
          seen.length = 0;
          const request = { sharpen: 10, image: await make(bytes), webhook_url: "https://example.com/?a=1&b=%22" };
          const { id } = await magnific.submit(request);
          const naive = JSON.stringify({ ...request, image: base64(bytes) });
          expect(seen[0]?.body === naive, "the body is the same").toBe(true);
          expect(seen[0]?.length).toBe(sized ? String(Buffer.byteLength(naive)) : undefined);
          expect(id).toBe(TASK_ID);
        }
      });
    }
  });
}

it("knows a request by the same digest in whatever form its image comes", async () => {
  const magnific = new Magnific({ apiKey: "key" });
  const digests = new Set<string | undefined>();
  for (const [make] of Object.values(FORMS)) {
    const digest = magnific.digest({ image: await make(large) });
    // A form that can be read only once has none.
    digests.add(
      await digest.catch((error: MagnificError) => (error.code === "invalid_request" ? undefined : "failed")),
    );
  }
  digests.delete(undefined);
  expect([...digests]).toEqual([expect.stringMatching(/^[\da-f]{64}$/)]);
  digests.add(await magnific.digest({ image: large, sharpen: 1 }));
  digests.add(await magnific.digest({ image: small }));
  expect(digests.size).toBe(3);
});
