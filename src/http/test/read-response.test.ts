/** What is read of an answer: its type, its text in its charset, and never more than a bound. */
import { describe, expect, it } from "vitest";
import { readAnswer } from "../read-response.js";

/** In an unlabelled stream, so that the platform adds no type of its own. */
const streamOf = (...chunks: Uint8Array[]): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
const answerOf = (body: Uint8Array[], headers: Record<string, string> = {}, status = 200) =>
  readAnswer(new Response(streamOf(...body), { status, headers }));
const bytes = (length: number): Uint8Array => new Uint8Array(length).fill(0x61);
const utf16 = new Uint8Array([0x68, 0, 0x69, 0]);

describe("an answer", () => {
  it("is its status, its headers' facts and its body", async () => {
    const headers = {
      "content-type": "Application/JSON ; Charset=UTF-8",
      "x-request-id": "ak-1",
      "x-ratelimit-remaining": "7",
    };
    const answer = await answerOf([new TextEncoder().encode('{"é":1}')], headers, 418);
    expect(answer).toEqual({
      status: 418,
      headers: answer.headers,
      requestId: "ak-1",
      rate: { remaining: 7 },
      type: "application/json",
      text: '{"é":1}',
      length: 8,
      cut: false,
      charset: undefined,
    });
    expect(answer.headers.get("x-request-id")).toBe("ak-1");
  });

  it("may have no type and no body", async () => {
    expect(await answerOf([bytes(1)])).toMatchObject({ type: "", charset: undefined, text: "a" });
    const empty = await readAnswer(new Response(null, { status: 204 }));
    expect(empty).toMatchObject({ status: 204, type: "", text: "", length: 0, cut: false });
  });

  it("may have its headers at hand in a cheaper form", async () => {
    const fields = new Headers({ "x-request-id": "cheap" });
    const response = Object.defineProperty(new Response("x"), "fields", { value: fields });
    const answer = await readAnswer(response);
    expect([answer.headers, answer.requestId]).toEqual([fields, "cheap"]);
  });
});

describe("the charset", () => {
  for (const type of [
    "text/plain;charset=utf-16le",
    "text/plain; charset=UTF-16LE",
    'text/plain;  charset  =  "utf-16le"  ;x=y',
    "text/plain; boundary=b; charset=utf-16le",
    "text/plain; charset=utf-16le; charset=utf-8",
  ])
    it(`is read of ${type}`, async () =>
      expect(await answerOf([utf16], { "content-type": type })).toMatchObject({ text: "hi", charset: "utf-16le" }));

  for (const type of [
    "text/plain",
    "text/plain; xcharset=utf-16le",
    "text/plain; charset=utf-16le x",
    "text/plain; charset=",
    "text/plain; charset=utf-8",
    "text/plain; charset=utf8",
  ])
    it(`is UTF-8 in ${type}`, async () =>
      expect(await answerOf([utf16], { "content-type": type })).toMatchObject({
        text: "h\0i\0",
        charset: undefined,
      }));

  for (const charset of ["klingon", "utf-80", "xutf-8", "utf--8"])
    it(`${charset} is nobody's: named, and read as UTF-8`, async () =>
      expect(
        await answerOf([new TextEncoder().encode("é")], { "content-type": `a/b; charset=${charset}` }),
      ).toMatchObject({ text: "é", charset }));
});

describe("the bound", () => {
  const ERROR = 65_536;
  const ANSWER = 16_777_216;
  for (const [status, most] of [
    [200, ANSWER],
    [299, ANSWER],
    [300, ERROR],
    [500, ERROR],
  ] as const)
    it(`is ${most} bytes for ${status}`, async () => {
      expect(await answerOf([bytes(most - 5), bytes(5)], {}, status)).toMatchObject({ length: most, cut: false });
      const cut = await answerOf([bytes(most - 5), bytes(6), bytes(1)], {}, status);
      expect([cut.length, cut.cut, cut.text.length]).toEqual([most, true, most]);
    });

  it("gives the rest of the body up, whatever that says", async () => {
    let cancelled = 0;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(bytes(ERROR)),
      cancel: () => {
        cancelled += 1;
        throw new Error("cannot be given up");
      },
    });
    expect(await readAnswer(new Response(body, { status: 500 }))).toMatchObject({ cut: true, length: ERROR });
    expect(cancelled).toBe(1);
  });
});

describe("how it is read", () => {
  /** What of a `Response` the reading asks for. */
  async function way(headers: Record<string, string>, status = 500, without?: "bytes"): Promise<string[]> {
    const ways: string[] = [];
    const read = {
      status,
      ok: status < 300,
      headers: new Headers(headers),
      get body() {
        ways.push("stream");
        return streamOf(bytes(3));
      },
      bytes: async () => {
        ways.push("bytes");
        return bytes(3);
      },
      arrayBuffer: async () => {
        ways.push("arrayBuffer");
        return bytes(3).buffer;
      },
    };
    if (without) Object.assign(read, { bytes: undefined });
    expect(await readAnswer(read as unknown as Response)).toMatchObject({ text: "aaa", length: 3, cut: false });
    return ways;
  }

  it("is in one go where it says to be small", async () => {
    expect(await way({ "content-length": "3" })).toEqual(["bytes"]);
    expect(await way({ "content-length": "65536" })).toEqual(["bytes"]);
    expect(await way({ "content-length": "16777216" }, 200)).toEqual(["bytes"]);
    expect(await way({ "content-length": "3" }, 500, "bytes")).toEqual(["arrayBuffer"]);
  });

  it("is in pieces where it says nothing of that, or what cannot be believed", async () => {
    for (const length of ["65537", "0000000003", "3x", "x3", "-3", "0x3", "+3", ""])
      expect(await way({ "content-length": length }), length).toEqual(["stream"]);
    expect(await way({ "content-length": "16777217" }, 200)).toEqual(["stream"]);
    expect(await way({})).toEqual(["stream"]);
    expect(await way({ "content-length": "3", "content-encoding": "gzip" })).toEqual(["stream"]);
  });
});
