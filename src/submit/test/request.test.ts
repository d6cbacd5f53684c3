/** A submit's request before anything is sent, called directly: its faults, what becomes of its source, its digest. */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { submitOf } from "../../contract/contract.js";
import { DEFAULT as contract } from "../../contract/default.js";
import { MagnificError } from "../../errors/magnific-error.js";
import type { ImageSource } from "../../image/source.js";
import { type MagnificOptions, settingsOf } from "../../options.js";
import { pngOf } from "../../test-support/png.js";
import { rejection } from "../../test-support/rejection.js";
import { settle, VirtualTime } from "../../test-support/virtual-time.js";
import { fieldFaults, prepareRequest } from "../request.js";
import { digestOf as digestOfOperation } from "../submit-once.js";

const image = pngOf(1_000);
const SUBMIT = submitOf(contract);
const secure = { contract, settings: { insecureWebhookUrl: false } };
const settingsWith = (options: MagnificOptions = {}) => ({
  contract,
  settings: settingsOf({ apiKey: "key-1", time: new VirtualTime(), ...options }),
});
const digestOf = (origin: string, fields: Record<string, unknown>, hash: string) =>
  digestOfOperation(contract, origin, fields, new Map([["image", hash]]));

type Next = () => Promise<IteratorResult<Uint8Array>>;

/** A source that writes down when it is closed; it may be read once. */
function watched(next: Next, replayable = false) {
  const closed: number[] = [];
  const source: ImageSource = {
    replayable,
    open: () => ({
      [Symbol.asyncIterator]: () => ({
        next,
        return: async () => {
          await settle();
          closed.push(1);
          return { done: true, value: undefined };
        },
      }),
    }),
  };
  return { source, closed };
}

/** Gives the chunk over and over. */
const giving =
  (chunk: Uint8Array): Next =>
  async () => ({ done: false, value: chunk });
const stuck: Next = () => new Promise(() => {});

describe("the faults of fields", () => {
  const http = "http://hooks.example/x";
  const notHttps = [["webhook_url", "https"]];
  const table: [string, object, string[][]][] = [
    ["nothing but the image", { image }, []],
    ["an image of any kind, which is looked at elsewhere", { image: 7 }, []],
    ["no image", {}, [["image", "required"]]],
    ["an image that is undefined", { image: undefined }, [["image", "required"]]],
    ["fields that are undefined", { image, sharpen: undefined, webhook_url: undefined, other: undefined }, []],
    ["a field that is null", { image, sharpen: null }, [["sharpen", "type"]]],
    ["a number too large", { image, sharpen: 101 }, [["sharpen", "maximum"]]],
    ["a wrong type", { image, filter_nsfw: "no" }, [["filter_nsfw", "type"]]],
    ["https", { image, webhook_url: "https://hooks.example/x" }, []],
    ["http to a host", { image, webhook_url: http }, notHttps],
    ["http to this machine by name", { image, webhook_url: "http://localhost:8080/x" }, []],
    ["http to this machine by address", { image, webhook_url: "http://127.0.0.1/x" }, []],
    ["another scheme", { image, webhook_url: "ftp://hooks.example/x" }, notHttps],
    ["another scheme to this machine", { image, webhook_url: "ftp://localhost/x" }, notHttps],
    ["an address that URL cannot read", { image, webhook_url: "https://hooks.example:99999/x" }, notHttps],
    ["no address, once", { image, webhook_url: 7 }, [["webhook_url", "type"]]],
  ];
  it.each(table)("of a request with %s", (_, request, expected) => {
    expect(fieldFaults(request, secure).map(({ field, rule }) => [field, rule])).toEqual(expected);
  });

  it("name a field that is unknown, shortened, and never repeat a value", () => {
    const unknown = fieldFaults({ image, [`x${"y".repeat(99)}`]: "key-1" }, secure);
    expect(unknown).toEqual([
      { field: `x${"y".repeat(59)}`, rule: expect.any(String), message: "is not a field of this operation" },
    ]);
    expect(fieldFaults({}, secure)).toEqual([{ field: "image", rule: "required", message: "is required" }]);
    expect(JSON.stringify(fieldFaults({ image, sharpen: "key-1", smart_grain: "key-1" }, secure))).not.toContain(
      "key-1",
    );
  });

  it("hold one fault of an address that is none, whose rule is the schema's", () => {
    const faults = fieldFaults({ image, webhook_url: "no address" }, secure);
    expect(faults.map(({ field }) => field)).toEqual(["webhook_url"]);
    expect(faults[0]?.rule).not.toBe("https");
  });

  it("leave plain http to whoever allows it, and say how to", () => {
    expect(fieldFaults({ image, webhook_url: http }, { contract, settings: { insecureWebhookUrl: true } })).toEqual([]);
    expect(fieldFaults({ image, webhook_url: http }, secure)[0]?.message).toContain("option `insecureWebhookUrl`");
  });

  it("are found without a change of the request", () => {
    const request = { image: "text", sharpen: undefined };
    fieldFaults(request, secure);
    expect(request).toEqual({ image: "text", sharpen: undefined });
    expect(Object.keys(request)).toEqual(["image", "sharpen"]);
  });
});

