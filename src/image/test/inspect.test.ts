/** What is said of an image before it is sent, and what the sending goes on with: open where it can be read once, closed else. */
import { describe, expect, it } from "vitest";
import { pngOf } from "../../test-support/png.js";
import { HEAD_BYTES, IMAGE_DEFAULTS, type ImageSettings, TAIL_BYTES } from "../checks.js";
import { type Inspection, inspectImage } from "../inspect.js";
import type { ImageSource } from "../source.js";

const never = (): AbortSignal => new AbortController().signal;
const inspect = (
  input: unknown,
  settings: Partial<ImageSettings> = {},
  within = never,
): Inspection | Promise<Inspection> => inspectImage(input, { ...IMAGE_DEFAULTS, ...settings }, within);
const rules = async (input: unknown, settings?: Partial<ImageSettings>): Promise<string[]> =>
  (await inspect(input, settings)).faults.map(({ rule }) => rule);

const PNG = Buffer.from(pngOf(1_000));
const TEXT = PNG.toString("base64");
/** Larger than what is looked at of its start and its end. */
const LARGE = pngOf(HEAD_BYTES + 100_000);

describe("text", () => {
  /** What a string is refused as, and what its message says. */
  const WRONG: Readonly<Record<string, readonly [readonly string[], RegExp]>> = {
    empty: [[""], /empty string/],
    url: [["https://example.com/a.png", "S3://a", "a+b.c-1://", "blob://x"], /no address is fetched/],
    path: [
      [
        ...["/a", "./a", "../a", "\\a", ".\\a", "~/a", "c:\\a", "C:/a", "/9k/", "./9k/x"],
        ...["a.jpg", "a.JPEG", "a.png", "a.webp", "a.gif", "a.bmp", "a.tif", "a.tiff", "a.avif", "a.heic", "a.heif"],
        `${"a".repeat(1_019)}.png`,
      ],
      /no file is read/,
    ],
    base64: [
      [
        ...["A", "AA", "AB==", "a.pngx", "x/a", ".../a", "a~/", "xc:\\a", "1://a", "ab:/x", "a:b", "a b://c"],
        ...["a.pn", "a_png", "x.heix", "/9j/4A", "\\9j/4", `${"a".repeat(1_020)}.png`, `${"a".repeat(1_021)}/a.png`],
      ],
      /./,
    ],
  };
  for (const [rule, [texts, message]] of Object.entries(WRONG))
    it(`that is refused as ${rule}`, async () => {
      for (const text of texts)
        expect(await inspect(text), text.slice(-20)).toEqual({
          faults: [{ field: "image", rule, message: expect.stringMatching(message) }],
        });
    });

  it("that begins like a path and is base64 of a JPEG is looked at as such", async () => {
    const jpeg = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.alloc(300)]).toString("base64");
    expect(jpeg.slice(0, 4)).toBe("/9j/");
    expect(await rules(jpeg)).toEqual(["truncated"]);
    expect(await rules(`\\9j/${"A".repeat(60)}`)).toEqual(["base64"]);
  });

  it("that is no exact base64 is told why, by its beginning and its end", async () => {
    const breaks = /^is base64 with line breaks or spaces: remove them$/;
    const url = /^is base64url: write \+ and \/ in place of - and _$/;
    const other = /^is no exact base64: it has other letters, wrong padding or unused bits/;
    const long = "A".repeat(5_000);
    for (const [text, message] of [
      [`${TEXT.slice(0, 76)}\n${TEXT.slice(76)}`, breaks],
      [`${TEXT} `, breaks],
      [`${long}\r\n`, breaks],
      [`${long} ${long}`, other],
      ["AA-_", url],
      ["AA-A", url],
      ["AA_A", url],
      ["AA_", url],
      ["A_==", url],
      ["A_=", url],
      [`_${long}!`, url],
      [`${long}_`, other],
      ["AA-!", other],
      ["+A-A", other],
      ["!A-A", other],
      ["A-===", other],
      ["AAA", other],
      ["AB==", other],
    ] as const)
      expect((await inspect(text)).faults, text.slice(0, 20)).toEqual([
        { field: "image", rule: "base64", message: expect.stringMatching(message) },
      ]);
    expect(await rules(`${TEXT}\n`, { base64: false })).toEqual([]);
  });

  it("is looked at like bytes: its start, its end, its size", async () => {
    expect(await inspect(TEXT)).toEqual({ faults: [], image: { kind: "base64", text: TEXT } });
    expect(await rules(TEXT, { maxBytes: 999 })).toEqual(["max_bytes"]);
    expect(await rules(TEXT, { maxBytes: 1_000 })).toEqual([]);
    expect(await rules(PNG.subarray(0, 900).toString("base64"))).toEqual(["truncated"]);
    expect(await rules(Buffer.from("<html>").toString("base64"))).toEqual(["not_an_image"]);
    // Cut at the end, where the whole is not looked at; each length of what is left over a group of four.
    for (const length of [LARGE.byteLength, LARGE.byteLength - 1, LARGE.byteLength - 2]) {
      const large = pngOf(length);
      expect(await rules(Buffer.from(large).toString("base64"))).toEqual([]);
      expect(await rules(`${Buffer.from(large).toString("base64")}\n`, { base64: false })).toEqual([]);
      expect(await rules(Buffer.from(large.subarray(0, length - 12)).toString("base64"))).toEqual(["truncated"]);
    }
  });
});

