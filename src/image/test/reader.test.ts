/** How a source is read: its head without loss, chunks of any kind, and an end that frees it once. */
import { describe, expect, it } from "vitest";
import { rejection } from "../../test-support/rejection.js";
import { SourceFailure, SourceReader } from "../reader.js";

/** An iterator that gives these values, throws these errors, and counts what it is asked for. */
function source(...values: readonly unknown[]) {
  const counts = { next: 0, return: 0 };
  const left = [...values];
  const iterator: AsyncIterator<Uint8Array> = {
    async next() {
      counts.next += 1;
      if (left.length === 0) return { done: true, value: undefined };
      const value = left.shift();
      if (value instanceof Error) throw value;
      return { done: false, value: value as Uint8Array };
    },
    async return() {
      counts.return += 1;
      return { done: true, value: undefined };
    },
  };
  const reader = new SourceReader({ replayable: false, open: () => ({ [Symbol.asyncIterator]: () => iterator }) });
  return { reader, iterator, counts };
}
const bytes = (...values: number[]): Uint8Array => new Uint8Array(values);
async function rest(reader: SourceReader): Promise<number[][]> {
  const chunks: number[][] = [];
  for (let chunk = await reader.next(); chunk !== undefined; chunk = await reader.next()) chunks.push([...chunk]);
  return chunks;
}

describe("the head", () => {
  it("is as long as asked for, or the whole; and is given again", async () => {
    const { reader, counts } = source(bytes(1, 2), bytes(3), bytes(4, 5, 6));
    const first = await reader.head(3);
    expect([[...first.bytes], first.whole, counts.next]).toEqual([[1, 2, 3], false, 2]);
    expect(await rest(reader)).toEqual([[1, 2], [3], [4, 5, 6]]);

    for (const [chunks, head, whole] of [
      [[bytes(1), bytes(2)], bytes(1, 2), true],
      [[bytes(1, 2), bytes(3, 4, 5)], bytes(1, 2, 3), false],
      [[], bytes(), true],
    ] as const)
      expect(await source(...chunks).reader.head(3)).toEqual({ bytes: head, whole });
  });

  it("is a copy, and of chunks that share memory each is kept as it was", async () => {
    const shared = bytes(1, 2);
    const { reader } = source(shared, shared);
    const reading = reader.head(4);
    shared[0] = 9;
    expect([...(await reading).bytes]).toEqual([9, 2, 9, 2]);
    shared[0] = 7;
    expect(await rest(reader)).toEqual([
      [9, 2],
      [9, 2],
    ]);

    for (const length of [3, 2]) {
      const large = bytes(1, 2, 3);
      const { bytes: head } = await source(large).reader.head(length);
      large.fill(9);
      expect([...head]).toEqual([1, 2, 3].slice(0, length));
    }
  });
});

describe("a chunk", () => {
  it("is bytes in any view, and never empty", async () => {
    const words = new Uint16Array([0, 0x0201, 0]).subarray(1, 2);
    const view = new DataView(bytes(0, 3, 4, 0).buffer, 1, 2);
    const { reader } = source(bytes(), Buffer.from([1]), words, bytes(), view, bytes(5).buffer, bytes());
    expect(await rest(reader)).toEqual([[1], [1, 2], [3, 4], [5]]);
  });

  it("that is something else is a failure of the source, which is freed then", async () => {
    for (const odd of ["text", 7, null, undefined, [1, 2]]) {
      const { reader, counts } = source(bytes(1), odd);
      await reader.next();
      const error = await rejection(reader.next(), Error);
      expect(error).toBeInstanceOf(SourceFailure);
      expect(error).toMatchObject({ message: "it gives something else than bytes" });
      await reader.close();
      expect(counts.return).toBe(1);
    }
  });
});

describe("a source", () => {
  it("that fails says why, and is not asked again", async () => {
    const { reader, counts } = source(bytes(1), new Error("gone"), bytes(2));
    await reader.next();
    const error = await rejection(reader.next(), Error);
    expect(error).toBeInstanceOf(SourceFailure);
    expect(error).toMatchObject({ message: "reading failed", cause: { message: "gone" } });
    expect(await reader.next()).toBeUndefined();
    await reader.close();
    expect(counts).toEqual({ next: 2, return: 0 });
  });

  it("that is closed is freed once, and gives nothing more, its head neither", async () => {
    const { reader, counts } = source(bytes(1), bytes(2));
    await reader.head(1);
    await Promise.all([reader.close(), reader.close()]);
    expect([await reader.next(), counts]).toEqual([undefined, { next: 1, return: 1 }]);
  });

  const never = (): Promise<never> => new Promise(() => {});
  const fail = async (): Promise<never> => {
    await new Promise((resolve) => setImmediate(resolve));
    throw new Error("it cannot be closed");
  };
  it.each<[string, () => AsyncIterator<Uint8Array>]>([
    ["fails", () => ({ ...source().iterator, return: fail })],
    ["never settles", () => ({ ...source().iterator, return: never })],
    ["does not exist", () => ({ next: source().iterator.next })],
    ["waits for a read that hangs", () => ({ next: never, return: never })],
    ["fails while a read hangs", () => ({ next: never, return: fail })],
  ])("is left to itself when its return() %s", async (_how, iterator) => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on("unhandledRejection", note);
    const reader = new SourceReader({ replayable: false, open: () => ({ [Symbol.asyncIterator]: iterator }) });
    if (_how.includes("read")) void reader.next();
    const began = performance.now();
    await reader.close();
    expect(performance.now() - began).toBeLessThan(_how === "never settles" ? 5_000 : 900);
    await new Promise((resolve) => setTimeout(resolve, 5));
    process.off("unhandledRejection", note);
    expect(unhandled).toEqual([]);
  });

  it("is waited for while it is freed", async () => {
    const { reader, iterator } = source(bytes(1));
    let freed = false;
    iterator.return = () =>
      fail().finally(() => {
        freed = true;
      });
    await reader.close();
    expect(freed).toBe(true);
  });
});
