/** Fields that the document does not know yet, and the response to a submit as it came. */
import { text } from "node:stream/consumers";
import { describe, expect, it, onTestFinished } from "vitest";
import { Magnific, type MagnificOptions, memoryTaskStore, type SubmitOptions } from "../../index.js";
import { startSandbox } from "../../sandbox/index.js";
import { TASK_ID } from "../../test-support/client-context.js";
import { loopback } from "../../test-support/loopback.js";
import { pngOf } from "../../test-support/png.js";
import { task } from "../../test-support/provider.js";

const KEY = "a-key-that-nobody-may-see";
const image = pngOf(300);

/** A provider that keeps the bodies it gets. */
async function place(options: MagnificOptions = {}) {
  const bodies: string[] = [];
  const server = await loopback(async (response, n, request) => {
    bodies.push(await text(request));
    response.setHeader("x-request-id", "ak-7");
    response.setHeader("x-served-by", "edge-3");
    response.setHeader("x-echo", `it was ${KEY}`);
    task("CREATED")(response, n, request);
  });
  const magnific = new Magnific({ apiKey: KEY, baseUrl: server.origin, ...options });
  const send = (extraBody: SubmitOptions["extraBody"], more: SubmitOptions = {}) =>
    magnific.submit({ image, sharpen: 40 }, { extraBody, ...more });
  return { bodies, magnific, send };
}

describe("extraBody", () => {
  // @tests SubmitOptions.extraBody
  it("is sent with the checked fields, and named to hook and log", async () => {
    const unchecked: unknown[] = [];
    const lines: string[] = [];
    const logger = { debug: () => {}, info: () => {}, warn: (line: string) => void lines.push(line) };
    const { bodies, send } = await place({ logger, onRequest: (event) => unchecked.push(event.unchecked) });
    const extra = { scale_factor: 2, nested: { mode: ["a", null] }, left_out: undefined };
    await send(extra);
    const sent = {
      image: Buffer.from(image).toString("base64"),
      sharpen: 40,
      scale_factor: 2,
      nested: { mode: ["a", null] },
    };
    expect(JSON.parse(bodies[0] ?? "")).toEqual(sent);
    expect(unchecked).toEqual([["scale_factor", "nested"]]);
    expect(lines).toEqual([
      expect.stringMatching(/^magnific: POST \S+: attempt 1, .*unchecked fields: scale_factor, nested$/),
    ]);
  });

  it("takes no field of the document, the image first of all, and nothing that is not JSON", async () => {
    const { bodies, send } = await place();
    const refused = async (extra: object) =>
      (await send(extra as never).catch((error: unknown) => error)) as { faults: object[] };
    for (const name of ["image", "webhook_url", "sharpen"]) {
      const message = "is a field of this operation: it belongs in the request, where it is checked";
      expect((await refused({ [name]: "AAAA", other: 1 })).faults).toEqual([
        { field: name, rule: "extra_body", message },
      ]);
    }
    const cycle: Record<string, unknown> = {};
    cycle.cycle = cycle;
    for (const extra of [cycle, { n: 1n }, { toJSON: () => "text" }])
      expect(await refused(extra)).toMatchObject({
        code: "invalid_request",
        submission: "not_sent",
        faults: [{ field: "extraBody" }],
      });
    expect(await refused([] as never)).toMatchObject({ code: "configuration" });
    expect(bodies).toEqual([]);
  });

  it("never carries the key, as text or encoded, also where a function gives it", async () => {
    for (const apiKey of [KEY, () => KEY])
      for (const secret of [KEY, btoa(KEY)]) {
        const { bodies, send } = await place({ apiKey });
        const error = await send({ note: { deep: `it is ${secret}` } }).catch((thrown: unknown) => thrown);
        expect(error).toMatchObject({ code: "configuration", submission: "not_sent" });
        expect(JSON.stringify(error)).not.toContain(KEY);
        expect(bodies).toEqual([]);
      }
  });

  it("counts in the digest of a request, so that a store tells it from the same without", async () => {
    const { bodies, magnific, send } = await place({ store: memoryTaskStore() });
    const handle = await send({ scale_factor: 2 });
    await send({ scale_factor: 2 });
    await send(undefined);
    expect(bodies).toHaveLength(2);
    expect(await magnific.digest({ image, sharpen: 40 }, { extraBody: { scale_factor: 2 } })).toBe(handle.digest);
  });
});

describe("the response of a submit", () => {
  it("is on its task: status, headers and request id as they came, but for a header that repeats the key", async () => {
    const { magnific, send } = await place();
    const { response } = await send(undefined);
    expect([response?.status, response?.requestId, response?.headers.get("x-served-by")]).toEqual([
      200,
      "ak-7",
      "edge-3",
    ]);
    expect(response?.headers.has("x-echo")).toBe(false);
    expect(magnific.task(TASK_ID).response).toBeUndefined();
  });

  it("is absent where a store knew the task, because nothing was sent", async () => {
    const sandbox = await startSandbox({ upscaler: "echo" });
    onTestFinished(() => sandbox.close());
    const magnific = new Magnific({ apiKey: sandbox.key, baseUrl: sandbox.url, store: memoryTaskStore() });
    expect((await magnific.submit({ image })).response?.status).toBe(200);
    expect((await magnific.submit({ image })).response).toBeUndefined();
  });
});
