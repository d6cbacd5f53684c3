// @tests sandbox/SandboxOptions
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { type LogEntry, ManualTime, SandboxError, type SandboxOptions, startSandbox } from "../index.js";
import { finished, submit, TASKS, TINY, talk, until } from "./talk.js";

const QUICK = { upscaler: "echo", lifeCycle: "immediate" } satisfies SandboxOptions;

describe("an option of the sandbox", () => {
  it("port: is listened on, and on loopback alone", async () => {
    const probe = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => probe.once("listening", resolve));
    const { port } = probe.address() as AddressInfo;
    await expect(startSandbox({ ...QUICK, port })).rejects.toMatchObject({ code: "EADDRINUSE" });
    await new Promise((resolve) => probe.close(resolve));
    await using sandbox = await startSandbox({ ...QUICK, port });
    expect(sandbox.url).toBe(`http://127.0.0.1:${port}`);
  });

  it("key: is what must be sent", async () => {
    await using sandbox = await startSandbox({ ...QUICK, key: "my-key" });
    expect(sandbox.key).toBe("my-key");
    expect((await talk(sandbox, TASKS)).status).toBe(200);
    await using random = await startSandbox(QUICK);
    expect(random.key).toMatch(/^sandbox-[0-9a-f]{48}$/);
  });

  it("upscaler: makes the image, from the bytes and sliders sent", async () => {
    let given: unknown;
    await using sandbox = await startSandbox({
      lifeCycle: "immediate",
      upscaler: async (image, sliders) => {
        given = { image: Buffer.from(image).toString("base64"), sliders };
        return { bytes: Buffer.from("made"), type: "image/jpeg" };
      },
    });
    const { generated } = await finished(sandbox, { image: TINY, sharpen: 1 });
    expect(given).toEqual({ image: TINY, sliders: { sharpen: 1, smart_grain: 7, ultra_detail: 30 } });
    const response = await fetch(generated[0] ?? "");
    expect([await response.text(), response.headers.get("content-type")]).toEqual(["made", "image/jpeg"]);
    expect(generated[0]).toContain("/0.jpeg?");
  });

  it('upscaler "echo": gives the image back, and fails where there is none', async () => {
    await using sandbox = await startSandbox(QUICK);
    const response = await fetch((await finished(sandbox)).generated[0] ?? "");
    expect(Buffer.from(await response.arrayBuffer()).toString("base64")).toBe(TINY);
    expect((await finished(sandbox, { image: "AAAA" })).status).toBe("FAILED");
  });

  it("scale and resultFormat: say how large and what the result is", async () => {
    await using sandbox = await startSandbox({ lifeCycle: "immediate", scale: 5, resultFormat: "source" });
    const image = await sharp(Buffer.from(TINY, "base64")).jpeg().toBuffer();
    const { generated } = await finished(sandbox, { image: image.toString("base64") });
    const bytes = Buffer.from(await (await fetch(generated[0] ?? "")).arrayBuffer());
    expect(await sharp(bytes).metadata()).toMatchObject({ format: "jpeg", width: 10, height: 10 });
  });

  it("rateLimit: refuses what is too much, for each key, until the window ends", async () => {
    const time = new ManualTime();
    await using sandbox = await startSandbox({
      ...QUICK,
      time,
      key: ["one", "two"],
      rateLimit: { limit: 2, windowMs: 10_000 },
    });
    await talk(sandbox, TASKS);
    time.advance(2500);
    expect((await talk(sandbox, TASKS)).headers.get("x-ratelimit-remaining")).toBe("0");
    const refused = await submit(sandbox);
    expect([refused.status, refused.body]).toEqual([429, { message: "Too many requests. Please slow down." }]);
    expect(Object.fromEntries(refused.headers)).toMatchObject({
      "x-ratelimit-limit": "2",
      "x-ratelimit-remaining": "0",
      "x-ratelimit-reset": "8",
      "retry-after": "8",
    });
    expect((await talk(sandbox, TASKS, { headers: { "x-magnific-api-key": "two" } })).status).toBe(200);
    time.advance(7500);
    expect((await submit(sandbox)).status).toBe(200);
    expect(sandbox.counts).toMatchObject({ rateLimited: 1, submits: 2, paid: 1 });
  });

  it("latencyMs: comes before each answer", async () => {
    const time = new ManualTime();
    await using sandbox = await startSandbox({ ...QUICK, time, latencyMs: 700 });
    let answered = false;
    const reply = talk(sandbox, TASKS).then(() => {
      answered = true;
    });
    await until(() => time.pending === 1);
    time.advance(699);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(answered).toBe(false);
    time.advance(1);
    await reply;
  });

  it("logSize and onLog: bound what is kept, and hand out all of it", async () => {
    const entries: LogEntry[] = [];
    await using sandbox = await startSandbox({ ...QUICK, logSize: 2, onLog: (entry) => entries.push(entry) });
    for (let count = 0; count < 4; count++) await talk(sandbox, TASKS);
    expect(entries).toHaveLength(4);
    expect(sandbox.log).toEqual(entries.slice(-2));
  });

  it.each([
    [{ port: 70_000 }, "`port`"],
    [{ key: "with blank" }, "`key`"],
    [{ key: [] }, "`key`"],
    [{ lifeCycle: [] }, "at least one step"],
    [{ lifeCycle: "toString" as "failed" }, 'no life cycle "toString"'],
    [{ upscaler: "sharp", scale: 17 }, "`scale`"],
    [{ upscaler: "sharp", resultFormat: "bmp" as "png" }, "`resultFormat`"],
    [{ concurrency: 0 }, "`concurrency`"],
    [{ bodyLimit: Number.NaN }, "`bodyLimit`"],
    [{ resultTtlMs: -1 }, "`resultTtlMs`"],
    [{ rateLimit: { windowMs: 0 } }, "`rateLimit.windowMs`"],
    [{ latencyMs: -1 }, "`latencyMs`"],
    [{ faults: [{ kind: "delay" } as never] }, 'needs "ms"'],
    [{ webhooks: { timeoutMs: 0 } }, "`webhooks.timeoutMs`"],
    [{ logSize: -1 }, "`logSize`"],
  ] satisfies [SandboxOptions, string][])("%j: is refused", async (options, message) => {
    const error = await startSandbox({ ...QUICK, ...options }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SandboxError);
    expect(error).toMatchObject({ code: "invalid_option", message: expect.stringContaining(message) });
  });
});

