import type { ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TASK_ID } from "../../test-support/client-context.js";
import { CompressedTime } from "../../test-support/compressed-time.js";
import type { Serve } from "../../test-support/loopback.js";
import { pngOf } from "../../test-support/png.js";
import type { ResultImage } from "../result-image.js";
import { type Result, resultBy, resultOf } from "./result-of.js";

const IMAGE = pngOf(300_000);
const JPEG = Uint8Array.from([0xff, 0xd8, 0xff, 0xda, 0, 2, ...new Array(500).fill(1), 0xff, 0xd9]);

/** Serves as object stores do: whole, or the part that is asked for while the ETag is the same. */
function store(image: Uint8Array, etag = '"v1"', cut = image.byteLength): Serve {
  return (response, _n, request) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    const partial = from > 0 && request.headers["if-range"] === etag;
    const start = partial ? from : 0;
    response.writeHead(partial ? 206 : 200, {
      "content-type": "image/png",
      "content-length": image.byteLength - start,
      etag,
      ...(partial ? { "content-range": `bytes ${start}-${image.byteLength - 1}/${image.byteLength}` } : {}),
    });
    const end = Math.min(image.byteLength, start + cut);
    if (end === image.byteLength) response.end(image.subarray(start));
    else breakAfter(response, image.subarray(start, end));
  };
}

/** Sends some bytes, lets them arrive, and cuts the connection. */
function breakAfter(response: ServerResponse, bytes: Uint8Array): void {
  response.write(bytes, () => setTimeout(() => response.destroy(), 20));
}

/** One way of serving after the other, the last one for ever. */
function inTurn(...serves: readonly Serve[]): Serve {
  return (response, n, request) => serves[Math.min(n, serves.length - 1)]?.(response, n, request);
}

const ranges = ({ server }: Result) => server.requests.map(({ headers }) => headers.range);

async function read(image: ResultImage): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of image.stream()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe("a whole download", () => {
  it("gives the same exact bytes as bytes(), blob() and stream()", async () => {
    const here = await resultOf(store(IMAGE));
    expect(Buffer.compare(await here.image.bytes(), IMAGE)).toBe(0);
    const blob = await here.image.blob();
    expect(blob.type).toBe("image/png");
    expect(Buffer.compare(new Uint8Array(await blob.arrayBuffer()), IMAGE)).toBe(0);
    expect(Buffer.compare(await read(here.image), IMAGE)).toBe(0);
    expect(here.time.pending).toBe(0);
  });

  it("takes a coded body that a server sends unasked", async () => {
    const packed = gzipSync(IMAGE);
    const headers = { "content-encoding": "gzip", "content-length": packed.byteLength };
    const here = await resultOf((response) => void response.writeHead(200, headers).end(packed));
    expect(Buffer.compare(await here.image.bytes(), IMAGE)).toBe(0);
  });

  it("takes a body without a length that has the image's end", async () => {
    for (const image of [IMAGE, JPEG]) {
      const here = await resultOf((response) => {
        response.useChunkedEncodingByDefault = false;
        response.writeHead(200, { connection: "close" }).end(image);
      });
      expect((await here.image.bytes()).byteLength).toBe(image.byteLength);
    }
  });

  it("a stream is fetched when it is read, and no faster than that", async () => {
    let sent = 0;
    const here = await resultOf((response) => {
      response.writeHead(200);
      const more = (): void => {
        while (!response.destroyed && sent < 200_000_000 && response.write(IMAGE)) sent += IMAGE.byteLength;
      };
      response.on("drain", more);
      more();
    });
    const stream = here.image.stream();
    expect(here.server.requests).toHaveLength(0);
    const reader = stream.getReader();
    await reader.read();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(sent).toBeLessThan(50_000_000);
    await reader.cancel();
    await here.server.idle();
  });
});

