/** One attempt, answer by answer: what it hands on, what it keeps for the next, and what it lets go of. */
import { describe, expect, it } from "vitest";
import { ResultError } from "../../errors/result-error.js";
import type { ClientContext } from "../../task/context.js";
import { clientContext } from "../../test-support/client-context.js";
import { noisePng } from "../../test-support/loopback.js";
import { TransportError } from "../../transport/transport-error.js";
import { NO_BYTES } from "../../util/bytes.js";
import { NOTHING_YET } from "../answer.js";
import { attempt, type Content, type Part } from "../attempt.js";
import { Broken } from "../retryable-download-error.js";

const NOW = 1_760_749_154_000;
const FACTS = { operation: "GET x", taskId: "t" };
const IMAGE = noisePng(1000);
const JPEG = Uint8Array.from([0xff, 0xd8, 0xff, 0xe0, ...new Array(996).fill(1)]);

interface Outcome {
  readonly parts: Part[];
  readonly error: unknown;
  readonly content: Content;
  readonly cancelled: number;
  readonly headers: unknown;
}

interface Given {
  readonly chunks?: readonly Uint8Array<ArrayBuffer>[];
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly content?: Partial<Content>;
  readonly maxBytes?: number;
  readonly url?: string;
  readonly fetch?: typeof globalThis.fetch;
}

async function run(given: Given): Promise<Outcome> {
  const { chunks = [], status = 200, headers = {}, maxBytes = 1e9, url = "https://cdn.freepik.com/x.png" } = given;
  let cancelled = 0;
  let asked: unknown;
  let at = 0;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      pull(controller) {
        const chunk = chunks[at++];
        if (chunk === undefined) controller.close();
        else controller.enqueue(chunk);
      },
      cancel: () => void cancelled++,
    },
    { highWaterMark: 0 },
  );
  const answer = ((_url: string, init: RequestInit) => {
    asked = init.headers;
    return Promise.resolve(new Response(body, { status, headers }));
  }) as typeof globalThis.fetch;
  const time = { ...clientContext().time, now: () => NOW, random: () => 0.5, after: () => () => {} };
  const context: ClientContext = clientContext({ time, fetch: () => given.fetch ?? answer });
  const content: Content = { progress: NOTHING_YET, type: undefined, head: NO_BYTES, tail: NO_BYTES, ...given.content };
  const limits = { timeout: 1, idleTimeout: 30_000, retry: 0, maxBytes };
  const parts: Part[] = [];
  let error: unknown;
  try {
    const { signal } = new AbortController();
    for await (const part of attempt(context, new URL(url), limits, content, signal, FACTS)) parts.push(part);
  } catch (reason) {
    error = reason;
  }
  return { parts, error, content, cancelled, headers: asked };
}

const split = (bytes: Uint8Array<ArrayBuffer>, ...sizes: number[]): Uint8Array<ArrayBuffer>[] => {
  let at = 0;
  return sizes.map((size) => {
    at += size;
    return bytes.slice(at - size, at);
  });
};
const BEGUN = { type: "image/png", head: IMAGE.slice(0, 256), progress: { received: 400, etag: '"a"', total: 1000 } };
const same = (parts: readonly Part[], bytes: Uint8Array): boolean =>
  Buffer.compare(Buffer.concat(parts.map((part) => part.bytes)), bytes) === 0;

