import { Readable } from "node:stream";
import { beforeEach, expect, it } from "vitest";
import { Log } from "../log.js";
import { ManualTime } from "../manual-time.js";
import { MemoryStore } from "../memory-store.js";
import { resultPath, signedPath } from "../result-url.js";
import { answerResult } from "../results.js";
import { Tasks } from "../tasks.js";
import { WorkQueue } from "../work-queue.js";

const ID = "046b6c7f-0b8a-43b9-b35d-6489e6daee91";
const OTHER = "146b6c7f-0b8a-43b9-b35d-6489e6daee91";
const BYTES = Buffer.from("0123456789");

let time: ManualTime;
let store: MemoryStore;
let tasks: Tasks;
let path: string;
let made: Buffer;

beforeEach(async () => {
  time = new ManualTime();
  store = new MemoryStore();
  made = BYTES;
  tasks = new Tasks({
    time,
    store,
    log: new Log(0),
    queue: new WorkQueue(1),
    upscaler: async () => ({ bytes: made, type: "image/webp" }),
    signingSecret: "s",
    resultTtlMs: 2000,
    onStep: async () => {},
  });
  path = await generated(ID);
});

async function generated(id: string, status = "COMPLETED"): Promise<string> {
  const facts = { image: { bytes: 1, sha256: "" }, sliders: { sharpen: 0, smart_grain: 0, ultra_detail: 0 } };
  const task = { id, owner: "me", steps: [{ status }], filterNsfw: false, ...facts };
  return (await tasks.create(task, BYTES)).generated[0] ?? "";
}

const get = (id: string, at: string, headers = {}) =>
  answerResult({ time, store, tasks, signingSecret: "s" }, id, new URL(`http://sandbox${at}`), headers);

const common = {
  "content-type": "image/webp",
  "accept-ranges": "bytes",
  "cache-control": "private, max-age=3600",
  etag: `"${ID}"`,
};

it("gives the whole image, with what names it", async () => {
  const { status, headers, body } = await get(ID, path);
  expect([status, String(body)]).toEqual([200, "0123456789"]);
  expect(headers).toEqual({ ...common, "content-length": "10" });
});

it.each([
  ["bytes=2-5", undefined, 206, "2345", "bytes 2-5/10"],
  ["bytes=9-", undefined, 206, "9", "bytes 9-9/10"],
  ["bytes=-1", `"${ID}"`, 206, "9", "bytes 9-9/10"],
  ["bytes=2-5", '"other"', 200, "0123456789", undefined],
  ["bytes=10-", '"other"', 200, "0123456789", undefined],
  ["lines=1", undefined, 200, "0123456789", undefined],
])("gives of %s, if it is still %s, %i", async (range, ifRange, expected, text, contentRange) => {
  const { status, headers, body } = await get(ID, path, { range, ...(ifRange && { "if-range": ifRange }) });
  expect([status, String(body)]).toEqual([expected, text]);
  expect(headers).toStrictEqual({
    ...common,
    "content-length": String(text.length),
    ...(contentRange && { "content-range": contentRange }),
  });
});

it("refuses a range that lies outside, and says how long the image is", async () => {
  await expect(get(ID, path, { range: "bytes=10-" })).rejects.toMatchObject({
    status: 416,
    headers: { "content-range": "bytes */10" },
  });
});

it("has nothing to read of an image without bytes", async () => {
  made = Buffer.alloc(0);
  const { status, headers, body } = await get(OTHER, await generated(OTHER));
  expect([status, headers["content-length"], body instanceof Readable, String(body)]).toEqual([200, "0", false, ""]);
});

it("is denied without a good token, and says when it was one", async () => {
  await expect(get(ID, path.replace(/\?.*/, ""))).rejects.toMatchObject({ status: 403, message: "Access denied" });
  time.advance(2000);
  await expect(get(ID, path)).rejects.toMatchObject({ status: 403, message: "The URL has expired" });
});

it("is not there where the task, its result or its file is not", async () => {
  const signed = (id: string): string => signedPath(resultPath(id, 0, "image/webp"), time.now() + 1000, "s");
  const gone = { status: 404, message: "Not found" };
  await expect(get(OTHER, signed(OTHER))).rejects.toMatchObject(gone);
  // A file without a task, and with a task that has no result.
  await store.writeFile(OTHER, "result", BYTES);
  await expect(get(OTHER, signed(OTHER))).rejects.toMatchObject(gone);
  await generated(OTHER, "CREATED");
  await expect(get(OTHER, signed(OTHER))).rejects.toMatchObject(gone);
  await store.removeFiles(ID);
  await expect(get(ID, path)).rejects.toMatchObject(gone);
});