describe("what is no image", () => {
  it("is told as a fault of the field", async () => {
    expect(await inspect(7)).toEqual({
      faults: [{ field: "image", rule: "type", message: expect.stringMatching(/a number$/) }],
    });
    expect((await inspect(PNG.subarray(0, 40))).faults).toEqual([
      { field: "image", rule: "truncated", message: "is cut off: 40 bytes are too few for a PNG" },
    ]);
  });

  it("is looked at in whole up to the length of what is looked at", async () => {
    // A GIF has no end marker: only of a whole one is it known that its header is broken.
    const gif = (length: number): Buffer => Buffer.concat([Buffer.from("GIF89a"), Buffer.alloc(length - 6)]);
    const limit = HEAD_BYTES - (HEAD_BYTES % 3);
    expect(await rules(gif(HEAD_BYTES))).toEqual(["truncated"]);
    expect(await rules(gif(HEAD_BYTES + 1))).toEqual([]);
    expect(await rules(gif(limit).toString("base64"))).toEqual(["truncated"]);
    expect(await rules(gif(limit + 1).toString("base64"))).toEqual([]);
  });
});

describe("an end marker", () => {
  /** A PNG and what follows its end. */
  const followed = (by: number): Uint8Array => Buffer.concat([LARGE, Buffer.alloc(by)]);
  const source = (bytes: Uint8Array): ImageSource => ({
    replayable: true,
    size: bytes.byteLength,
    async *open() {
      for (let at = 0; at < bytes.byteLength; at += 50_000) yield bytes.subarray(at, at + 50_000);
    },
    tail: async (length) => bytes.subarray(Math.max(0, bytes.byteLength - length)),
  });
  const FORMS: Readonly<Record<string, (bytes: Uint8Array) => unknown>> = {
    bytes: (bytes) => bytes,
    text: (bytes) => Buffer.from(bytes).toString("base64"),
    "a source": source,
    "a Blob": (bytes) => new Blob([new Uint8Array(bytes)]),
  };
  for (const [name, make] of Object.entries(FORMS))
    it(`of ${name} is looked for among the last bytes alone`, async () => {
      // Of text, the last bytes are counted in letters.
      const reach = name === "text" ? (TAIL_BYTES / 4) * 3 : TAIL_BYTES;
      expect(await rules(make(followed(0)))).toEqual([]);
      expect(await rules(make(followed(reach - 12)))).toEqual([]);
      expect(await rules(make(followed(reach + 4)))).toEqual(["truncated"]);
    });
});

