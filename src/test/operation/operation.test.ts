/** Any operation that makes tasks, by the example of a made-up one: two images, a video as result, names of its own. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "../../../openapi/document/load.js";
import { typeErrors } from "../../../scripts/intake/type-check.js";
import { type ImageSource, Magnific, MagnificError, type MagnificOptions, memoryTaskStore } from "../../index.js";
import { pngOf } from "../../test-support/png.js";
import { rejection } from "../../test-support/rejection.js";
import { generatedWithSibling, JOB, PAIR, siblingContract, siblingProvider } from "../../test-support/sibling.js";
import { VirtualTime } from "../../test-support/virtual-time.js";

const FRONT = pngOf(200_000);
const BACK = pngOf(90_000, 64, 48, "back");
const VIDEO = Uint8Array.from([0, 0, 0, 24, ...Buffer.from("ftypisom"), ...new Array(2000).fill(7)]);

/** A client of a provider on loopback, and the sibling of it. */
async function sibling(states: readonly string[] = ["ready"], options: MagnificOptions = {}) {
  const server = await siblingProvider(states, VIDEO);
  const poll = { first: 1, max: 1 };
  const magnific = new Magnific({ apiKey: "key", baseUrl: server.origin, poll, retry: 0, rate: false, ...options });
  return { server, magnific, pair: magnific.operation(PAIR, await siblingContract()) };
}
/** An image of which it is told when it is read and closed; it may be read once. */
function once(bytes: Uint8Array) {
  const seen = { read: 0, closed: 0 };
  const source: ImageSource = {
    replayable: false,
    open: () => {
      let at = 0;
      return {
        [Symbol.asyncIterator]: () => ({
          next: async () => {
            seen.read += 1;
            const value = bytes.subarray(at, at + 50_000);
            at += 50_000;
            return value.byteLength > 0 ? { done: false, value } : { done: true, value: undefined };
          },
          return: async () => {
            seen.closed += 1;
            return { done: true, value: undefined };
          },
        }),
      };
    },
  };
  return { source, seen };
}
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");

describe("the types of another operation", () => {
  it("are those of its document: its fields, its images, its statuses, and nothing of the upscaler's", async () => {
    const uses = readFileSync(join(import.meta.dirname, "uses.ts.txt"), "utf8");
    const files = new Map([...(await generatedWithSibling()), ["uses.ts", uses]]);
    expect(typeErrors(ROOT, files)).toEqual({ generated: [], client: [] });
  }, 60_000);
});

describe("another operation", () => {
  it("runs from its images to its result, which is a video, with its own paths, fields and statuses", async () => {
    const { server, pair } = await sibling(["waiting", "painting", "ready"]);
    const seen: string[] = [];
    const onStatus = ({ status }: { status: string }) => void seen.push(status);
    const done = await pair.run({ style: "oil", front: FRONT, strength: 3, back: BACK }, { onStatus });
    const [body = ""] = server.bodies;
    expect(body === JSON.stringify({ style: "oil", front: base64(FRONT), strength: 3, back: base64(BACK) })).toBe(true);
    expect(server.requests[0]?.headers["content-length"]).toBe(String(body.length));
    expect(seen).toEqual(["waiting", "painting", "COMPLETED"]);
    expect(done).toMatchObject({ id: JOB, status: "COMPLETED", raw: { state: "ready" } });
    const blob = await done.images[0].blob();
    expect([blob.type, blob.size]).toEqual(["video/mp4", VIDEO.byteLength]);
    expect(server.requests.map(({ method, path }) => `${method} ${path}`).slice(0, 2)).toEqual([
      `POST ${PAIR}`,
      `GET /v1/ai/portraits/${JOB}`,
    ]);
    expect([...(await pair.tasks())]).toEqual([{ id: JOB, status: "painting" }]);
  });

  it("streams each image, and closes all of them, whatever becomes of the request", async () => {
    const { server, pair } = await sibling();
    const [front, back] = [once(pngOf(900_000)), once(pngOf(700_000))];
    const task = await pair.submit({ front: front.source, style: "oil", back: back.source });
    expect(task.id).toBe(JOB);
    const sent = JSON.parse(server.bodies[0] ?? "");
    expect([sent.front.length, sent.back.length]).toEqual([1_200_000, 933_336]);
    const [one, other] = [once(pngOf(900_000)), once(pngOf(700_000))];
    const refused = pair.submit({ front: one.source, style: "oil", back: other.source, strength: 11 });
    expect(await rejection(refused, MagnificError)).toMatchObject({ faults: [{ field: "strength", rule: "maximum" }] });
    expect([one.seen.closed, other.seen.closed]).toEqual([1, 1]);
    expect(server.bodies).toHaveLength(1);
  });

  it("sends a URL as it is where the document takes one, and no other text", async () => {
    const { server, pair } = await sibling();
    const back = "https://example.com/back.jpg";
    await pair.submit({ front: FRONT, style: "oil", back });
    expect(JSON.parse(server.bodies[0] ?? "")).toMatchObject({ back });
    const faults = await rejection(pair.submit({ front: back, style: "oil", back: "back.jpg" }), MagnificError);
    expect(faults).toMatchObject({
      faults: [
        { field: "front", rule: "url" },
        { field: "back", rule: "path" },
      ],
    });
  });

  it.each([
    ["an unknown field", { front: FRONT, style: "oil", sharpen: 3 }, [["sharpen", "unevaluatedProperties"]]],
    [
      "a wrong value, a missing image and plain http",
      { style: "chalk", notify: "http://a.example" },
      [
        ["front", "required"],
        ["style", "enum"],
        ["notify", "https"],
      ],
    ],
    [
      "text that is not an image, in both fields",
      { front: new Uint8Array([60, 104]), back: "!", style: "oil" },
      [
        ["front", "not_an_image"],
        ["back", "base64"],
      ],
    ],
    [
      "one stream for two images",
      (() => {
        const { source } = once(FRONT);
        return { front: source, back: source, style: "oil" };
      })(),
      [["back", "consumed"]],
    ],
  ])("refuses %s before a byte is sent", async (_, request, expected) => {
    const { server, pair } = await sibling();
    const error = await rejection(pair.submit(request), MagnificError);
    expect(error).toMatchObject({ code: "invalid_request", operation: `POST ${PAIR}`, submission: "not_sent" });
    const faults = (error as MagnificError & { faults: { field: string; rule: string }[] }).faults;
    expect(faults.map(({ field, rule }) => [field, rule])).toEqual(expect.arrayContaining(expected));
    expect(server.requests).toEqual([]);
  });

  it("fails when its document says so, and keeps waiting for a status that it does not know", async () => {
    const { pair } = await sibling(["resting", "cancelled"]);
    expect(await rejection(pair.task(JOB).wait(), MagnificError)).toMatchObject({ code: "task_failed", taskId: JOB });
    expect(await (await sibling(["resting"])).pair.task(JOB).get()).toMatchObject({
      status: "UNKNOWN",
      wireStatus: "resting",
    });
  });

  it("keeps the id of a task that a response names, however wrong the rest of it is", async () => {
    const answer = () => Response.json({ job: { job_id: JOB } }, { status: 500 });
    const magnific = new Magnific({ apiKey: "key", retry: 0, fetch: async () => answer() });
    const pair = magnific.operation(PAIR, await siblingContract());
    const error = await rejection(pair.submit({ front: FRONT, style: "oil" }), MagnificError);
    expect(error).toMatchObject({ taskId: JOB, submission: "unknown" });
  });
});

