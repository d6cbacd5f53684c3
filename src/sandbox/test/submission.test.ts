import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Submission, SubmissionReader } from "../submission.js";

function read(text: string | Buffer, slice = 7): Submission {
  const bytes = Buffer.from(text as string);
  const reader = new SubmissionReader(bytes.length);
  for (let start = 0; start < bytes.length; start += slice) reader.write(bytes.subarray(start, start + slice));
  return reader.end();
}

/** Escapes the way some encoder might: "/" as "\/", "+" as "\u002B", the rest at random. */
function escaped(text: string, seed: number): string {
  return [...text]
    .map((character, index) => {
      const choice = (seed >> (index % 30)) & 3;
      if (character === "/" && choice !== 0) return "\\/";
      if (character === "+" || choice === 3) return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
      return character;
    })
    .join("");
}

const sizes = fc.integer({ min: 1, max: 40 });

describe("SubmissionReader", () => {
  it("finds the image and leaves the rest as JSON.parse has it, however it is sliced and escaped", () => {
    const fields = fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 4, noNullPrototype: true });
    fc.assert(
      fc.property(
        fields,
        fc.uint8Array({ minLength: 1, maxLength: 60 }),
        fc.nat(),
        sizes,
        (rest, image, seed, slice) => {
          const base64 = Buffer.from(image).toString("base64");
          const { image: _, ...others } = rest;
          const before = JSON.stringify(others).slice(1, -1);
          const text = `{${before}${before === "" ? "" : ","}"image" : "${escaped(base64, seed)}"}`;
          const result = read(text, slice);
          expect(result.image).toEqual(Buffer.from(image));
          // By way of JSON, which knows no -0.
          expect(result.body).toEqual({ ...JSON.parse(JSON.stringify(others)), image: "AAAA" });
        },
      ),
    );
  });

  it("refuses what JSON.parse refuses, and takes what it takes", () => {
    const pieces = fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      '"image"',
      '"AAAA"',
      '"a"',
      "1",
      '"\\',
      '"',
      " ",
      "null",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 9 }), sizes, (parts, slice) => {
        const text = parts.join("");
        let expected: unknown;
        try {
          expected = JSON.parse(text);
        } catch {
          expect(() => read(text, slice)).toThrow();
          return;
        }
        expect(read(text, slice).body).toEqual(expected);
      }),
      { numRuns: 5000 },
    );
  });

  it("takes an image nested elsewhere, or named in a value, for what it is", () => {
    expect(read('{"other":{"image":"!!"},"name":"image","list":["image","!!"]}')).toEqual({
      body: { other: { image: "!!" }, name: "image", list: ["image", "!!"] },
      image: undefined,
    });
  });

  it("knows the key by its meaning, and the last of two", () => {
    expect(read('{"\\u0069mage":"QUJD"}').image?.toString()).toBe("ABC");
    expect(read('{"image":"!!","image":"QUJD"}').image?.toString()).toBe("ABC");
    expect(read('{"image":"QUJD","image":5}')).toEqual({ body: { image: 5 }, image: undefined });
  });

  it("puts an invalid stand-in where the text is not base64, an empty one where it is empty", () => {
    expect(read('{"image":"Q!"}').body).toEqual({ image: "!" });
    expect(read('{"image":""}')).toEqual({ body: { image: "" }, image: Buffer.alloc(0) });
  });

  it("refuses bytes that are no UTF-8 and escapes that are none of JSON", () => {
    expect(() => read(Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff]), Buffer.from('"}')]))).toThrow();
    expect(() => read('{"image":"AA\\x41"}')).toThrow();
    expect(() => read('{"image":"AAAA')).toThrow();
  });

  it("takes the image for one only where it is a field of the outermost object", () => {
    for (const text of [
      '{"a":{"b":1,"image":"!!"},"c":2}',
      '{"a":["x","image"],"b":"!!"}',
      '{"image":{"image":"!!"}}',
      '{"":"!!","x":"!!"}',
      '["image","!!"]',
      '[{"image":"!!"}]',
      '"image"',
      "7",
      "null",
    ])
      for (const slice of [1, 100]) expect(read(text, slice)).toEqual({ body: JSON.parse(text), image: undefined });
  });

  it("goes on behind the image, and behind what is nested", () => {
    const text = '{"n":{"a":[1,{"b":":,{"}]},"image":"QUJD","after":"}\\"]","image2":"!!"}';
    for (const slice of [1, 3, 100]) {
      const { body, image } = read(text, slice);
      expect(image?.toString()).toBe("ABC");
      expect(body).toEqual({ ...JSON.parse(text), image: "AAAA" });
    }
  });

  it("needs no size to begin with, and any size will do", () => {
    for (const size of [0, 1, 10_000]) {
      const reader = new SubmissionReader(size);
      reader.write(Buffer.from('{"image":"QUJDREVG"}'));
      expect(reader.end().image?.toString()).toBe("ABCDEF");
    }
  });
});