describe("a whole answer", () => {
  it("is handed on as it comes, but for the first bytes, which tell what it is", async () => {
    const { parts, error, content, headers } = await run({
      chunks: split(IMAGE, 100, 100, 100, 300, 0, 400),
      headers: { "content-length": "1000", etag: '"a"' },
    });
    expect(error).toBeUndefined();
    expect(parts.map(({ bytes, fresh, type }) => [bytes.length, fresh, type])).toEqual([
      [300, true, "image/png"],
      [300, false, "image/png"],
      [400, false, "image/png"],
    ]);
    expect(same(parts, IMAGE)).toBe(true);
    expect(content.progress).toEqual({ received: 1000, etag: '"a"', total: 1000 });
    expect(headers).toEqual({ accept: "image/*", "accept-encoding": "identity" });
  });

  it("of exactly 256 bytes at first waits for no more", async () => {
    const { parts } = await run({ chunks: split(IMAGE, 256, 744) });
    expect(parts.map(({ bytes }) => bytes.length)).toEqual([256, 744]);
  });

  it("smaller than what tells comes at its end", async () => {
    const small = noisePng(50);
    const { parts, error } = await run({ chunks: split(small, 20, 30) });
    expect([error, parts.length, same(parts, small)]).toEqual([undefined, 1, true]);
  });

  it("longer than it states is void", async () => {
    const { error, content } = await run({ chunks: [IMAGE], headers: { "content-length": "999", etag: '"a"' } });
    expect(error).toBeInstanceOf(Broken);
    expect(error).toHaveProperty("message", "the body does not have the length that it states");
    expect(content.progress).toEqual(NOTHING_YET);
  });

  it("shorter than it states keeps what came", async () => {
    const { error, content } = await run({ chunks: [IMAGE], headers: { "content-length": "1001", etag: '"a"' } });
    expect(error).toMatchObject({ message: "only 1000 of 1001 bytes came", lasting: false });
    expect(content.progress).toEqual({ received: 1000, etag: '"a"', total: 1001 });
  });

  it("that is empty is none", async () => {
    for (const headers of [{}, { "content-length": "0" }])
      expect((await run({ headers })).error).toMatchObject({ message: "the answer is empty" });
    const none = (async () => new Response(null)) as typeof globalThis.fetch;
    expect((await run({ fetch: none })).error).toMatchObject({ message: "the answer is empty" });
  });

  it("without a length must have the image's end, by its first and last bytes", async () => {
    expect((await run({ chunks: [IMAGE.slice(0, 999)] })).error).toMatchObject({ message: "the image breaks off" });
    expect((await run({ chunks: [JPEG] })).error).toMatchObject({ message: "the image breaks off" });
    // Where the length is known, the end says nothing.
    expect((await run({ chunks: [JPEG], headers: { "content-length": "1000" } })).error).toBeUndefined();
    // An end that comes in two.
    expect((await run({ chunks: split(IMAGE, 996, 4) })).error).toBeUndefined();
    const webp = Uint8Array.from([..."RIFF\0\0\0\0WEBPVP8 "].map((letter) => letter.charCodeAt(0)));
    new DataView(webp.buffer).setUint32(4, 20_000, true);
    const rest = new Uint8Array(10_000);
    expect((await run({ chunks: [webp, rest] })).error).toMatchObject({ message: "the image breaks off" });
    expect((await run({ chunks: [webp, rest, rest] })).error).toBeUndefined();
  });

  it("larger than allowed is refused, by what it states and by what comes", async () => {
    const stated = await run({ chunks: [IMAGE], headers: { "content-length": "1000" }, maxBytes: 999 });
    for (const { error, parts } of [stated, await run({ chunks: [IMAGE], maxBytes: 999 })]) {
      expect(error).toBeInstanceOf(ResultError);
      expect(error).toMatchObject({
        code: "download_failed",
        message: "The result is larger than 999 bytes (option `maxBytes`).",
        ...FACTS,
      });
      expect(parts).toEqual([]);
    }
    const later = await run({ chunks: split(IMAGE, 600, 400), maxBytes: 999 });
    expect([later.parts.length, later.cancelled]).toEqual([1, 1]);
    expect((await run({ chunks: split(IMAGE, 600, 400), maxBytes: 1000 })).error).toBeUndefined();
  });

  it("that is no image is refused and let go of", async () => {
    const page = new TextEncoder().encode(`<!doctype html>${" ".repeat(300)}`);
    const { error, cancelled, parts } = await run({ chunks: [page, page], headers: { "content-type": "image/png" } });
    expect(error).toMatchObject({
      code: "download_failed",
      message: "What came is not an image: HTML, often an error page.",
      ...FACTS,
    });
    expect([cancelled, parts]).toEqual([1, []]);
  });
});

