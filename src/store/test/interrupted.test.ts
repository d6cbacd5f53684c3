/** Submits with a store that end before anything is sent, or while another call sends the same: what is said, and what stays. */
import { describe, expect, it } from "vitest";
import { Magnific } from "../../client.js";
import { MagnificError } from "../../errors/magnific-error.js";
import type { ImageSource } from "../../image/source.js";
import type { MagnificOptions } from "../../options.js";
import { TASK_ID } from "../../test-support/client-context.js";
import { countedSignal, freePort, loopback } from "../../test-support/loopback.js";
import { pngOf } from "../../test-support/png.js";
import { created } from "../../test-support/provider.js";
import { rejection } from "../../test-support/rejection.js";
import { SteppingTime } from "../../test-support/stepping-time.js";
import { memoryTaskStore, type TaskStore } from "../task-store.js";

const image = pngOf(5_000);
const clientOf = (baseUrl: string, options: MagnificOptions = {}): Magnific =>
  new Magnific({ apiKey: "key", baseUrl, store: memoryTaskStore(), retry: 0, ...options });

/** A PNG that can be read again and again; the `n`-th time (from 0) it is read as `read` says. */
function source(read: (n: number) => AsyncGenerator<Uint8Array>): ImageSource & { readonly closed: () => number } {
  let opened = 0;
  let closed = 0;
  return {
    replayable: true,
    size: image.byteLength,
    closed: () => closed,
    async *open() {
      try {
        yield* read(opened++);
      } finally {
        closed += 1;
      }
    },
  };
}
const whole = async function* (): AsyncGenerator<Uint8Array> {
  yield image;
};

describe("the image is read before anything is sent, and", () => {
  /** Reads well where the image is looked at, and as `then` says where the digest is taken. */
  const later = (then: () => AsyncGenerator<Uint8Array>) => source((n) => (n === 0 ? whole() : then()));

  it("one that cannot be read is not sent", async () => {
    const server = await loopback(created);
    const broken = later(async function* () {
      yield image.subarray(0, 100);
      throw new Error("the disk is gone");
    });
    const error = await rejection(clientOf(server.origin).submit({ image: broken }), MagnificError);
    expect(error).toMatchObject({ code: "image_unreadable", submission: "not_sent", attempts: 0 });
    expect(error.message).toContain("the disk is gone");
    expect(error.cause).toMatchObject({ message: "the disk is gone" });
    expect(server.requests).toEqual([]);
  });

  it("one that stalls ends with the deadline", async () => {
    const server = await loopback(created);
    const time = new SteppingTime(1234);
    const stalled = later(async function* () {
      yield image.subarray(0, 100);
      time.expire();
      await new Promise(() => {});
    });
    const { controller, listeners } = countedSignal();
    const submit = clientOf(server.origin, { time }).submit(
      { image: stalled },
      { timeout: 1234, signal: controller.signal },
    );
    const error = await rejection(submit, MagnificError);
    expect(error).toMatchObject({ code: "timeout", submission: "not_sent", attempts: 0 });
    expect(error.message).toContain("1234 ms");
    expect([listeners(), time.pending, server.requests.length]).toEqual([0, 0, 0]);
  });

  it("one that stalls ends with the caller's signal, whose reason is the cause", async () => {
    const server = await loopback(created);
    const { controller } = countedSignal();
    const stalled = later(async function* () {
      yield image.subarray(0, 100);
      controller.abort(new Error("enough"));
      await new Promise(() => {});
    });
    const error = await rejection(
      clientOf(server.origin).submit({ image: stalled }, { signal: controller.signal }),
      MagnificError,
    );
    expect(error).toMatchObject({ code: "aborted", submission: "not_sent", attempts: 0, cause: { message: "enough" } });
    expect(server.requests).toEqual([]);
  });

  it("whatever it took is given back", async () => {
    const server = await loopback(created);
    const time = new SteppingTime(60_000);
    const { controller, listeners } = countedSignal();
    const read = source(whole);
    await clientOf(server.origin, { time }).submit({ image: read }, { signal: controller.signal });
    expect(read.closed()).toBeGreaterThanOrEqual(2);
    expect([listeners(), time.pending]).toEqual([0, 0]);
  });

  it("a deadline that is none is refused by name", async () => {
    const error = await rejection(clientOf("http://127.0.0.1:9").submit({ image }, { timeout: 0 }), MagnificError);
    expect(error.message).toMatch(/\btimeout\b/);
  });
});

