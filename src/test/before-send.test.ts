import { describe, expect, it } from "vitest";
import { Magnific, memoryTaskStore } from "../index.js";
import { startSandbox } from "../sandbox/index.js";
import { pngOf } from "../test-support/png.js";

const image = pngOf(300);

describe("beforeSend", () => {
  // @tests SubmitOptions.beforeSend
  it("is waited for before each attempt, while the provider has seen nothing", async () => {
    await using sandbox = await startSandbox({ upscaler: "echo" });
    sandbox.fault({ kind: "rate_limited", retryAfter: "0", on: "submit" });
    const client = new Magnific({ apiKey: sandbox.key, baseUrl: sandbox.url, retry: { minDelay: 0 } });
    const seen: [attempt: number, submits: number][] = [];
    await client.submit(
      { image },
      {
        beforeSend: async (attempt) => {
          await new Promise((resolve) => setTimeout(resolve, 20));
          seen.push([attempt, sandbox.counts.submits]);
        },
      },
    );
    expect(seen).toEqual([
      [1, 0],
      [2, 1],
    ]);
  });

  it("keeps the request from being sent when it throws", async () => {
    await using sandbox = await startSandbox({ upscaler: "echo" });
    const store = memoryTaskStore();
    const client = new Magnific({ apiKey: sandbox.key, baseUrl: sandbox.url, store });
    const beforeSend = () => Promise.reject(new Error("no space left"));
    await expect(client.submit({ image }, { beforeSend })).rejects.toMatchObject({
      code: "store_failed",
      submission: "not_sent",
    });
    expect(sandbox.counts.requests).toBe(0);
    // The store has forgotten it, so that it may be sent later.
    await client.submit({ image });
    expect(sandbox.counts.paid).toBe(1);
  });
});

describe("digest", () => {
  it("is the one that the handle of a submit with a store carries, and sends nothing", async () => {
    await using sandbox = await startSandbox({ upscaler: "echo" });
    const client = new Magnific({ apiKey: sandbox.key, baseUrl: sandbox.url, store: memoryTaskStore() });
    const digest = await client.digest({ image, sharpen: 40 });
    expect(sandbox.counts.requests).toBe(0);
    expect((await client.submit({ image, sharpen: 40 })).digest).toBe(digest);
    expect(await client.digest({ image, sharpen: 41 })).not.toBe(digest);
  });
});
