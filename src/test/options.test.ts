// @tests MagnificOptions
import { inspect } from "node:util";
import { afterEach, describe, expect, it, vi } from "vitest";
import { KEY_HEADER, SERVER } from "../../generated/default.js";
import { Magnific } from "../client.js";
import { MagnificError } from "../errors/magnific-error.js";
import { memoryTaskStore } from "../store/task-store.js";
import { TASK_ID } from "../test-support/client-context.js";
import { loopback } from "../test-support/loopback.js";
import { pngOf } from "../test-support/png.js";
import { clientOf, json, list, script, task } from "../test-support/provider.js";
import { rejection } from "../test-support/rejection.js";
import { signWebhook } from "../webhook/sign.js";

const image = pngOf(200);

afterEach(() => vi.unstubAllEnvs());

describe("an option of a client", () => {
  it("apiKey: goes with every request, and into nothing that is printed", async () => {
    const server = await loopback(list);
    const { magnific } = clientOf(server, { apiKey: "secret-key" });
    await magnific.tasks();
    expect(server.requests[0]?.headers[KEY_HEADER]).toBe("secret-key");
    expect(inspect(magnific, { depth: Number.POSITIVE_INFINITY, showHidden: true })).not.toContain("secret-key");
    expect(JSON.stringify(magnific)).not.toContain("secret-key");
  });

  it("apiKey: may be a function, asked before each attempt", async () => {
    const server = await loopback(script(json({ message: "busy" }, 503), list));
    let asked = 0;
    await clientOf(server, { apiKey: async () => `key-${++asked}` }).magnific.tasks();
    expect(server.requests.map(({ headers }) => headers[KEY_HEADER])).toEqual(["key-1", "key-2"]);
  });

  it("apiKey: comes from the environment by default", async () => {
    const server = await loopback(list);
    vi.stubEnv("MAGNIFIC_API_KEY", "from-the-environment");
    vi.stubEnv("MAGNIFIC_BASE_URL", server.origin);
    await new Magnific().tasks();
    expect(server.requests[0]?.headers[KEY_HEADER]).toBe("from-the-environment");
    vi.stubEnv("MAGNIFIC_API_KEY", " ");
    expect(() => new Magnific()).toThrow("MAGNIFIC_API_KEY");
  });

  it("apiKey: a function whose key cannot be used ends the call before anything is sent, and shows nothing", async () => {
    const server = await loopback(list);
    const no = (): never => undefined as never;
    for (const apiKey of [() => "marked-key\n", no, () => Promise.reject(new Error("no vault"))]) {
      const error = await rejection(clientOf(server, { apiKey }).magnific.submit({ image }), MagnificError);
      expect(error).toMatchObject({ code: "configuration", submission: "not_sent" });
      expect(inspect(error)).not.toContain("marked-");
    }
    expect(server.requests).toEqual([]);
  });

  it("baseUrl: is where requests go, by default the server of the provider's document", async () => {
    const server = await loopback(list);
    await clientOf(server, { baseUrl: `${server.origin}/proxy/` }).magnific.tasks();
    expect(server.requests[0]?.path).toBe("/proxy/v1/ai/image-upscaler-precision");
    const urls: unknown[] = [];
    const fetch = async (url: unknown): Promise<Response> => {
      urls.push(url);
      return Response.json({ data: [] });
    };
    await new Magnific({ apiKey: "key", fetch }).tasks();
    expect(urls).toEqual([`${SERVER}/v1/ai/image-upscaler-precision`]);
  });

  it("keyHeader: names the header of the key", async () => {
    const server = await loopback(list);
    await clientOf(server, { keyHeader: "x-freepik-api-key" }).magnific.tasks();
    expect(server.requests[0]?.headers).toMatchObject({ "x-freepik-api-key": "key" });
    expect(server.requests[0]?.headers).not.toHaveProperty(KEY_HEADER);
  });

  it("fetch: sends the requests, and is the current global one by default", async () => {
    const server = await loopback(list);
    const { magnific } = clientOf(server);
    let calls = 0;
    const counting: typeof globalThis.fetch = (...all) => {
      calls += 1;
      return original(...all);
    };
    const original = globalThis.fetch;
    await clientOf(server, { fetch: counting }).magnific.tasks();
    expect(calls).toBe(1);
    globalThis.fetch = counting;
    try {
      await magnific.tasks();
    } finally {
      globalThis.fetch = original;
    }
    expect(calls).toBe(2);
  });

  it("timeout: ends an attempt whose response does not end", async () => {
    const server = await loopback((response) => void response.writeHead(200).write("{"));
    const magnific = new Magnific({ apiKey: "key", baseUrl: server.origin, timeout: 40, retry: 0 });
    await expect(magnific.tasks()).rejects.toMatchObject({ code: "timeout", message: expect.stringMatching(/40 ms/) });
  });

  it("retry: as a number is how often a call is retried", async () => {
    for (const retry of [0, 1, 3]) {
      const server = await loopback(json({}, 500));
      await expect(clientOf(server, { retry }).magnific.tasks()).rejects.toMatchObject({ attempts: retry + 1 });
      expect(server.requests.length).toBe(retry + 1);
    }
  });

  it("rate: is kept by all calls together", async () => {
    const server = await loopback(list);
    const { magnific, time } = clientOf(server, { rate: 2 });
    await Promise.all([
      magnific.tasks(),
      magnific.tasks(),
      magnific.tasks(),
      magnific
        .task(TASK_ID)
        .get()
        .catch(() => undefined),
      magnific.tasks(),
    ]);
    expect(time.pauses.filter((one) => one > 1_000)).toEqual([60_000, 60_000]);
    const free = clientOf(server, { rate: false });
    await Promise.all(Array.from({ length: 60 }, () => free.magnific.tasks()));
    expect(free.time.pauses).toEqual([]);
  });

  it("rate: is tightened by what any response says", async () => {
    const headers = { "x-ratelimit-limit": "50", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "31" };
    const server = await loopback(json({ data: [] }, 200, headers));
    const { magnific, time } = clientOf(server);
    await magnific.tasks();
    expect(time.pauses).toEqual([]);
    await magnific.tasks();
    expect(time.pauses).toEqual([31_000]);
  });

  it("image: limits what is sent", async () => {
    const server = await loopback(task("CREATED"));
    await expect(clientOf(server, { image: { maxBytes: 199 } }).magnific.submit({ image })).rejects.toMatchObject({
      faults: [{ rule: "max_bytes" }],
    });
  });

  it("insecureWebhookUrl: lets plain http through", async () => {
    const server = await loopback(task("CREATED"));
    const request = { image, webhook_url: "http://example.com/" };
    await expect(clientOf(server).magnific.submit(request)).rejects.toMatchObject({
      faults: [{ field: "webhook_url", rule: "https" }],
    });
    await clientOf(server, { insecureWebhookUrl: true }).magnific.submit(request);
    await clientOf(server).magnific.submit({ image, webhook_url: "http://127.0.0.1:8080/" });
    expect(server.requests.length).toBe(2);
  });

  it("store: knows the task of a request that was sent before", async () => {
    const server = await loopback(task("CREATED"));
    const { magnific } = clientOf(server, { store: memoryTaskStore() });
    const first = await magnific.submit({ image });
    expect((await magnific.submit({ image })).id).toBe(first.id);
    expect(server.requests.length).toBe(1);
  });

  it("webhooks: is how deliveries are checked", async () => {
    const server = await loopback(list);
    const { magnific } = clientOf(server, { webhooks: { secret: "s3cret", now: () => 1_760_749_154_000 } });
    const body = { task_id: TASK_ID, status: "CREATED", generated: [] };
    const signed = await signWebhook({ body, secret: "s3cret", timestamp: new Date(1_760_749_154_000) });
    await expect(magnific.webhooks.unwrap(signed)).resolves.toMatchObject({ task: { id: TASK_ID } });
    const other = clientOf(server, { webhooks: { secret: "other", now: () => 1_760_749_154_000 } });
    await expect(other.magnific.webhooks.unwrap(signed)).rejects.toMatchObject({ fault: "signature_mismatch" });
  });

  it("dangerouslyAllowBrowser: lets a client be made where a key is public", () => {
    const { process: node } = globalThis;
    vi.stubGlobal("process", undefined);
    vi.stubGlobal("window", {});
    vi.stubGlobal("document", {});
    try {
      expect(() => new Magnific({ apiKey: "key" })).toThrow("browser");
      expect(() => new Magnific({ apiKey: "key", dangerouslyAllowBrowser: true })).not.toThrow();
    } finally {
      vi.unstubAllGlobals();
      globalThis.process = node;
    }
  });

  it("time: is the only clock", async () => {
    const server = await loopback(json({}, 503));
    const { magnific, time } = clientOf(server);
    await magnific.tasks().catch(() => undefined);
    expect(time.pauses).toEqual([250, 500]);
    expect(time.pending).toBe(0);
  });
});
