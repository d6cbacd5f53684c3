// @tests sandbox/SandboxOptions
import { createServer } from "node:http";
import Module from "node:module";
import type { AddressInfo } from "node:net";
import sharp from "sharp";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { SLIDER_DEFAULTS } from "../../test-support/document.js";
import { type LogEntry, ManualTime, SandboxError, type SandboxOptions, startSandbox } from "../index.js";
import { call, dataOf, finished, submit, TASKS, TINY, until } from "./requests.js";

const QUICK = { upscaler: "echo", lifeCycle: "immediate" } satisfies SandboxOptions;

describe("The option", () => {
  it("port: is listened on, and only on loopback", async () => {
    const probe = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => probe.once("listening", resolve));
    const { port } = probe.address() as AddressInfo;
    await expect(startSandbox({ ...QUICK, port })).rejects.toMatchObject({ code: "EADDRINUSE" });
    await new Promise((resolve) => probe.close(resolve));
    await using sandbox = await startSandbox({ ...QUICK, port });
    expect(sandbox.url).toBe(`http://127.0.0.1:${port}`);
  });

  it("key: must be sent, and is random by default", async () => {
    await using sandbox = await startSandbox({ ...QUICK, key: "my-key" });
    expect(sandbox.key).toBe("my-key");
    expect((await call(sandbox, TASKS)).status).toBe(200);
    await using random = await startSandbox(QUICK);
    expect(random.key).toMatch(/^sandbox-[0-9a-f]{48}$/);
  });

  it("upscaler: makes the image from the bytes and sliders that were sent", async () => {
    let given: unknown;
    await using sandbox = await startSandbox({
      lifeCycle: "immediate",
      upscaler: async (image, sliders) => {
        given = { image: Buffer.from(image).toString("base64"), sliders };
        return { bytes: Buffer.from("made"), type: "image/jpeg" };
      },
    });
    const { generated } = await finished(sandbox, { image: TINY, sharpen: 1 });
    expect(given).toEqual({ image: TINY, sliders: { ...SLIDER_DEFAULTS, sharpen: 1 } });
    const response = await fetch(generated[0] ?? "");
    expect([await response.text(), response.headers.get("content-type")]).toEqual(["made", "image/jpeg"]);
    expect(generated[0]).toContain("/0.jpeg?");
  });

  it("scale and resultFormat: set the size and the format of the result", async () => {
    await using sandbox = await startSandbox({ lifeCycle: "immediate", scale: 5, resultFormat: "source" });
    const image = await sharp(Buffer.from(TINY, "base64")).jpeg().toBuffer();
    const { generated } = await finished(sandbox, { image: image.toString("base64") });
    const bytes = Buffer.from(await (await fetch(generated[0] ?? "")).arrayBuffer());
    expect(await sharp(bytes).metadata()).toMatchObject({ format: "jpeg", width: 10, height: 10 });
  });

  it("latencyMs: passes before each response", async () => {
    const time = new ManualTime();
    await using sandbox = await startSandbox({ ...QUICK, time, latencyMs: 700 });
    let answered = false;
    const reply = call(sandbox, TASKS).then(() => {
      answered = true;
    });
    await until(() => time.pending === 1);
    time.advance(699);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(answered).toBe(false);
    time.advance(1);
    await reply;
  });

  it("logSize and onLog: one bounds what is kept, the other gets every entry", async () => {
    const entries: LogEntry[] = [];
    await using sandbox = await startSandbox({ ...QUICK, logSize: 2, onLog: (entry) => entries.push(entry) });
    for (let count = 0; count < 4; count++) await call(sandbox, TASKS);
    expect(entries).toHaveLength(4);
    expect(sandbox.log).toEqual(entries.slice(-2));
  });

  it.each<[SandboxOptions, string]>([
    ...["", "with space", "line\nbreak", "é", "\x7f", " lead"].map((key): [SandboxOptions, string] => [
      { key },
      "`key` must be printable ASCII without spaces",
    ]),
    [{ key: ["good", "not good"] }, "`key`"],
    [{ key: [] }, "`key`"],
    [{ port: -1 }, "`port` must be a number from 0 to 65535; it is -1."],
    [{ port: 65_536 }, "`port`"],
    [{ port: "80" as never }, "`port`"],
    [{ upscaler: "sharp", scale: 0.5 }, "`scale` must be a number from 1 to 16; it is 0.5."],
    [{ upscaler: "sharp", scale: 16.5 }, "`scale`"],
    [{ upscaler: "sharp", resultFormat: "bmp" as never }, '`resultFormat` must be "png" or "source".'],
    [{ concurrency: 0 }, "`concurrency` must be a number of at least 1; it is 0."],
    [{ concurrency: Number.POSITIVE_INFINITY }, "`concurrency`"],
    [{ bodyLimit: 0 }, "`bodyLimit`"],
    [{ bodyLimit: Number.NaN }, "`bodyLimit`"],
    [{ bodyLimit: 2 ** 30 }, "`bodyLimit`"],
    [{ resultTtlMs: -1 }, "`resultTtlMs`"],
    [{ rateLimit: { limit: -1 } }, "`rateLimit.limit`"],
    [{ rateLimit: { windowMs: 0 } }, "`rateLimit.windowMs`"],
    [{ latencyMs: -1 }, "`latencyMs`"],
    [{ logSize: -1 }, "`logSize`"],
    [{ webhooks: { timeoutMs: 0 } }, "`webhooks.timeoutMs`"],
    [{ webhooks: { lateByMs: -1 } }, "`webhooks.lateByMs`"],
    [{ lifeCycle: "toString" as never }, 'There is no life cycle "toString". The names: standard, completed,'],
    [{ lifeCycle: [] }, "at least one step"],
    [{ lifeCycle: [{ status: "" }] }, "needs a status"],
    [{ lifeCycle: [null as never] }, "needs a status"],
    [{ lifeCycle: { status: "CREATED" } as never }, "must be a list of steps"],
    [{ lifeCycle: [{ status: "CREATED", answers: 0 }] }, '"answers" of step CREATED must be a number of at least 1.'],
    [{ lifeCycle: [{ status: "CREATED", ms: -1 }] }, '"ms"'],
    [{ lifeCycle: [{ status: "COMPLETED", images: Number.NaN }] }, '"images"'],
    [{ lifeCycle: [{ status: "COMPLETED", webhook: "loose" as never }] }, '"webhook" of step COMPLETED must be one of'],
    [{ lifeCycle: [{ status: "CREATED", answer: 3 } as never] }, 'unknown field "answer"'],
  ])("is refused where it is not valid: %j", async (options, message) => {
    const error = await startSandbox({ ...QUICK, ...options }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SandboxError);
    expect(error).toMatchObject({ code: "invalid_option", message: expect.stringContaining(message) });
  });

  it("may be at either end of its range", async () => {
    const least = { concurrency: 1, bodyLimit: 1, resultTtlMs: 0, latencyMs: 0, logSize: 0, rateLimit: { limit: 0 } };
    for (const options of [least, { scale: 1 }, { scale: 16 }, { rateLimit: { windowMs: 1 } }])
      await (await startSandbox({ port: false, ...options })).close();
  });
});