describe("a broken download", () => {
  // @tests DownloadOptions.retry
  it("is resumed where it broke, as often as `retry` allows", async () => {
    const here = await resultOf(store(IMAGE, '"v1"', 100_000));
    expect(Buffer.compare(await here.image.bytes(), IMAGE)).toBe(0);
    expect(ranges(here)).toEqual([undefined, "bytes=100000-", "bytes=200000-"]);
    expect(here.server.requests[1]?.headers["if-range"]).toBe('"v1"');
    const pauses = here.time.delays.filter((delay) => delay < 10_000);
    expect(pauses).toEqual([375, 750]);

    const once = await resultOf(store(IMAGE, '"v1"', 100_000));
    await expect(once.image.bytes({ retry: 1 })).rejects.toMatchObject({ code: "download_failed", attempts: 2 });
    const never = await resultOf(store(IMAGE, '"v1"', 100_000));
    await expect(never.image.bytes({ retry: 0 })).rejects.toMatchObject({ code: "download_failed", attempts: 1 });
    expect(never.server.requests).toHaveLength(1);
  });

  it("waits as long as the server asks", async () => {
    const busy: Serve = (response) => void response.writeHead(503, { "retry-after": "60" }).end();
    const here = await resultOf(inTurn(busy, store(IMAGE)));
    await here.image.bytes();
    expect(here.time.delays).toContain(60_000);
  });

  it("says how often it was tried and how far it came", async () => {
    const cut: Serve = (response) =>
      breakAfter(response.writeHead(200, { "content-length": 300_000, etag: '"v1"' }), IMAGE.subarray(0, 1000));
    const failure = (here: Result, retry: number) => here.image.bytes({ retry }).catch((error: unknown) => error);
    expect(await failure(await resultOf(cut), 0)).toHaveProperty(
      "summary",
      "The result could not be fetched completely: the connection failed after 1000 bytes (1 attempt).",
    );
    const busy = await failure(await resultOf((response) => void response.writeHead(503).end()), 1);
    expect(busy).toMatchObject({ status: 503, attempts: 2 });
    expect(busy).toHaveProperty(
      "summary",
      "The result could not be fetched completely: the server responded with 503 (2 attempts).",
    );
  });

  it("waits twice as long each time, 8 s at most", async () => {
    const time = new CompressedTime(10_000);
    const { image } = await resultOf((response) => void response.writeHead(503).end(), { time });
    await image.bytes({ retry: 6, timeout: 1e9, idleTimeout: 1e8 }).catch(() => {});
    expect(time.delays.filter((delay) => delay <= 8000)).toEqual([375, 750, 1500, 3000, 6000, 6000]);
  });

  it("ends what an attempt left behind, and leaves alone what came whole", async () => {
    const signals: AbortSignal[] = [];
    const image = await resultBy(async (_url, { signal }) => {
      signals.push(signal as AbortSignal);
      return signals.length === 1 ? new Response(null, { status: 503 }) : new Response(IMAGE);
    });
    await image.bytes({ timeout: 1e9, idleTimeout: 1e8 });
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
  });

  it("is exact wherever it breaks, in chunks of any size", async () => {
    const image = pngOf(2000);
    const cut = fc.array(fc.integer({ min: 1, max: 1999 }), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(cut, fc.integer({ min: 1, max: 400 }), fc.boolean(), async (cuts, size, etags) => {
        let n = 0;
        const fetch = async (_url: unknown, init?: RequestInit): Promise<Response> => {
          const range = new Headers(init?.headers).get("range");
          const from = range === null ? 0 : Number(/\d+/.exec(range)?.[0]);
          const end = Math.min(2000, from + (cuts[n++] ?? 2000));
          let at = from;
          const body = new ReadableStream({
            pull(controller) {
              if (at === 2000) controller.close();
              else if (at === end) controller.error(new TypeError("terminated"));
              else controller.enqueue(image.slice(at, Math.min(at + size, end)));
              at = Math.min(at + size, end);
            },
          });
          const headers = new Headers(etags ? { etag: '"a"' } : {});
          headers.set("content-length", String(2000 - from));
          if (range !== null) headers.set("content-range", `bytes ${from}-1999/2000`);
          return new Response(body, { status: range === null ? 200 : 206, headers });
        };
        const result = await resultBy(fetch, { time: new CompressedTime(10_000) });
        // Deadlines that a machine under load does not meet by itself: a millisecond counts as ten seconds here.
        const bytes = await result.bytes({ idleTimeout: 50_000_000, timeout: 100_000_000 });
        expect(Buffer.compare(bytes, image)).toBe(0);
      }),
    );
  });
});