describe("a store", () => {
  it("never takes a request of one operation for one of another, and pays for the same one once", async () => {
    const store = memoryTaskStore();
    const { server, pair, magnific } = await sibling(["ready"], { store });
    const request = { front: FRONT, style: "oil", back: BACK };
    const digest = await pair.digest(request);
    expect(digest).toMatch(/^[\da-f]{72}$/);
    expect(await pair.digest({ ...request, back: FRONT })).not.toBe(digest);
    expect(await magnific.digest({ image: FRONT })).toMatch(/^[\da-f]{64}$/);
    const other = { ...(await siblingContract()), submit: { path: "/v1/ai/another" } };
    expect(await magnific.operation("/v1/ai/another", other).digest(request)).not.toBe(digest);
    await pair.submit(request);
    await pair.submit(request);
    expect(server.bodies).toHaveLength(1);
  });

  it("is reconciled with the list of each operation by itself", async () => {
    const time = new VirtualTime();
    const store = memoryTaskStore();
    const job = [{ job_id: JOB, state: "painting" }];
    const magnific = new Magnific({ apiKey: "key", store, time, fetch: async () => Response.json({ job }) });
    const pair = magnific.operation(PAIR, await siblingContract());
    const digest = await pair.digest({ front: FRONT, style: "oil" });
    const known = await pair.digest({ front: BACK, style: "oil" });
    await store.begin(known, time.now());
    await store.finish(known, JOB, time.now());
    await time.advance(1000);
    await store.begin(digest, time.now());
    await time.advance(10_000_000);
    expect(await time.until(pair.reconcile({ exclusive: true }))).toMatchObject({ outcome: "none", digests: [digest] });
    const upscaler = time.until(
      magnific.operation("/x", { ...(await siblingContract()), submit: { path: "/x" } }).reconcile({ exclusive: true }),
    );
    expect(await upscaler).toMatchObject({ outcome: "none", digests: [] });
  });
});

describe("an operation that is not there", () => {
  it("is named by the first call, with those that are", async () => {
    const magnific = new Magnific({ apiKey: "key" });
    const nowhere = magnific.operation("/v1/ai/nowhere" as "/v1/ai/image-upscaler-precision");
    for (const call of [nowhere.submit({ image: FRONT }), nowhere.task("x").get(), nowhere.tasks(), nowhere.contract()])
      expect(await rejection(call, MagnificError)).toMatchObject({
        code: "configuration",
        message: expect.stringMatching(
          /\/v1\/ai\/nowhere is not an operation of this package that makes tasks; there are: .*\/v1\/ai\/image-upscaler-precision/,
        ),
      });
    const wrong = magnific.operation("/v1/ai/nowhere", await siblingContract());
    expect((await rejection(wrong.contract(), MagnificError)).message).toMatch(
      /of POST \/v1\/ai\/nowhere, not that of POST/,
    );
  });

  it("is the default one under its own path: the client itself", async () => {
    const magnific = new Magnific({ apiKey: "key" });
    const same = magnific.operation("/v1/ai/image-upscaler-precision");
    expect(await same.digest({ image: FRONT })).toBe(await magnific.digest({ image: FRONT }));
    expect(() => same.task("no uuid")).toThrow(/must be the UUID of a task/);
  });
});
