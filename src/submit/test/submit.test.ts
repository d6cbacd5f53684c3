/** What becomes of an image's source: opened for each attempt, never sent twice if it cannot be, closed on every way out. */
import { createReadStream, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { Agent } from "undici";
import { describe, expect, it, vi } from "vitest";
import { dispatcherFetch } from "../../api/dispatcher-fetch.js";
import { Magnific } from "../../client.js";
import { MagnificError } from "../../errors/magnific-error.js";
import { imageFile } from "../../files/image-file.js";
import type { ImageInput, ImageSource } from "../../image/source.js";
import type { MagnificOptions } from "../../options.js";
import { memoryTaskStore } from "../../store/task-store.js";
import { TASK_ID } from "../../test-support/client-context.js";
import { type Loopback, loopback, type Serve, until } from "../../test-support/loopback.js";
import { pngOf } from "../../test-support/png.js";
import { rejection } from "../../test-support/rejection.js";
import { SteppingTime } from "../../test-support/stepping-time.js";
import { tcpServer } from "../../test-support/tcp-server.js";
import { tempFolder } from "../../test-support/temp-folder.js";

const folder = tempFolder("magnific-submit-");
const image = pngOf(1_000_000);

const reply =
  (status: number, body: unknown): Serve =>
  (response, _n, request) => {
    request.resume();
    request.on("end", () =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body)),
    );
  };
const created = reply(200, { data: { task_id: TASK_ID, status: "CREATED", generated: [] } });
const busyOnce: Serve = (response, n, request) => (n === 0 ? reply(429, {}) : created)(response, n, request);

const clientOf = (server: Loopback, options: MagnificOptions = {}): Magnific =>
  new Magnific({ apiKey: "key", baseUrl: server.origin, time: new SteppingTime([60_000]), ...options });

interface Watched {
  readonly source: ImageSource;
  readonly opened: () => number;
  readonly open: () => number;
}

/** A source that tells how often it was opened and how often it is open. */
function watched(replayable: boolean, give: () => AsyncIterable<Uint8Array>, size?: number): Watched {
  let opened = 0;
  let open = 0;
  const source: ImageSource = {
    replayable,
    size,
    async *open() {
      opened += 1;
      open += 1;
      try {
        yield* give();
      } finally {
        open -= 1;
      }
    },
  };
  return { source, opened: () => opened, open: () => open };
}
async function* pieces(bytes: Uint8Array = image, size = 100_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += size) yield bytes.subarray(at, at + size);
}