describe("the options", () => {
  const stalled: Serve = (response) =>
    void response.writeHead(200, { "content-length": 9999 }).write(IMAGE.subarray(0, 1000));

  // @tests DownloadOptions.timeout
  it("timeout: bounds the whole download, 10 minutes by default", async () => {
    const here = await resultOf(stalled);
    await expect(here.image.bytes({ timeout: 5000 })).rejects.toMatchObject({ code: "timeout", taskId: TASK_ID });
    expect(here.time.delays[0]).toBe(5000);
    const other = await resultOf(store(IMAGE));
    await other.image.bytes();
    expect(other.time.delays[0]).toBe(600_000);
  });

  it("timeout: counts while a stream is not read", async () => {
    const here = await resultOf(stalled);
    const reader = here.image.stream({ timeout: 10_000 }).getReader();
    await reader.read();
    await here.server.idle();
    await expect(reader.read()).rejects.toMatchObject({ code: "timeout" });
  });

  // @tests DownloadOptions.idleTimeout
  it("idleTimeout: bounds the time without a byte", async () => {
    const here = await resultOf(stalled);
    await expect(here.image.bytes({ idleTimeout: 1000, retry: 0 })).rejects.toThrow(/nothing arrived for 1000 ms/);
  });

  // @tests DownloadOptions.maxBytes
  it("maxBytes: the call's, else the client's", async () => {
    const here = await resultOf(store(IMAGE));
    await expect(here.image.bytes({ maxBytes: 299_999 })).rejects.toThrow(/larger than 299999 bytes/);
    expect((await here.image.bytes({ maxBytes: 300_000 })).byteLength).toBe(300_000);
    const small = await resultOf(store(IMAGE), { results: { maxBytes: 10 } });
    await expect(small.image.bytes()).rejects.toThrow(/larger than 10 bytes/);
    await small.server.idle();
  });

  it.each([{ timeout: 0 }, { idleTimeout: -1 }, { retry: Number.NaN }, { maxBytes: "1" }, { signal: {} }, 5, null])(
    "that cannot work are refused, before anything is fetched or written: %j",
    async (given) => {
      const options = given as never;
      const { image, server } = await resultOf(store(IMAGE));
      const error = { code: "configuration", taskId: TASK_ID };
      await expect(image.bytes(options)).rejects.toMatchObject(error);
      await expect(image.blob(options)).rejects.toMatchObject(error);
      await expect(image.stream(options).getReader().read()).rejects.toMatchObject(error);
      const nowhere = "/dev/null/none/x.png";
      await expect(image.save(nowhere, options)).rejects.toMatchObject(error);
      await expect(image.save(nowhere, { overwrite: options })).rejects.toMatchObject(
        given === null ? { code: "file_failed" } : error,
      );
      expect(server.requests).toHaveLength(0);
    },
  );

  it("of a stream begin to count at its first read, and it may be cancelled before", async () => {
    const { image, server, time } = await resultOf(store(IMAGE));
    const stream = image.stream();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(time.delays).toEqual([]);
    await stream.cancel();
    expect(server.requests).toHaveLength(0);
  });

  it("hosts: nothing is fetched from elsewhere", async () => {
    let asked = 0;
    const fetch = async (): Promise<Response> => {
      asked += 1;
      return new Response(IMAGE);
    };
    const image = await resultBy(fetch, {}, "https://example.com/x.png");
    await expect(image.bytes()).rejects.toMatchObject({ code: "result_refused", taskId: TASK_ID });
    expect(asked).toBe(0);
  });
});