describe("two submits of the same at once", () => {
  it("the one that waits can be aborted; nobody knows then what the other made", async () => {
    let answer = (): void => {};
    const server = await loopback((response, n, request) => {
      answer = () => created(response, n, request);
    });
    const magnific = clientOf(server.origin);
    const first = magnific.submit({ image });
    const { controller, listeners } = countedSignal();
    const second = magnific.submit({ image }, { signal: controller.signal });
    const outcome = rejection(second, MagnificError);
    while (server.requests.length === 0 || listeners() === 0) await new Promise((done) => setTimeout(done, 5));
    controller.abort(new Error("no more"));
    const error = await outcome;
    expect(error).toMatchObject({ code: "aborted", submission: "unknown", cause: { message: "no more" } });
    expect(error.digest).toMatch(/^[\da-f]{64}$/);
    answer();
    expect((await first).id).toBe(TASK_ID);
    expect(server.requests.length).toBe(1);
  });

  it("the one that waited leaves no listener behind", async () => {
    const server = await loopback(created);
    const magnific = clientOf(server.origin);
    const { controller, listeners } = countedSignal();
    const both = await Promise.all([
      magnific.submit({ image }),
      magnific.submit({ image }, { signal: controller.signal }),
    ]);
    expect(both.map(({ id }) => id)).toEqual([TASK_ID, TASK_ID]);
    expect([listeners(), server.requests.length]).toEqual([0, 1]);
  });
});

describe("the store is asked anew each time", () => {
  it("also by the client that sent the same before", async () => {
    const server = await loopback(created);
    const store = memoryTaskStore();
    const magnific = clientOf(server.origin, { store });
    const { digest = "" } = await magnific.submit({ image });
    await store.forget(digest);
    await magnific.submit({ image });
    expect(server.requests.length).toBe(2);
  });

  it("and what was not sent, or refused, is forgotten; its error names the digest", async () => {
    const store = memoryTaskStore();
    const error = await rejection(
      clientOf(`http://127.0.0.1:${await freePort()}`, { store }).submit({ image }),
      MagnificError,
    );
    expect(error).toMatchObject({ submission: "not_sent", digest: expect.stringMatching(/^[\da-f]{64}$/) });
    expect(await store.begin(error.digest ?? "", 1)).toBeUndefined();
  });

  it("and an entry that names no task is not taken for one", async () => {
    const server = await loopback(created);
    const store: TaskStore = { ...memoryTaskStore(), begin: async (_, at) => ({ state: "sent", at }) };
    const error = await rejection(clientOf(server.origin, { store }).submit({ image }), MagnificError);
    expect(error).toMatchObject({ code: "submission_unknown", submission: "unknown" });
    expect(server.requests).toEqual([]);
  });

  it("and its failure says whether reading or writing failed", async () => {
    const server = await loopback(created);
    const failing = (part: keyof TaskStore): MagnificOptions => ({
      store: { ...memoryTaskStore(), [part]: () => Promise.reject(new Error("disk full")) },
    });
    expect(
      (await rejection(clientOf(server.origin, failing("begin")).submit({ image }), MagnificError)).message,
    ).toContain("be read");
    expect(
      (await rejection(clientOf(server.origin, failing("finish")).submit({ image }), MagnificError)).message,
    ).toContain("written");
  });
});
