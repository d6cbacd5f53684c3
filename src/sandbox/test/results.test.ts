import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ManualTime, type Sandbox, startSandbox } from "../index.js";
import { finished, look, TINY } from "./requests.js";

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

describe("A result", () => {
  it("is the image, twice as large, and needs no key", async () => {
    expect(url.startsWith(`${sandbox.url}/results/`)).toBe(true);
    expect(await sharp(bytes).metadata()).toMatchObject({ format: "png", width: 4, height: 4, channels: 3 });
    expect(sandbox.log.at(-1)).toMatchObject({ event: "request", key: "absent", status: 200 });
  });

  it("is denied without a token, with that of another, and with one that was changed", async () => {
    const other = new URL((await finished(sandbox)).generated[0] ?? "");
    const stolen = new URL(url);
    stolen.search = other.search;
    const changed = [
      url.replace("exp=", "exp=9"),
      url.replace("exp=", "exp=0"),
      `${url}0`,
      url.replace("0.png", "1.png"),
    ];
    for (const wrong of [url.replace(/\?.*/, ""), stolen.href, ...changed, url.replace(/exp=\d+/, "exp=")]) {
      const response = await fetch(wrong);
      expect([response.status, await response.json()]).toEqual([403, { message: "Access denied" }]);
    }
    await using stranger = await startSandbox({ port: false, upscaler: "echo" });
    expect((await stranger.fetch(url)).status).toBe(403);
  });

  // @tests sandbox/SandboxOptions.resultTtlMs
  it("keeps its URL, expires, and its image is then removed", async () => {
    const id = sandbox.tasks().at(-1)?.id ?? "";
    time.advance(59_000);
    expect((await look(sandbox, id)).generated).toEqual([url]);
    expect((await fetch(url)).status).toBe(200);
    // Valid until the end of the second in which it expires.
    time.advance(999);
    expect((await fetch(url)).status).toBe(200);
    time.advance(1);
    const response = await fetch(url);
    expect([response.status, await response.json()]).toEqual([403, { message: "The URL has expired" }]);
    expect((await look(sandbox, id)).generated).toEqual([url]);
    time.advance(1000);
    expect(time.pending).toBe(0);
  });
});

// Ranges that are not a single range of bytes are ignored, as RFC 9110 allows.
it.each<[string, number, string, string | null, string?]>([
  ["bytes=0-3", 206, "0123", "bytes 0-3/10"],
  [" bytes=3-3 ", 206, "3", "bytes 3-3/10"],
  ["bytes=9-", 206, "9", "bytes 9-9/10"],
  ["bytes=4-100", 206, "456789", "bytes 4-9/10"],
  ["bytes=-3", 206, "789", "bytes 7-9/10"],
  ["bytes=-100", 206, "0123456789", "bytes 0-9/10"],
  ["bytes=-0", 416, "", "bytes */10"],
  ["bytes=10-", 416, "", "bytes */10"],
  ["bytes=11-12", 416, "", "bytes */10"],
  ...["bytes=11-10", "bytes=3-2", "xbytes=0-3", "bytes=0-3x", "bytes=a-b", "bytes=0-1,4-5", "lines=0-1", "bytes=-"].map(
    (range): [string, number, string, null] => [range, 200, "0123456789", null],
  ),
  ["bytes=2-5", 206, "2345", "bytes 2-5/10", "the same"],
  ["bytes=2-5", 200, "0123456789", null, "another"],
  ["bytes=10-", 200, "0123456789", null, "another"],
])("The range %j of 10 bytes is answered with %i %s", async (range, status, text, contentRange, image) => {
  const upscaler = async () => ({ bytes: Buffer.from("--0123456789--").subarray(2, 12), type: "image/webp" });
  await using own = await startSandbox({ port: false, upscaler, lifeCycle: "immediate" });
  const { task_id: id, generated } = await finished(own);
  const ifRange = { "if-range": image === "another" ? '"another"' : `"${id}"` };
  const headers = { range, ...(image === undefined ? {} : ifRange) };
  const response = await own.fetch(generated[0] ?? "", { headers });
  const body = await response.text();
  expect([response.status, response.headers.get("content-range")]).toEqual([status, contentRange]);
  if (status === 416) expect(JSON.parse(body)).toEqual({ message: "The range lies outside the image" });
  else {
    expect(body).toBe(text);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "image/webp",
      "content-length": String(text.length),
      "accept-ranges": "bytes",
      "cache-control": "private, max-age=3600",
      etag: `"${id}"`,
    });
  }
});

it.each([
  ["image/jpeg", "jpeg"],
  ["image/avif", "avif"],
  ["image/x-own", "bin"],
  ["text/plain", "bin"],
])("The URL of a result of type %s ends in .%s, and an image of no bytes can be fetched", async (type, ending) => {
  const upscaler = async () => ({ bytes: new Uint8Array(), type });
  await using own = await startSandbox({ port: false, upscaler, lifeCycle: "immediate" });
  const { task_id: id, generated } = await finished(own);
  expect(new URL(generated[0] ?? "").pathname).toBe(`/results/${id}/0.${ending}`);
  const response = await own.fetch(generated[0] ?? "");
  expect([response.status, response.headers.get("content-length"), await response.text()]).toEqual([200, "0", ""]);
});

it("A result is listed as often as the script says, and not at all where it says so", async () => {
  sandbox.script(["CREATED", { status: "COMPLETED", images: 2 }]);
  sandbox.script("completed_without_image");
  const two = await finished(sandbox);
  expect(two.generated.map((image) => new URL(image).pathname)).toEqual([
    `/results/${two.task_id}/0.png`,
    `/results/${two.task_id}/1.png`,
  ]);
  expect(await finished(sandbox)).toMatchObject({ status: "COMPLETED", generated: [] });
});

it("The task of an image that cannot be decoded fails, and only the log says why", async () => {
  const broken = Buffer.from("this is not an image").toString("base64");
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
