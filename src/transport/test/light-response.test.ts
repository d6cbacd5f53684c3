import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { type AnswerHead, isSmallBody, LightResponse, rawField } from "../light-response.js";

interface Made {
  readonly response: LightResponse;
  readonly settled: boolean[];
}

function make(
  body: Readable | Promise<Uint8Array> | undefined,
  head: Partial<AnswerHead> = {},
  reason?: unknown,
): Made {
  const settled: boolean[] = [];
  const hooks = { settled: (complete: boolean) => void settled.push(complete), reason: () => reason };
  return {
    response: new LightResponse("http://x/", { statusCode: 200, rawHeaders: [], ...head }, body, hooks),
    settled,
  };
}

/** As node:http gives them: head and body in one. */
function message(rawHeaders: readonly string[], ...chunks: readonly string[]): Readable & AnswerHead {
  const stream = Readable.from(
    chunks.map((chunk) => Buffer.from(chunk)),
    { objectMode: false },
  );
  return Object.assign(stream, { statusCode: 200, rawHeaders });
}

const gathered = (text: string): Promise<Uint8Array> => Promise.resolve(Buffer.from(text));

describe("rawField", () => {
  it("joins fields of one name, whatever their case, without blanks around them", () => {
    const head = { rawHeaders: ["A", " 1 ", "b", "2", "a", "3", "ab", "4"] };
    expect([rawField(head, "a"), rawField(head, "b"), rawField(head, "c")]).toEqual(["1, 3", "2", null]);
    expect(rawField({ rawHeaders: ["a"] }, "a")).toBeNull();
    expect(rawField({ rawHeaders: [] }, "a")).toBeNull();
  });
});

it("a body is small by its announced length", () => {
  const of = (length: string): boolean => isSmallBody({ rawHeaders: ["content-length", length] });
  expect([of("0"), of("262144"), of("262145"), of("nonsense"), isSmallBody({ rawHeaders: [] })]).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});

describe("an answer's head", () => {
  it("is told as a Response tells it", () => {
    const { response } = make(undefined, { statusMessage: "Fine", rawHeaders: ["A", "1", "a", "2", "x"] });
    expect([response.status, response.statusText, response.url, response.type, response.redirected]).toEqual([
      200,
      "Fine",
      "http://x/",
      "default",
      false,
    ]);
    expect(response.fields.get("a")).toBe("1, 2");
    expect([...response.headers]).toEqual([["a", "1, 2"]]);
    response.headers.set("a", "3");
    expect(response.fields.get("a")).toBe("3");
    const bare = make(undefined, { statusCode: undefined }).response;
    expect([bare.status, bare.statusText]).toEqual([0, ""]);
  });

  it("is ok from 200 to 299", () => {
    const ok = [199, 200, 299, 300].map((statusCode) => make(undefined, { statusCode }).response.ok);
    expect(ok).toEqual([false, true, true, false]);
  });
});

describe("no body", () => {
  it("is null, and empty in every form", async () => {
    const { response } = make(undefined, { statusCode: 204 });
    expect([response.body, response.gathered, response.bodyUsed]).toEqual([null, undefined, false]);
    const copy = response.clone();
    expect([copy.status, await copy.text(), await response.text()]).toEqual([204, "", ""]);
  });
});