for (const [transport, fetch] of [
  ["the platform's fetch", undefined],
  ["dispatcherFetch", dispatcherFetch(new Agent())],
] as const) {
  describe(`a source over ${transport}`, () => {
    it("that can be opened again is, for the check and for each attempt", async () => {
      const server = await loopback(busyOnce);
      const { source, opened, open } = watched(true, pieces, image.byteLength);
      await clientOf(server, { fetch }).submit({ image: source });
      expect([server.requests.length, opened(), open()]).toEqual([2, 3, 0]);
    });

    it("that can be read once is opened once and never retried", async () => {
      const server = await loopback(busyOnce);
      const { source, opened, open } = watched(false, pieces);
      const error = await rejection(clientOf(server, { fetch }).submit({ image: source }), MagnificError);
      expect(error).toMatchObject({ code: "rate_limited", submission: "rejected", attempts: 1 });
      expect([server.requests.length, opened(), open()]).toEqual([1, 1, 0]);
    });

    it("that fails in the middle is an error of the image, and nobody knows what the provider made of it", async () => {
      const server = await loopback(created);
      let times = 0;
      const { source, open } = watched(
        true,
        async function* () {
          // The first time it is read is for the check.
          yield* pieces(++times === 1 ? image : image.subarray(0, 500_000));
          if (times > 1) throw new Error("the disk is gone");
        },
        image.byteLength,
      );
      const error = await rejection(clientOf(server, { fetch }).submit({ image: source }), MagnificError);
      expect(error).toMatchObject({
        code: "image_unreadable",
        submission: "unknown",
        cause: { message: "the disk is gone" },
      });
      expect(open()).toBe(0);
      await server.idle();
    });

    it("that cannot be opened a second time is an error of the image, and nothing was sent", async () => {
      const server = await loopback(created);
      let times = 0;
      const { source } = watched(
        true,
        () => {
          if (++times > 1) throw new Error("gone");
          return pieces();
        },
        image.byteLength,
      );
      expect(await rejection(clientOf(server, { fetch }).submit({ image: source }), MagnificError)).toMatchObject({
        code: "image_unreadable",
        submission: "not_sent",
      });
    });

    it("that gives fewer or more bytes than it said is not sent to its end", async () => {
      const server = await loopback(created);
      for (const size of [image.byteLength + 1, image.byteLength - 1]) {
        const { source, open } = watched(true, pieces, size);
        const error = await rejection(clientOf(server, { fetch }).submit({ image: source }), MagnificError);
        expect(error).toMatchObject({
          code: "image_unreadable",
          submission: "unknown",
          message: expect.stringMatching(/bytes/),
        });
        expect(open()).toBe(0);
      }
      await server.idle();
    });

    it("that is a file which shrinks is noticed", async () => {
      const server = await loopback(created);
      const path = join(folder, "shrinking.png");
      writeFileSync(path, image);
      const file = await imageFile(path);
      truncateSync(path, 900_000);
      const error = await rejection(
        clientOf(server, { fetch, image: { complete: false } }).submit({ image: file }),
        MagnificError,
      );
      expect(error).toMatchObject({
        code: "image_unreadable",
        message: expect.stringMatching(/900000 of 1000000 bytes/),
      });
    });

    it("that gives nothing more is left at the deadline, and closed", async () => {
      const server = await loopback(created);
      const { source } = watched(false, async function* () {
        yield image.subarray(0, 400_000);
        await new Promise(() => {});
      });
      const time = new SteppingTime([60_000]);
      const working = rejection(clientOf(server, { fetch, time }).submit({ image: source }), MagnificError);
      await until(
        () => server.requests.length === 1,
        () => "nothing was sent",
      );
      time.expire();
      expect(await working).toMatchObject({ code: "timeout", submission: "unknown" });
      await server.idle();
    });

    it("that gives nothing more when the answer comes early does not keep the connection", async () => {
      const server = await tcpServer(async (connection) => {
        await connection.until((all) => all.includes("\r\n\r\n"));
        const head = "HTTP/1.1 401 X\r\ncontent-type: application/json\r\ncontent-length: 16\r\n\r\n";
        connection.socket.write(`${head}{"message":"no"}`);
      });
      const { source } = watched(false, async function* () {
        yield image.subarray(0, 400_000);
        await new Promise(() => {});
      });
      const magnific = new Magnific({ apiKey: "key", baseUrl: server.url, fetch, time: new SteppingTime([60_000]) });
      expect(await rejection(magnific.submit({ image: source }), MagnificError)).toMatchObject({
        code: "authentication_failed",
      });
      const [connection] = server.connections;
      await until(
        () => connection?.socket.destroyed === true || connection?.socket.readableEnded === true,
        () => "the connection is kept",
      );
      await server.close();
    });

    it("is closed when the answer comes before the body is read", async () => {
      const server = await loopback((response, _n, request) => {
        request.pause();
        response.writeHead(401, { "content-type": "application/json", connection: "close" }).end('{"message":"no"}');
      });
      const large = pngOf(20_000_000);
      const { source, open } = watched(true, () => pieces(large), large.byteLength);
      expect(await rejection(clientOf(server, { fetch }).submit({ image: source }), MagnificError)).toMatchObject({
        code: "authentication_failed",
        submission: "rejected",
      });
      expect(open()).toBe(0);
    });
  });
}

describe("a source that is not even looked at", () => {
  it("is cancelled, destroyed or returned when the caller gave up before", async () => {
    const server = await loopback(created);
    let cancelled = false;
    const stream = new ReadableStream<Uint8Array>({
      cancel: () => {
        cancelled = true;
      },
    });
    const path = join(folder, "unread.png");
    writeFileSync(path, image);
    const file = createReadStream(path);
    const pipe = new PassThrough();
    for (const one of [stream, file, pipe] as ImageInput[]) {
      const error = await rejection(
        clientOf(server).submit({ image: one }, { signal: AbortSignal.abort(new Error("enough")) }),
        MagnificError,
      );
      expect(error).toMatchObject({ code: "aborted", submission: "not_sent" });
    }
    await vi.waitFor(() => expect([cancelled, file.destroyed, pipe.destroyed]).toEqual([true, true, true]));
    expect(server.requests).toEqual([]);
  });
});

describe("a source whose digest is asked for", () => {
  it("is closed, though it can be read only once and so has none", async () => {
    const { source, opened, open } = watched(false, pieces);
    const magnific = new Magnific({ apiKey: "key" });
    const error = await rejection(magnific.digest({ image: source }), MagnificError);
    expect(error).toMatchObject({ code: "invalid_request", faults: [{ rule: "replayable" }] });
    expect([opened(), open()]).toEqual([1, 0]);
  });
});

describe("what must not be retried", () => {
  it("says so by `submission` on every error, with a digest where a store asked for one", async () => {
    const server = await loopback(reply(500, {}));
    const plain = await rejection(clientOf(server).submit({ image }), MagnificError);
    expect(plain.digest).toBeUndefined();
    const store = memoryTaskStore();
    const error = await rejection(clientOf(server, { store }).submit({ image }), MagnificError);
    expect(error).toMatchObject({ submission: "unknown", digest: expect.stringMatching(/^[\da-f]{64}$/) });
    expect(error.message).toContain("look at `tasks()`");
  });
});
