/** Base64 in pieces: however the bytes are cut, and with memory that comes back. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Base64Encoder } from "../encoding-stream.js";

const naive = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
const ascii = (pieces: Iterable<Uint8Array>): string => Buffer.concat([...pieces]).toString();
const noise = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8)) & 255);

const BLOCK = 384 * 1024;
const SLICE = 512 * 1024;

describe("encoding in pieces", () => {
  it("is encoding the whole, however it is cut, also when a source reuses its buffer", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 20 }), (chunks) => {
        const encoder = new Base64Encoder();
        const buffer = new Uint8Array(20);
        let text = "";
        for (const chunk of chunks) {
          buffer.set(chunk);
          text += ascii(encoder.push(buffer.subarray(0, chunk.byteLength)));
          buffer.fill(0);
        }
        text += ascii(encoder.end());
        expect(text).toBe(naive(Buffer.concat(chunks)));
      }),
    );
  });

  it("gives pieces of one length, none of them empty, and what is left at the end", () => {
    for (const [length, pieces, last] of [
      [0, [], []],
      [2, [], [4]],
      [3, [4], []],
      [4, [4], [4]],
      [BLOCK, [SLICE], []],
      [BLOCK + 1, [SLICE], [4]],
      [BLOCK + 3, [SLICE, 4], []],
      [2 * BLOCK, [SLICE, SLICE], []],
    ] as const) {
      const encoder = new Base64Encoder();
      const bytes = noise(length);
      const given = [...encoder.push(bytes)];
      const end = [...encoder.end()];
      expect([given, end].map((one) => one.map(({ byteLength }) => byteLength))).toEqual([pieces, last]);
      expect(ascii([...given, ...end]) === naive(bytes)).toBe(true);
      expect([...encoder.end()]).toEqual([]);
    }
  });
});

describe("memory that comes back", () => {
  const bytes = noise(2 * BLOCK + 30);

  it("is written into again, by whole pieces only", () => {
    const encoder = new Base64Encoder();
    const [first] = encoder.push(bytes.subarray(0, BLOCK));
    if (first === undefined) throw new Error("no piece");
    encoder.recycle(first);
    const pieces = [...encoder.push(bytes)];
    expect(pieces.map(({ buffer }) => buffer === first.buffer)).toEqual([true, false, false]);
    expect(ascii(pieces) === naive(bytes)).toBe(true);
    encoder.recycle(first);
    const [exact] = encoder.push(bytes.subarray(0, BLOCK));
    expect(exact?.buffer === first.buffer).toBe(true);
    encoder.recycle(first);
    const small = [...encoder.push(bytes.subarray(0, 30))];
    expect(ascii(small)).toBe(naive(bytes.subarray(0, 30)));
  });

  it("is left alone where it has another length", () => {
    const encoder = new Base64Encoder();
    for (const length of [4, SLICE - 4, SLICE + 4]) encoder.recycle(new Uint8Array(length));
    expect(ascii(encoder.push(bytes)) === naive(bytes)).toBe(true);
  });
});
