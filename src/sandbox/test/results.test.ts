import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ManualTime, type Sandbox, startSandbox } from "../index.js";
import { dataOf, finished, look, submit, TINY } from "./talk.js";

const time = new ManualTime();
let sandbox: Sandbox;
let url: string;
let bytes: Buffer;

beforeAll(async () => {
  sandbox = await startSandbox({ lifeCycle: "completed", time, resultTtlMs: 60_000 });
  url = (await finished(sandbox)).generated[0] ?? "";
  bytes = Buffer.from(await (await fetch(url)).arrayBuffer());
});
afterAll(() => sandbox.close());

describe("a result", () => {
  it("is the image, twice as large, without a key", async () => {
    expect(url.startsWith(`${sandbox.url}/results/`)).toBe(true);
    expect(await sharp(bytes).metadata()).toMatchObject({ format: "png", width: 4, height: 4, channels: 3 });
    expect(sandbox.log.at(-1)).toMatchObject({ event: "request", key: "absent", status: 200 });
  });

  it("answers HEAD like GET, without the bytes", async () => {
    const head = await fetch(url, { method: "HEAD" });
    expect(head.status).toBe(200);
    expect(Object.fromEntries(head.headers)).toMatchObject({
      "content-type": "image/png",
      "content-length": String(bytes.length),
      "accept-ranges": "bytes",
    });
    expect((await head.arrayBuffer()).byteLength).toBe(0);
  });

  it("can be had in pieces, as long as it is the same one", async () => {
    const etag = (await fetch(url, { method: "HEAD" })).headers.get("etag") ?? "";
    const first = await fetch(url, { headers: { range: "bytes=0-9" } });
    const rest = await fetch(url, { headers: { range: "bytes=10-", "if-range": etag } });
    expect([first.status, rest.status]).toEqual([206, 206]);
    expect(rest.headers.get("content-range")).toBe(`bytes 10-${bytes.length - 1}/${bytes.length}`);
    const pieces = [Buffer.from(await first.arrayBuffer()), Buffer.from(await rest.arrayBuffer())];
    expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
    const other = await fetch(url, { headers: { range: "bytes=10-", "if-range": '"another"' } });
    expect(other.status).toBe(200);
    await other.arrayBuffer();
    const beyond = await fetch(url, { headers: { range: `bytes=${bytes.length}-` } });
    expect([beyond.status, beyond.headers.get("content-range")]).toEqual([416, `bytes */${bytes.length}`]);
    await beyond.arrayBuffer();
  });

  it("is denied without a token, with another's, and with one that was changed", async () => {
    const other = new URL((await finished(sandbox)).generated[0] ?? "");
    const stolen = new URL(url);
    stolen.search = other.search;
    for (const wrong of [url.replace(/\?.*/, ""), stolen.href, url.replace("exp=", "exp=9")]) {
      const response = await fetch(wrong);
      expect([response.status, await response.json()]).toEqual([403, { message: "Access denied" }]);
    }
  });

  // @tests sandbox/SandboxOptions.resultTtlMs
  it("keeps its URL, expires, and is then forgotten", async () => {
    const id = sandbox.tasks().at(-1)?.id ?? "";
    time.advance(59_000);
    expect((await look(sandbox, id)).generated).toEqual([url]);
    expect((await fetch(url)).status).toBe(200);
    time.advance(1000);
    const response = await fetch(url);
    expect([response.status, await response.json()]).toEqual([403, { message: "The URL has expired" }]);
    expect((await look(sandbox, id)).generated).toEqual([url]);
    time.advance(1000);
    expect(time.pending).toBe(0);
  });
});

it("is listed as often as the script says, and not at all where it says so", async () => {
  sandbox.script(["CREATED", { status: "COMPLETED", images: 2 }]);
  sandbox.script("completed_without_image");
  const two = await finished(sandbox);
  expect(two.generated.map((image) => new URL(image).pathname)).toEqual([
    `/results/${two.task_id}/0.png`,
    `/results/${two.task_id}/1.png`,
  ]);
  expect(await finished(sandbox)).toMatchObject({ status: "COMPLETED", generated: [] });
});

it("does not exist for an image that cannot be decoded: the task fails, and only the log says why", async () => {
  const broken = Buffer.from("this is no image").toString("base64");
  const truncated = Buffer.from(TINY, "base64").subarray(0, 60).toString("base64");
  for (const image of [broken, truncated]) {
    const task = await finished(sandbox, { image });
    expect(task).toEqual({ task_id: task.task_id, status: "FAILED", generated: [] });
    expect((await look(sandbox, task.task_id)).status).toBe("FAILED");
    expect(sandbox.log.findLast((entry) => entry.event === "task")).toMatchObject({
      status: "FAILED",
      reason: expect.stringMatching(/\w/),
    });
  }
});

it("belongs to its key alone", async () => {
  await using shared = await startSandbox({ key: ["one", "two"], upscaler: "echo", lifeCycle: "immediate" });
  const { task_id: id } = dataOf(await submit(shared));
  const headers = { "x-magnific-api-key": "two" };
  const path = "/v1/ai/image-upscaler-precision";
  expect((await fetch(`${shared.url}${path}/${id}`, { headers })).status).toBe(404);
  expect(await (await fetch(shared.url + path, { headers })).json()).toEqual({ data: [] });
});
