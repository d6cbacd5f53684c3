import { describe, expect, it } from "vitest";
import { RECYCLE, TAKE } from "../../image/text-body.js";
import { type Puller, requestBody } from "../request-body.js";

const sourceOf = (body: Parameters<typeof requestBody>[0]): Puller => {
  const made = requestBody(body);
  if (made.kind !== "streamed") throw new Error(`It is ${made.kind}.`);
  return made.source;
};

const all = async (source: Puller): Promise<string> => {
  let text = "";
  for (let next = await source.pull(); next !== undefined; next = await source.pull())
    text += Buffer.from(next).toString();
  return text;
};

describe("requestBody", () => {
  it("tells bodies that are there from those that come", async () => {
    const bytes = Uint8Array.of(1);
    const text = { [TAKE]: () => "t", async *[Symbol.asyncIterator]() {} } as never;
    expect(requestBody(null)).toEqual({ kind: "none" });
    expect(requestBody(undefined)).toEqual({ kind: "none" });
    expect(requestBody("a")).toEqual({ kind: "whole", bytes: "a", type: "text/plain;charset=UTF-8" });
    expect(requestBody(bytes)).toEqual({ kind: "whole", bytes });
    expect(requestBody(text)).toEqual({ kind: "text", text });
    const form = new URLSearchParams({ q: "ü" });
    const type = "application/x-www-form-urlencoded;charset=UTF-8";
    expect(requestBody(form)).toEqual({ kind: "whole", bytes: "q=%C3%BC", type });
  });

  it("leaves other forms to the platform", async () => {
    expect(requestBody(new Blob(["b"], { type: "image/png" }))).toMatchObject({ kind: "streamed", type: "image/png" });
    expect(requestBody(new Blob(["b"]))).not.toHaveProperty("type");
    expect(await all(sourceOf(new Blob(["blob"])))).toBe("blob");
    expect(await all(sourceOf(new Uint8Array([0x68, 0x69]).buffer))).toBe("hi");
  });
});

describe("a stream", () => {
  it("is pulled to its end", async () => {
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(Buffer.from("a"));
        controller.enqueue(Buffer.from("b"));
        controller.close();
      },
    });
    expect(await all(sourceOf(stream))).toBe("ab");
  });

  it("is cancelled with the reason, whatever it says to that", async () => {
    let reason: unknown;
    sourceOf(
      new ReadableStream({
        cancel: (given) => {
          reason = given;
          throw new Error("cannot");
        },
      }),
    ).cancel("enough");
    expect(reason).toBe("enough");
    await new Promise((resolve) => setImmediate(resolve));
  });
});

describe("an iterable", () => {
  it("is pulled to its end, and freed", async () => {
    let freed = 0;
    async function* chunks(): AsyncGenerator<Uint8Array> {
      try {
        yield Buffer.from("a");
        yield Buffer.from("b");
      } finally {
        freed++;
      }
    }
    expect(await all(sourceOf(chunks()))).toBe("ab");
    const source = sourceOf(chunks());
    await source.pull();
    source.cancel("enough");
    await new Promise((resolve) => setImmediate(resolve));
    expect(freed).toBe(2);
    expect(source.recycle).toBeUndefined();
  });

  it("need not know how to end, nor manage it", async () => {
    const bare = { [Symbol.asyncIterator]: () => ({ next: async () => ({ done: true, value: undefined }) }) };
    expect(() => sourceOf(bare as never).cancel("enough")).not.toThrow();
    const cannot = (): never => {
      throw new Error("cannot");
    };
    for (const end of [() => Promise.reject(new Error("cannot")), cannot]) {
      const failing = {
        [Symbol.asyncIterator]: () => ({ next: async () => ({ done: true, value: undefined }), return: end }),
      };
      expect(() => sourceOf(failing as never).cancel("enough")).not.toThrow();
    }
    await new Promise((resolve) => setImmediate(resolve));
  });

  it("gets its memory back where it takes it", () => {
    const taken: unknown[] = [];
    const body = { [RECYCLE]: (piece: Uint8Array) => void taken.push(piece), async *[Symbol.asyncIterator]() {} };
    const piece = Uint8Array.of(1);
    sourceOf(body as never).recycle?.(piece);
    expect(taken).toEqual([piece]);
  });
});
