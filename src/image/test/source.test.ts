/** Every form of input as the one that is read: what is known of it beforehand, and how it is freed. */
import { Readable } from "node:stream";
import { runInNewContext } from "node:vm";
import { Response as UndiciResponse } from "undici";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type ImageSource, imageOf } from "../source.js";

afterEach(() => vi.unstubAllGlobals());

const BYTES = new Uint8Array([1, 2, 3, 4, 5]);
const stream = (...chunks: readonly Uint8Array[]): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
function sourceOf(input: unknown): ImageSource {
  const image = imageOf(input);
  if (!("source" in image)) throw new Error(JSON.stringify(image));
  return image.source;
}
const response = (headers: Record<string, string>): Response => new Response(stream(BYTES), { headers });

describe("bytes", () => {
  it("are known where there is no shared memory, too", () => {
    vi.stubGlobal("SharedArrayBuffer", undefined);
    expect(sourceOf(BYTES).size).toBe(5);
    expect(imageOf({})).toMatchObject({ rule: "type" });
  });

  it("of a file have its name", () => {
    expect(sourceOf(new File([BYTES], "portrait.png")).name).toBe("portrait.png");
    expect(sourceOf(new Blob([BYTES])).name).toBeUndefined();
  });
});

describe("a response", () => {
  it.each<[Record<string, string>, number | undefined]>([
    [{ "content-length": "5" }, 5],
    [{ "content-length": "9".repeat(15) }, 999_999_999_999_999],
    [{ "content-length": "1".repeat(16) }, undefined],
    [{ "content-length": "5x" }, undefined],
    [{ "content-length": "x5" }, undefined],
    [{}, undefined],
    [{ "content-length": "5", "content-encoding": "gzip" }, undefined],
  ])("with the headers %j has the size %s", (headers, size) => {
    const source = sourceOf(response(headers));
    expect([source.size, source.replayable]).toEqual([size, false]);
  });

  it("without a body is empty", () => {
    const source = sourceOf(new Response(null, { status: 204 }));
    expect([source.size, source.replayable]).toEqual([0, true]);
  });
});

describe("what another realm or another implementation made", () => {
  const realm = (code: string): unknown => runInNewContext(code, { Blob });
  const read = async (source: ImageSource): Promise<number[]> => {
    const bytes: number[] = [];
    for await (const chunk of source.open()) bytes.push(...chunk);
    return bytes;
  };

  it.each([
    ["an ArrayBuffer", "Uint8Array.of(1, 2, 3, 4, 5).buffer"],
    ["a SharedArrayBuffer", "const b = new SharedArrayBuffer(5); new Uint8Array(b).set([1, 2, 3, 4, 5]); b"],
    ["a Uint8Array", "Uint8Array.of(1, 2, 3, 4, 5)"],
    [
      "a Blob",
      "class Other extends Blob { static [Symbol.hasInstance]() { return false } }; new Other([Uint8Array.of(1, 2, 3, 4, 5)])",
    ],
  ])("%s is read", async (_, code) => {
    const source = sourceOf(realm(code));
    expect([source.size, source.replayable, await read(source)]).toEqual([5, true, [1, 2, 3, 4, 5]]);
  });

  it("a Response of undici is read, with its size", async () => {
    const source = sourceOf(new UndiciResponse(BYTES, { headers: { "content-length": "5" } }));
    expect([source.size, await read(source)]).toEqual([5, [1, 2, 3, 4, 5]]);
    expect(imageOf(new UndiciResponse(BYTES, { status: 404 }))).toMatchObject({ rule: "response" });
  });

  it("a Response whose body is a stream of Node's is read, as node-fetch makes it", async () => {
    const body = Readable.from([Buffer.from(BYTES)]);
    const facts = { ok: true, status: 200, bodyUsed: false, headers: new Headers({ "content-length": "5" }) };
    const source = sourceOf({ ...facts, body });
    expect([source.size, await read(source)]).toEqual([5, [1, 2, 3, 4, 5]]);
    expect(imageOf({ ...facts, body, bodyUsed: true })).toMatchObject({ rule: "consumed" });
    expect(imageOf({ ...facts, body: {} })).toMatchObject({ rule: "type" });
  });
});

describe("a stream", () => {
  it("is read once, and let go of at its end", async () => {
    const input = stream(BYTES);
    const source = sourceOf(input);
    expect([source.size, source.replayable, input.locked]).toEqual([undefined, false, false]);
    const iterator = source.open()[Symbol.asyncIterator]();
    expect(await iterator.next()).toEqual({ done: false, value: BYTES });
    expect(input.locked).toBe(true);
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(input.locked).toBe(false);
  });

  it("is cancelled and let go of when its reading ends early", async () => {
    let cancelled = 0;
    const input = new ReadableStream<Uint8Array>({
      cancel: () => {
        cancelled += 1;
      },
    });
    const iterator = sourceOf(input).open()[Symbol.asyncIterator]();
    expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
    expect([cancelled, input.locked]).toEqual([1, false]);
  });
});

describe("an iterable", () => {
  /** What a Node stream has of one, and what was called of it. */
  function iterable(destroys = true) {
    const called: string[] = [];
    const input = {
      [Symbol.asyncIterator]: (): AsyncIterator<Uint8Array> => ({
        next: async () => (called.push("next") > 1 ? new Promise(() => {}) : { done: false, value: BYTES }),
        return: async () => {
          called.push("return");
          return { done: true, value: undefined };
        },
      }),
      ...(destroys ? { destroy: () => void called.push("destroy") } : {}),
    };
    return { called, iterator: sourceOf(input).open()[Symbol.asyncIterator]() };
  }

  it("is destroyed when its reading ends early, for it may not free itself: unread, or while a read is pending", async () => {
    for (const [reads, called] of [
      [0, ["destroy", "return"]],
      [1, ["next", "destroy", "return"]],
      [2, ["next", "next", "destroy", "return"]],
    ] as const) {
      const here = iterable();
      if (reads > 0) expect(await here.iterator.next()).toEqual({ done: false, value: BYTES });
      if (reads > 1) void here.iterator.next();
      expect(await here.iterator.return?.()).toEqual({ done: true, value: undefined });
      expect(here.called).toEqual(called);
    }
  });

  it("that can neither be destroyed nor ended is left", async () => {
    const plain = iterable(false);
    await plain.iterator.return?.();
    expect(plain.called).toEqual(["return"]);
    const bare = { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) };
    const iterator = sourceOf(bare).open()[Symbol.asyncIterator]();
    expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
  });
});

describe("a source of one's own", () => {
  it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60, null, "5"])(
    "says no size that cannot be: %s",
    (size) => {
      expect(imageOf({ replayable: true, open: () => stream(BYTES), size })).toMatchObject({
        rule: "size",
        message: `is an ImageSource whose size is ${size}: it must be a whole number of bytes, or left out`,
      });
    },
  );
});
