import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Refusal } from "../answer.js";
import { type BodyFacts, readSubmission, type ValidSubmission } from "../read-submission.js";
import { TINY } from "./talk.js";

const LIMIT = 400;

interface Outcome {
  readonly taken?: ValidSubmission;
  readonly status?: number;
  readonly message?: string;
  readonly params?: Refusal["params"];
  readonly facts: BodyFacts;
}

let server: Server;
let outcome: Outcome;
beforeAll(async () => {
  server = createServer(async (asked, response) => {
    const facts: BodyFacts = { bytes: 0, fields: [] };
    try {
      outcome = { taken: await readSubmission(asked, LIMIT, facts), facts };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { status, message, params } = error;
      outcome = { status, message, params, facts };
    }
    response.end();
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** Sends a body, with its length or in pieces. */
async function read(body: unknown, type: string | undefined = "application/json", declared = true): Promise<Outcome> {
  const bytes = Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
  const headers = {
    ...(type === "" ? {} : { "content-type": type }),
    ...(declared ? { "content-length": String(bytes.length) } : {}),
  };
  await new Promise<void>((resolve, reject) => {
    const { port } = server.address() as AddressInfo;
    const sent = request({ host: "127.0.0.1", port, method: "POST", headers }, (response) => {
      response.resume();
      response.on("end", resolve);
    });
    sent.on("error", reject);
    if (!declared) sent.write(bytes.subarray(0, 5));
    sent.end(declared ? bytes : bytes.subarray(5));
  });
  return outcome;
}

describe("a submission", () => {
  it("has the document's defaults, and knows its size and fields", async () => {
    const body = { image: TINY, more: 1 };
    for (const declared of [true, false]) {
      const { taken, facts } = await read(body, undefined, declared);
      expect(taken).toEqual({
        image: Buffer.from(TINY, "base64"),
        sliders: { sharpen: 50, smart_grain: 7, ultra_detail: 30 },
        filterNsfw: false,
        webhookUrl: undefined,
      });
      expect(facts).toEqual({ bytes: JSON.stringify(body).length, fields: ["image", "more"] });
    }
  });

  it("has what it says, a 0 too", async () => {
    const sliders = { sharpen: 0, smart_grain: 0, ultra_detail: 0 };
    const { taken } = await read({ image: TINY, ...sliders, filter_nsfw: true, webhook_url: "http://localhost/x" });
    expect(taken).toMatchObject({ sliders, filterNsfw: true, webhookUrl: "http://localhost/x" });
  });

  it.each([
    ["application/json", true],
    ["APPLICATION/JSON", true],
    ["application/json;charset=utf-8", true],
    ["application/json ; Charset=UTF-8", true],
    ['application/json; x=1; charset="utf-8"', true],
    ["application/json; x=1", true],
    ["application/json; charset=utf-16", false],
    ["application/json; charset=xutf-8", false],
    ["application/json; charset=utf-8x", false],
    ["application/json; charset=", false],
    ["application/jsonx", false],
    ["text/json", false],
    ["", false],
  ])("as %j is read: %s", async (type, isRead) => {
    const { status, message, facts } = await read({ image: TINY }, type);
    if (isRead) expect(status).toBeUndefined();
    else {
      expect([status, message]).toEqual([400, "The body must be sent as application/json in UTF-8"]);
      expect(facts.bytes).toBe(0);
    }
  });

  it.each([true, false])("may be as large as the limit and no larger, its length declared: %s", async (declared) => {
    const sized = (size: number): string => {
      const empty = JSON.stringify({ image: TINY, x: "" });
      return JSON.stringify({ image: TINY, x: "x".repeat(size - empty.length) });
    };
    expect((await read(sized(LIMIT), undefined, declared)).taken).toBeDefined();
    const { status, message, facts } = await read(sized(LIMIT + 1), undefined, declared);
    expect([status, message]).toEqual([413, "The body is larger than the 400 bytes this sandbox takes"]);
    expect(facts.bytes).toBe(declared ? 0 : LIMIT + 1);
  });
});

it.each([
  ["{", "The body is not valid JSON", []],
  ["", "The body is not valid JSON", []],
  ["7", "The body must be object", ["body"]],
  ["null", "The body must be object", ["body"]],
  [{}, "Parameter 'image' is required", ["image"]],
  [{ image: "" }, "Parameter 'image' must not be empty", ["image"]],
  [{ image: "AAA" }, "Parameter 'image' must be base64 with padding", ["image"]],
  [{ image: 7 }, "Parameter 'image' must be string", ["image"]],
  [{ image: TINY, webhook_url: "x y" }, /^Parameter 'webhook_url' must match format/, ["webhook_url"]],
  [
    { sharpen: 101, filter_nsfw: 1 },
    /^(?=.*'image' is required)(?=.*; )(?=.*'sharpen' must be <= 100)(?=.*'filter_nsfw' must be boolean)/,
    ["filter_nsfw", "image", "sharpen"],
  ],
])("refuses %j, and names what is at fault", async (body, message, names) => {
  const refused = await read(body);
  expect(refused.status).toBe(400);
  if (typeof message === "string") expect(refused.message).toBe(message);
  else expect(refused.message).toMatch(message);
  expect(refused.params?.map(({ name }) => name).sort()).toEqual(names);
  if (refused.params?.length) expect(refused.message).toBe(refused.params.map(({ reason }) => reason).join("; "));
});