describe("a small body", () => {
  it("is gathered from the start, and the exchange is over with its end", async () => {
    for (const chunks of [["one"], ["one", "two", "three"], []]) {
      const body = message(["content-length", "11"], ...chunks);
      const { response, settled } = make(body, body);
      // A message is head and body in one: only then is its length the body's.
      const own = new LightResponse("http://x/", body, body, {
        settled: (all) => void settled.push(all),
        reason: () => {},
      });
      expect(response.gathered).toBeUndefined();
      expect(Buffer.from((await own.gathered) as Uint8Array).toString()).toBe(chunks.join(""));
      expect([settled, own.bodyUsed]).toEqual([[true], false]);
      expect([await own.text(), own.bodyUsed]).toEqual([chunks.join(""), true]);
    }
  });

  it.each<[string, unknown, unknown]>([
    ["the reason, where it was given up", new Error("enough"), undefined],
    ["what broke it, where it was not", undefined, "ERR_TRANSPORT"],
  ])("that fails rejects with %s", async (_name, reason, code) => {
    const body = new Readable({ read: () => {} });
    Object.assign(body, { rawHeaders: ["content-length", "11"] });
    const settled: boolean[] = [];
    const hooks = { settled: (all: boolean) => void settled.push(all), reason: () => reason };
    const own = new LightResponse("http://x/", body as unknown as AnswerHead, body, hooks);
    body.destroy(new Error("broken"));
    const error = await own.bytes().catch((thrown: unknown) => thrown);
    if (reason === undefined) expect(error).toMatchObject({ code, message: "broken", connected: true });
    else expect(error).toBe(reason);
    expect(settled).toEqual([false]);
  });

  it("is a stream where one is asked for, used by its first read", async () => {
    const { response } = make(gathered("small"));
    const { body } = response;
    expect([response.body === body, response.bodyUsed]).toEqual([true, false]);
    const reader = (body as ReadableStream<Uint8Array>).getReader();
    await expect(response.text()).rejects.toThrow("read already");
    expect(() => response.clone()).toThrow("read already");
    expect(Buffer.from((await reader.read()).value as Uint8Array).toString()).toBe("small");
    expect([response.bodyUsed, (await reader.read()).done]).toEqual([true, true]);
    reader.releaseLock();
    await expect(response.text()).rejects.toThrow("read already");
    expect(() => response.clone()).toThrow("read already");
    const empty = make(gathered("")).response.body?.getReader();
    expect((await empty?.read())?.done).toBe(true);
  });

  it("can be read once, in any form, and cloned before", async () => {
    const type = ["content-type", "image/png"];
    const { response } = make(gathered("small"), { rawHeaders: type });
    const copy = response.clone();
    expect([await copy.text(), await response.text(), copy.headers.get("content-type")]).toEqual([
      "small",
      "small",
      "image/png",
    ]);
    const blob = await make(gathered("small"), { rawHeaders: type }).response.blob();
    expect([blob.type, await blob.text()]).toEqual(["image/png", "small"]);
    expect((await make(gathered("small")).response.blob()).type).toBe("");
    const pool = Buffer.from("_small_").subarray(1, 6);
    const buffer = await make(Promise.resolve(pool)).response.arrayBuffer();
    expect(Buffer.from(buffer).toString()).toBe("small");
    const form = ["content-type", "application/x-www-form-urlencoded"];
    expect((await make(gathered("a=b"), { rawHeaders: form }).response.formData()).get("a")).toBe("b");
  });
});

describe("a flowing body", () => {
  const flowing = (...chunks: string[]): Readable => message([], ...chunks);

  it("is read in every form, and its exchange is over with its end", async () => {
    const read = make(flowing("a", "b"));
    expect([read.response.gathered, await read.response.text(), read.settled]).toEqual([undefined, "ab", [true]]);
    const streamed = make(flowing("a", "b"));
    let text = "";
    for await (const chunk of streamed.response.body ?? []) text += Buffer.from(chunk).toString();
    expect([text, streamed.settled]).toEqual(["ab", [true]]);
    const touched = make(flowing("a", "b"));
    void touched.response.body;
    expect([await touched.response.text(), touched.settled]).toEqual(["ab", [true]]);
  });

  it("that is cancelled ends its exchange, once", async () => {
    const body = new Readable({ read: () => {} });
    const { response, settled } = make(body);
    await response.body?.cancel();
    expect([settled, body.destroyed]).toEqual([[false], true]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(settled).toEqual([false]);
  });

  it.each([true, false])("that breaks off fails, as a stream: %s", async (asStream) => {
    const body = new Readable({ read: () => {} });
    const { response, settled } = make(body);
    const read = asStream ? response.body?.getReader().read() : response.text();
    body.push("part");
    if (asStream) await read;
    const rest = asStream ? new Response(null).text() : read;
    rest?.catch(() => {});
    body.destroy();
    await new Promise((resolve) => setImmediate(resolve));
    expect(settled).toEqual([false]);
    if (!asStream)
      await expect(rest).rejects.toMatchObject({
        code: "ECONNRESET",
        message: "The answer broke off.",
        connected: true,
      });
  });
});