/** A source that tells what is done with it. */
function watched(bytes: Uint8Array, facts: Partial<ImageSource> = {}) {
  const done: string[] = [];
  const source: ImageSource = {
    replayable: true,
    async *open() {
      done.push("open");
      try {
        for (let at = 0; at < bytes.byteLength; at += 100_000) yield bytes.subarray(at, at + 100_000);
      } finally {
        done.push("close");
      }
    },
    ...facts,
  };
  return { source, done };
}

describe("a source", () => {
  it("that can be opened again is closed, and looked at in whole where that is known", async () => {
    const { source, done } = watched(PNG, { size: 1_000 });
    expect(await inspect(source)).toEqual({ faults: [], image: { kind: "bytes", source } });
    expect(done).toEqual(["open", "close"]);
    expect(await rules(watched(PNG.subarray(0, 900)).source)).toEqual(["truncated"]);
    expect(await rules(watched(PNG, { size: 1_000 }).source, { maxBytes: 999 })).toEqual(["max_bytes"]);
  });

  it("is looked at in whole when its size is what is looked at, although its end was not asked for", async () => {
    const cut = LARGE.subarray(0, HEAD_BYTES);
    const asked: number[] = [];
    const tail = async (length: number): Promise<Uint8Array> => {
      asked.push(length);
      return new Uint8Array();
    };
    expect(await rules(watched(cut, { size: HEAD_BYTES }).source)).toEqual(["truncated"]);
    expect(await rules(watched(cut, { size: HEAD_BYTES + 1 }).source)).toEqual([]);
    expect(await rules(watched(cut).source)).toEqual([]);
    expect(await rules(watched(cut, { tail }).source)).toEqual(["truncated"]);
    expect(await rules(watched(PNG, { tail }).source)).toEqual([]);
    expect(asked).toEqual([TAIL_BYTES]);
  });

  it("that can be read once stays open, with its head still in it", async () => {
    const { source, done } = watched(LARGE, { replayable: false, size: LARGE.byteLength });
    const { faults, opened } = await inspect(source);
    expect([faults, done]).toEqual([[], ["open"]]);
    const chunks: Uint8Array[] = [];
    for (let chunk = await opened?.next(); chunk !== undefined; chunk = await opened?.next()) chunks.push(chunk);
    expect(Buffer.concat(chunks).equals(LARGE)).toBe(true);
    expect(done).toEqual(["open", "close"]);
    expect(await rules(watched(LARGE, { replayable: false, size: 9 }).source, { maxBytes: 8 })).toEqual(["max_bytes"]);
  });

  it("that fails, or whose end fails, is closed", async () => {
    const broken = watched(PNG, {
      open: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error("gone")) }) }),
    });
    await expect(inspect(broken.source)).rejects.toMatchObject({ message: "reading failed" });
    const { source, done } = watched(LARGE, { tail: () => Promise.reject(new Error("no end")) });
    await expect(inspect(source)).rejects.toThrow("no end");
    expect(done).toEqual(["open", "close"]);
  });

  it("is closed when the reading is ended, also while its end is read", async () => {
    const stuck = { replayable: true, tail: () => new Promise<Uint8Array>(() => {}) };
    for (const bytes of [LARGE, undefined]) {
      const { source, done } = watched(bytes ?? LARGE, stuck);
      const reading: ImageSource = {
        ...source,
        open: () => (bytes === undefined ? { [Symbol.asyncIterator]: () => pending(done) } : source.open()),
      };
      const ending = new AbortController();
      const work = inspect(reading, {}, () => ending.signal);
      setImmediate(() => ending.abort(new Error("enough")));
      await expect(work).rejects.toThrow("enough");
      expect(done.at(-1)).toBe("close");
    }
  });

  it("asks for an ending only where there is something to wait for", () => {
    const asks = (): AbortSignal => {
      throw new Error("asked");
    };
    for (const input of [PNG, TEXT, 7]) expect(inspect(input, {}, asks)).not.toBeInstanceOf(Promise);
    expect(() => inspect(watched(PNG).source, {}, asks)).toThrow("asked");
  });
});

function pending(done: string[]): AsyncIterator<Uint8Array> {
  return {
    next: () => new Promise(() => {}),
    return: async () => {
      done.push("close");
      return { done: true, value: undefined };
    },
  };
}
