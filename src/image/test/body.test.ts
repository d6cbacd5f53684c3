/** The body of a submit: what naive JSON would be, handed out in pieces, with its phase, hash and failures. */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { rejection } from "../../test-support/rejection.js";
import { type Body, type BodyParts, bodyOf, type OpenBody } from "../body.js";
import { SourceFailure, SourceReader } from "../reader.js";
import { type Image, type ImageSource, imageOf } from "../source.js";
import { isRecycling, isTextBody, RECYCLE, TAKE } from "../text-body.js";

const LEAST_PIECE = 64 * 1024;
const noise = (length: number): Uint8Array<ArrayBuffer> => Uint8Array.from({ length }, (_, i) => (i * 31) & 255);
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
const hashOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

function image(input: unknown): Image {
  const made = imageOf(input);
  if (!("kind" in made)) throw new Error(made.message);
  return made;
}
function source(bytes: Uint8Array, size: number | undefined, replayable = true, chunk = 10_000): ImageSource {
  return {
    replayable,
    size,
    async *open() {
      for (let at = 0; at < bytes.byteLength; at += chunk) yield bytes.subarray(at, at + chunk);
    },
  };
}
const body = (input: unknown, parts: Partial<BodyParts> = {}): Body =>
  bodyOf({ image: image(input), fields: { image: "" }, maxBytes: false, ...parts });
async function piecesOf(open: OpenBody): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  for await (const piece of open) pieces.push(piece);
  return pieces;
}
const textOf = async (open: OpenBody): Promise<string> => Buffer.concat(await piecesOf(open)).toString();

describe("a body", () => {
  const FIELDS: readonly Readonly<Record<string, unknown>>[] = [
    { image: "" },
    { sharpen: 1, image: "" },
    { image: "", sharpen: 1 },
    { a: undefined, b: '\u00e9\u{1f600}"\n', image: "", c: undefined, d: [1, { e: null }], 'f"': false },
  ];
  for (const size of [0, 1, 2, 3, 70_000, 500_000]) {
    const bytes = noise(size);
    const FORMS: Readonly<Record<string, readonly [input: unknown, sized: boolean, replayable: boolean]>> = {
      bytes: [bytes, true, true],
      text: [base64(bytes), true, true],
      "a source of known size": [source(bytes, size), true, true],
      "a source of unknown size": [source(bytes, undefined), false, true],
      "a source that can be read once": [source(bytes, size, false), true, false],
    };
    for (const [name, [input, sized, replayable]] of Object.entries(FORMS))
      it(`of ${name}, ${size} bytes, is what naive JSON is, and says its length and hash`, async () => {
        for (const fields of FIELDS) {
          const made = body(input, { fields });
          const naive = JSON.stringify({ ...fields, image: base64(bytes) });
          expect([made.length, made.replayable]).toEqual([sized ? Buffer.byteLength(naive) : undefined, replayable]);
          for (const _time of replayable ? [1, 2] : [1]) {
            const open = made.open();
            expect(open.imageHash).toBeUndefined();
            expect((await textOf(open)) === naive).toBe(true);
            expect([open.imageHash, open.failure, open.phase]).toEqual([hashOf(bytes), undefined, "waiting"]);
          }
        }
      });
  }

  it("is handed out in pieces that are worth a write, and never empty ones", async () => {
    for (const input of [source(noise(500_000), 500_000, true, 1_000), base64(noise(500_000)), noise(500_000)]) {
      const sizes = (await piecesOf(body(input).open())).map(({ byteLength }) => byteLength);
      expect(sizes.length).toBeGreaterThan(2);
      expect(sizes.slice(0, -1).every((size) => size >= LEAST_PIECE)).toBe(true);
      expect(sizes.at(-1)).toBeGreaterThan(0);
    }
  });

  it("gives large pieces as they are, without copying them", async () => {
    // The first is joined with what stands before it; the second is a slice of its own.
    const [, second] = await piecesOf(body(noise(3 * 384 * 1024)).open());
    expect([second?.byteLength, second?.buffer.byteLength]).toEqual([512 * 1024, 512 * 1024]);
  });

  it("joins pieces until they are as long as one that is worth a write", async () => {
    const fields = { sharpen: 100, image: "" };
    const chunk = ((LEAST_PIECE - '{"sharpen":100,"image":"'.length) / 4) * 3;
    const [first] = await piecesOf(body(source(noise(500_000), 500_000, true, chunk), { fields }).open());
    expect(first?.byteLength).toBe(LEAST_PIECE);
  });

  it("takes the memory of a piece back, and writes another into it", async () => {
    const open = body(noise(6 * 384 * 1024)).open();
    if (!isRecycling(open)) throw new Error("nothing is taken back");
    const pieces = open.pieces();
    await pieces.next();
    const { value: second } = await pieces.next();
    if (second === undefined) throw new Error("no second piece");
    const { buffer } = second;
    open[RECYCLE](second);
    const { value: third } = await pieces.next();
    expect(third?.buffer === buffer).toBe(true);
  });

  it("is known by names that every copy of this package has", () => {
    expect([TAKE, RECYCLE]).toEqual([Symbol.for("magnific-client.take"), Symbol.for("magnific-client.recycle")]);
    expect([isTextBody({ take: 1 }), isRecycling({ recycle: 1 })]).toEqual([false, false]);
  });

  it("counts as sending once a piece was handed out, and as waiting with the last", async () => {
    const open = body(noise(300_000)).open();
    expect(open.phase).toBe("connecting");
    const pieces = open.pieces();
    await pieces.next();
    expect(open.phase).toBe("sending");
    let phase: OpenBody["phase"] = open.phase;
    for (let next = await pieces.next(); !next.done; next = await pieces.next()) phase = open.phase;
    expect(phase).toBe("waiting");
  });
});