describe("a request", () => {
  it("that is not an object says so, and nothing else", async () => {
    for (const request of [undefined, null, 7, "text", true, [], [{ image }], () => ({ image })]) {
      const error = await rejection(prepareRequest(request, settingsWith()), MagnificError);
      expect(error).toMatchObject({
        code: "invalid_request",
        submission: "not_sent",
        operation: SUBMIT,
        faults: [{ field: "", rule: "type", message: "the request must be an object" }],
      });
      expect(error.summary).toBe(`${SUBMIT} was not sent: the request must be an object.`);
    }
  });

  it("without an image has that one fault, and one with faults everywhere has them all, the image's first", async () => {
    const rules = async (request: object): Promise<unknown> =>
      (
        (await rejection(prepareRequest(request, settingsWith()), MagnificError)) as MagnificError & {
          faults: { rule: string }[];
        }
      ).faults.map(({ rule }) => rule);
    expect(await rules({})).toEqual(["required"]);
    expect(await rules({ image: undefined, sharpen: 101 })).toEqual(expect.arrayContaining(["required", "maximum"]));
    expect(await rules({ image: "", sharpen: 101, webhook_url: "http://hooks.example" })).toEqual([
      "empty",
      "maximum",
      "https",
    ]);
  });

  it("without a fault gives its fields as they were, and a body of them", async () => {
    const request = { image, sharpen: 7 };
    const { body, fields } = await prepareRequest(request, settingsWith());
    request.sharpen = 8;
    expect(fields).toEqual({ image, sharpen: 7 });
    const text = await new Response(body.open().stream()).text();
    expect(text).toBe(JSON.stringify({ image: Buffer.from(image).toString("base64"), sharpen: 7 }));
    expect(body.length).toBe(text.length);
  });
});

describe("the source of a request", () => {
  it("is closed before the faults of other fields are reported", async () => {
    const { source, closed } = watched(giving(pngOf(300_000)));
    const time = new VirtualTime();
    const error = await rejection(
      prepareRequest({ image: source, sharpen: 101 }, settingsWith({ time })),
      MagnificError,
    );
    expect(error).toMatchObject({ code: "invalid_request", faults: [{ field: "sharpen" }] });
    expect([closed.length, time.pending]).toEqual([1, 0]);
  });

  it("is left open for the sending where there is no fault, and no deadline runs on", async () => {
    const { source, closed } = watched(giving(pngOf(300_000)));
    const time = new VirtualTime();
    const { body } = await prepareRequest({ image: source }, settingsWith({ time }));
    expect([closed.length, time.pending]).toEqual([0, 0]);
    await body.close();
    expect(closed.length).toBe(1);
  });

  it("that gives nothing ends at the timeout of the call, or else of the client", async () => {
    for (const [options, timeout] of [
      [{}, 500],
      [{ timeout: 70 }, 70],
      [{ timeout: 70, signal: new AbortController().signal }, 70],
    ] as const) {
      const time = new VirtualTime();
      const { source, closed } = watched(stuck);
      const working = rejection(
        prepareRequest({ image: source }, settingsWith({ time, timeout: 500 }), options),
        MagnificError,
      );
      await time.advance(timeout);
      const error = await working;
      expect(error).toMatchObject({ code: "timeout", operation: SUBMIT, submission: "not_sent", attempts: 0 });
      expect(error.summary).toBe(
        `The image was not read within ${timeout} ms. Nothing was sent: submitting again is safe.`,
      );
      await settle();
      expect([time.delays, time.pending, closed.length]).toEqual([[timeout], 0, 1]);
    }
  });

  it("that fails says why, less the key", async () => {
    const fail = (): never => {
      throw new Error("no disk for key-1");
    };
    const { source: reading } = watched(async () => fail());
    for (const [source, what] of [
      [reading, "reading failed"],
      [{ replayable: true, open: fail }, "opening failed"],
      [{ replayable: false, open: fail }, "opening failed"],
    ] as const) {
      const time = new VirtualTime();
      const error = await rejection(prepareRequest({ image: source }, settingsWith({ time })), MagnificError);
      expect(error).toMatchObject({ code: "image_unreadable", operation: SUBMIT, submission: "not_sent", attempts: 0 });
      expect(error.summary).toBe(
        `${SUBMIT} failed because the image could not be read: ${what} (no disk for [key]). Nothing was sent: submitting again is safe.`,
      );
      expect(time.pending).toBe(0);
    }
  });
});

describe("the digest", () => {
  const of = (text: string): string => createHash("sha256").update(text).digest("hex");

  it("is that of the origin and the fields by name, those that are undefined left out", async () => {
    const text = 'https://x.example\n{"a":1,"image":"sha256:abc","sharpen":7,"z":[null,{"b":"c"}]}';
    const fields = { z: [null, { b: "c" }], sharpen: 7, gone: undefined, image: "secret", a: 1 };
    expect(await digestOf("https://x.example", fields, "abc")).toBe(of(text));
  });

  it("does not depend on the order of the fields, and does on everything else", async () => {
    const digest = await digestOf("https://x", { image: 1, sharpen: 7, other: 8 }, "abc");
    expect(await digestOf("https://x", { other: 8, sharpen: 7, image: 2 }, "abc")).toBe(digest);
    for (const [origin, fields, hash] of [
      ["https://y", { image: 1, sharpen: 7, other: 8 }, "abc"],
      ["https://x", { image: 1, sharpen: 8, other: 8 }, "abc"],
      ["https://x", { image: 1, sharpen: 7, other: 8 }, "abd"],
      ["https://x", { image: 1, sharpen: 7 }, "abc"],
    ] as const)
      expect(await digestOf(origin, fields, hash)).not.toBe(digest);
  });
});