it("A sandbox starts with what it was given, and cannot be scripted with nonsense or when it is closed", async () => {
  const numbers: number[] = [];
  const own = await startSandbox({
    ...QUICK,
    port: false,
    key: ["first", "second"],
    webhooks: { secret: "w" },
    lifeCycle: ({ number }) => {
      numbers.push(number);
      return "immediate";
    },
  });
  expect([own.key, own.webhookSecret]).toEqual(["first", "w"]);
  expect(() => own.script("nonsense" as "failed")).toThrow("no life cycle");
  own.script("stuck", 0);
  await submit(own);
  own.script("stuck", 2);
  const seen = [await submit(own), await submit(own), await submit(own)].map((reply) => dataOf(reply).status);
  expect([seen, numbers]).toEqual([
    ["CREATED", "CREATED", "COMPLETED"],
    [1, 4],
  ]);
  await own.close();
  expect(() => own.script("failed")).toThrow(expect.objectContaining({ name: "SandboxError", code: "closed" }));
});

it("The sandbox says what to do where sharp is not installed", async () => {
  const loader = vi.spyOn(Module as unknown as { _resolveFilename: () => string }, "_resolveFilename");
  onTestFinished(() => loader.mockRestore());
  loader.mockImplementation(() => {
    throw new Error("Cannot find module 'sharp'");
  });
  const starting = startSandbox({ port: false });
  await expect(starting).rejects.toMatchObject({
    name: "SandboxError",
    code: "sharp_missing",
    cause: expect.any(Error),
  });
  await expect(starting).rejects.toThrow(/npm install sharp.*`upscaler`/s);
});