describe("bytes in memory", () => {
  it("that make one piece are taken as one string; larger ones and other forms are not", async () => {
    for (const [input, small] of [
      [noise(LEAST_PIECE), true],
      [noise(LEAST_PIECE + 1), false],
      [source(noise(10), 10), false],
      [base64(noise(12)), false],
    ] as const)
      expect(isTextBody(body(input).open())).toBe(small);
    const bytes = noise(10);
    const open = body(bytes).open();
    if (!isTextBody(open)) throw new Error("not small");
    expect([open.phase, open.imageHash, open.failure]).toEqual(["connecting", undefined, undefined]);
    expect(open[TAKE]()).toBe(`{"image":"${base64(bytes)}"}`);
    expect([open.phase, open.imageHash]).toEqual(["waiting", hashOf(bytes)]);
    expect(open.close()).toBeUndefined();
  });
});

describe("a source", () => {
  const bytes = noise(200_000);

  it("that has more or fewer bytes than it said is not sent to its end", async () => {
    for (const [said, message] of [
      [199_999, /more bytes than the 199999 it began with/],
      [200_001, /ended after 200000 of 200001 bytes/],
    ] as const) {
      const open = body(source(bytes, said)).open();
      const sent: Uint8Array[] = [];
      const error = await rejection(
        (async () => {
          for await (const piece of open) sent.push(piece);
        })(),
        Error,
      );
      expect(error).toBeInstanceOf(SourceFailure);
      expect(error).toMatchObject({ message });
      expect(open.failure).toBe(error);
      expect([open.phase, open.imageHash]).toEqual(["sending", undefined]);
      expect(Buffer.concat(sent).toString().endsWith("}")).toBe(false);
    }
  });

  it("of more bytes than are allowed is not sent to its end", async () => {
    const most = (maxBytes: number | false): OpenBody => body(source(bytes, undefined), { maxBytes }).open();
    expect(await rejection(piecesOf(most(199_999)), Error)).toMatchObject({
      message: expect.stringMatching(/more than 199999 bytes/),
    });
    for (const maxBytes of [200_000, false] as const)
      expect((await piecesOf(most(maxBytes))).length).toBeGreaterThan(1);
  });

  it("that cannot be opened is a failure of the source, with its cause", async () => {
    const cause = new Error("gone");
    const open = body({
      replayable: true,
      open() {
        throw cause;
      },
    }).open();
    const error = await rejection(piecesOf(open), Error);
    expect(error).toBeInstanceOf(SourceFailure);
    expect(error).toMatchObject({ message: "opening failed", cause });
    expect([open.failure, open.phase]).toEqual([error, "connecting"]);
    expect(open.close()).toBeUndefined();
  });

  /** A source that tells what is done with it. */
  function watched(): { source: ImageSource; done: string[] } {
    const done: string[] = [];
    return {
      done,
      source: {
        replayable: false,
        async *open() {
          done.push("open");
          try {
            for (let at = 0; at < 10; at++) yield noise(100_000);
          } finally {
            done.push("close");
          }
        },
      },
    };
  }

  it("that the checks opened goes on from there, and is closed with the body, sent or not", async () => {
    const unsent = watched();
    const reader = new SourceReader(unsent.source);
    await reader.head(10);
    await body(unsent.source, { opened: reader }).close();
    expect(unsent.done).toEqual(["open", "close"]);

    const sent = watched();
    const opened = new SourceReader(sent.source);
    await opened.head(10);
    const open = body(sent.source, { opened }).open();
    expect(Buffer.concat(await piecesOf(open)).byteLength).toBe(
      '{"image":""}'.length + base64(noise(1_000_000)).length,
    );
    expect([sent.done, open.close()]).toEqual([["open", "close"], undefined]);
    expect(body(noise(10)).close()).toBeUndefined();
  });

  it("is closed while it is sent, and gives nothing more then", async () => {
    for (const early of [false, true]) {
      const { source: one, done } = watched();
      const opened = new SourceReader(one);
      if (early) await opened.head(10);
      const open = body(one, early ? { opened } : {}).open();
      const pieces = open.pieces();
      if (!early) await pieces.next();
      await open.close();
      expect(done).toEqual(["open", "close"]);
      expect(await pieces.next()).toEqual({ done: true, value: undefined });
      expect(open.failure).toBeUndefined();
    }
  });
});