it("logs what it saw, but no key, no image and no query", async () => {
  await using sandbox = await startSandbox({ ...QUICK, key: "very-secret-key" });
  const body = { image: TINY, webhook_url: "https://user:pass@example.com/hook?token=hidden", sharpn: "also private" };
  const { generated } = await finished(sandbox, body);
  await (await fetch(generated[0] ?? "")).arrayBuffer();
  await talk(sandbox, `${TASKS}?api_key=very-secret-key`, { headers: { "x-magnific-api-key": "another-secret" } });
  const text = JSON.stringify([sandbox.log, sandbox.counts]);
  for (const secret of [
    "very-secret-key",
    "another-secret",
    TINY.slice(0, 20),
    "hidden",
    "pass",
    "also private",
    "hmac",
  ]) {
    expect(text).not.toContain(secret);
  }
  expect(sandbox.log).toContainEqual(
    expect.objectContaining({
      event: "request",
      method: "POST",
      path: TASKS,
      status: 200,
      key: "valid",
      body: { bytes: JSON.stringify(body).length, fields: ["image", "webhook_url", "sharpn"] },
    }),
  );
  expect(sandbox.log).toContainEqual(
    expect.objectContaining({ event: "webhook", outcome: "not_sent", target: "https://example.com/hook" }),
  );
  expect(sandbox.counts).toMatchObject({
    requests: 3,
    submits: 1,
    paid: 1,
    lists: 0,
    downloads: 1,
    unauthorized: 1,
    webhooks: 0,
  });
});