describe("an answer to a wish for the rest", () => {
  it("continues, without waiting for what tells its type", async () => {
    const { parts, error, content, headers } = await run({
      chunks: split(IMAGE.slice(400), 10, 590),
      status: 206,
      headers: { "content-range": "bytes 400-999/1000" },
      content: BEGUN,
    });
    expect(error).toBeUndefined();
    expect(parts.map(({ bytes, fresh }) => [bytes.length, fresh])).toEqual([
      [10, false],
      [590, false],
    ]);
    expect(content.progress).toEqual({ received: 1000, etag: '"a"', total: 1000 });
    expect(headers).toEqual({
      accept: "image/*",
      "accept-encoding": "identity",
      range: "bytes=400-",
      "if-range": '"a"',
    });
  });

  it("that is everything again gives what is new of it", async () => {
    const { parts, error } = await run({
      chunks: split(IMAGE, 300, 300, 400),
      headers: { etag: '"a"', "content-length": "1000" },
      content: BEGUN,
    });
    expect(error).toBeUndefined();
    expect(parts.map(({ bytes, fresh }) => [bytes.length, fresh])).toEqual([
      [200, false],
      [400, false],
    ]);
    expect(same(parts, IMAGE.slice(400))).toBe(true);
  });

  it("that is everything again, and less than was here, is void", async () => {
    const { error, content, parts } = await run({
      chunks: split(IMAGE, 300),
      headers: { etag: '"a"' },
      content: BEGUN,
    });
    expect(error).toMatchObject({ message: "the body does not have the length that it states" });
    expect([content.progress, parts]).toEqual([NOTHING_YET, []]);
  });

  it("with other content begins anew, its type too", async () => {
    const { parts, error, content } = await run({
      chunks: [JPEG],
      headers: { etag: '"b"', "content-length": "1000" },
      content: BEGUN,
    });
    expect(error).toBeUndefined();
    expect(parts.map(({ fresh, type }) => [fresh, type])).toEqual([[true, "image/jpeg"]]);
    expect(content.progress).toEqual({ received: 1000, etag: '"b"', total: 1000 });
    expect(Buffer.compare(content.head, JPEG.slice(0, 256))).toBe(0);
  });
});

describe("a refusal", () => {
  it.each([
    [401, "result_expired"],
    [403, "result_expired"],
    [410, "result_expired"],
    [404, "download_failed"],
    [400, "download_failed"],
  ])("%i of a URL that is over is %s, and its body is let go of", async (status, code) => {
    const url = `https://cdn.freepik.com/x.png?token=exp=${NOW / 1000}~hmac=0`;
    const { error, cancelled } = await run({ status, url, chunks: [IMAGE] });
    expect(error).toMatchObject({ code, status, ...FACTS });
    expect(cancelled).toBe(1);
  });

  it("says the status", async () => {
    const { error } = await run({ status: 404 });
    expect(error).toHaveProperty("message", "The result could not be fetched: the server answered 404.");
  });

  it("that passes keeps what came, and its pause", async () => {
    const { error, content } = await run({ status: 503, headers: { "retry-after": "60" }, content: BEGUN });
    expect(error).toMatchObject({ status: 503, delay: 60_000, lasting: false });
    expect(content.progress).toEqual(BEGUN.progress);
    const long = await run({ status: 503, headers: { "retry-after": "61" } });
    expect(long.error).toMatchObject({ lasting: true });
  });

  it("of the part voids what came", async () => {
    const { error, content } = await run({ status: 416, content: BEGUN });
    expect(error).toMatchObject({ message: "the server has no such part", status: 416 });
    expect(content.progress).toEqual(NOTHING_YET);
  });
});

describe("a network that fails", () => {
  it.each([
    ["ECONNRESET", false],
    ["CERT_HAS_EXPIRED", true],
  ])("with %s: trying again cannot help: %s", async (code, lasting) => {
    const cause = new TransportError(code, false, "no");
    const { error } = await run({ fetch: (() => Promise.reject(cause)) as typeof globalThis.fetch });
    expect(error).toMatchObject({ message: "the connection failed", cause, lasting });
  });
});
