// @tests MagnificOptions, Hooks
import { inspect } from "node:util";
import { afterEach, describe, expect, it, vi } from "vitest";
import { KEY_HEADER, SERVER } from "../generated/constants.js";
import { Magnific } from "./client.js";
import type { ContractViolation } from "./context.js";
import type { RequestEvent, ResponseEvent, RetryEvent } from "./hooks.js";
import { memoryTaskStore } from "./store/task-store.js";
import { TASK_ID } from "./testing/client-context.js";
import { loopback } from "./testing/loopback.js";
import { pngOf } from "./testing/png.js";
import { clientOf, json, list, script, task } from "./testing/provider.js";
import { signWebhook } from "./webhook/sign.js";

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

  it("apiKey: comes from the environment where none is given", async () => {
    const server = await loopback(list);
    vi.stubEnv("MAGNIFIC_API_KEY", "from-the-environment");
    vi.stubEnv("MAGNIFIC_BASE_URL", server.origin);
    await new Magnific().tasks();
    expect(server.requests[0]?.headers[KEY_HEADER]).toBe("from-the-environment");
    vi.stubEnv("MAGNIFIC_API_KEY", " ");
    expect(() => new Magnific()).toThrow("MAGNIFIC_API_KEY");
  });

  it("apiKey: is refused where no header can carry it, without being printed", async () => {
    for (const key of ["", " ", "marked-key\n", "marked-key\u0000x", "marked-key\u20ac", "marked-\r\nkey: x"]) {
      const error = await Promise.resolve()
        .then(() => new Magnific({ apiKey: key }))
        .catch((one: unknown) => one);
      expect(error, JSON.stringify(key)).toMatchObject({ code: "configuration" });
      expect(inspect(error)).not.toContain("marked-");
    }
    const server = await loopback(list);
    for (const apiKey of [
      () => "marked-key\n",
      () => undefined as unknown as string,
      () => Promise.reject(new Error("no vault")),
    ]) {
      const error = await clientOf(server, { apiKey })
        .magnific.submit({ image })
        .catch((one: unknown) => one);
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

  it("baseUrl: is refused where the key would go in the clear, or where it is no plain URL", () => {
    const bad = [
      "http://api.example.com",
      "http://localhost.example.com",
      "ftp://127.0.0.1",
      "api.example.com",
      "",
      "https://user:pass@example.com",
      "https://example.com/?a=1",
      "https://example.com/#a",
    ];
    for (const baseUrl of bad) expect(() => new Magnific({ apiKey: "key", baseUrl }), baseUrl).toThrow("`baseUrl`");
    for (const baseUrl of ["http://localhost:1", "http://127.0.0.2:1", "http://[::1]:1", "https://example.com/proxy"])
      expect(() => new Magnific({ apiKey: "key", baseUrl }), baseUrl).not.toThrow();
  });

  it("keyHeader: names the header of the key", async () => {
    const server = await loopback(list);
    await clientOf(server, { keyHeader: "x-freepik-api-key" }).magnific.tasks();
    expect(server.requests[0]?.headers).toMatchObject({ "x-freepik-api-key": "key" });
    expect(server.requests[0]?.headers).not.toHaveProperty(KEY_HEADER);
    expect(() => new Magnific({ apiKey: "key", keyHeader: "x key" })).toThrow("`keyHeader`");
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

  it("timeout: ends an attempt whose answer does not end", async () => {
    const server = await loopback((response) => void response.writeHead(200).write("{"));
    const magnific = new Magnific({ apiKey: "key", baseUrl: server.origin, timeout: 40, retry: 0 });
    await expect(magnific.tasks()).rejects.toMatchObject({ code: "timeout", message: expect.stringMatching(/40 ms/) });
    for (const timeout of [0, -1, Number.NaN, "9" as unknown as number])
      expect(() => clientOf(server, { timeout })).toThrow("`timeout`");
  });

  it("retry: says how often, as a number", async () => {
    for (const retry of [0, 1, 3]) {
      const server = await loopback(json({}, 500));
      await expect(clientOf(server, { retry }).magnific.tasks()).rejects.toMatchObject({ attempts: retry + 1 });
      expect(server.requests.length).toBe(retry + 1);
    }
    expect(() => new Magnific({ apiKey: "key", retry: -1 })).toThrow("`retry.limit`");
  });

  it("poll: is followed by a wait", async () => {
    const server = await loopback(script(task("CREATED"), task("IN_PROGRESS")));
    const { magnific, time } = clientOf(server, { poll: { first: 100 } });
    const submitted = await magnific.submit({ image });
    const waiting = submitted.wait();
    await vi.waitFor(() => expect(time.pauses.length).toBeGreaterThan(2));
    time.expire();
    await expect(waiting).rejects.toMatchObject({ code: "wait_timeout" });
    expect(time.pauses[0]).toBe(100);
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
    expect(() => new Magnific({ apiKey: "key", rate: 0 })).toThrow("`rate`");
  });

  it("rate: is tightened by what the answers say, whoever asked", async () => {
    const headers = { "x-ratelimit-limit": "50", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "31" };
    const server = await loopback(json({ data: [] }, 200, headers));
    const { magnific, time } = clientOf(server);
    await magnific.tasks();
    expect(time.pauses).toEqual([]);
    await magnific.tasks();
    expect(time.pauses).toEqual([31_000]);
  });

  it("results: say which hosts are fetched from", async () => {
    const server = await loopback(task("COMPLETED", ["https://images.example.org/x.png"]));
    const done = await clientOf(server).magnific.task(TASK_ID).wait();
    await expect(done.images[0].bytes()).rejects.toMatchObject({ code: "result_refused" });
  });

  it("image: limits what is sent", async () => {
    const server = await loopback(task("CREATED"));
    await expect(clientOf(server, { image: { maxBytes: 199 } }).magnific.submit({ image })).rejects.toMatchObject({
      faults: [{ rule: "max_bytes" }],
    });
    expect(() => new Magnific({ apiKey: "key", image: { maxPixels: -1 } })).toThrow("`image.maxPixels`");
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

describe("a hook", () => {
  it("onRequest: is told of every attempt, with the body as type and length", async () => {
    const server = await loopback(script(json({}, 429), task("CREATED")));
    const events: RequestEvent[] = [];
    await clientOf(server, { onRequest: (event) => events.push(event) }).magnific.submit({ image });
    const operation = "POST /v1/ai/image-upscaler-precision";
    const length = JSON.stringify({ image: Buffer.from(image).toString("base64") }).length;
    const body = { type: "application/json", length };
    expect(events).toEqual([1, 2].map((attempt) => ({ operation, taskId: undefined, attempt, body })));
  });

  it("onResponse: is told of every answer, or that there was none, with durations", async () => {
    const facts = {
      "x-request-id": "ak-1",
      "x-ratelimit-limit": "50",
      "x-ratelimit-remaining": "9",
      "x-ratelimit-reset": "60",
    };
    const server = await loopback(
      script((response) => response.destroy(), json({ message: "busy" }, 503, facts), json({ data: [] }, 200, facts)),
    );
    const events: ResponseEvent[] = [];
    const { magnific } = clientOf(server, { onResponse: (event) => events.push(event) });
    const tasks = await magnific.tasks();
    const rate = { limit: 50, remaining: 9, reset: 60 };
    expect(events).toMatchObject([
      { attempt: 1, status: undefined, code: "connection_lost", duration: 0, total: 0 },
      { attempt: 2, status: 503, code: "server_error", requestId: "ak-1", rate, duration: 0, total: 250 },
      { attempt: 3, status: 200, code: undefined, requestId: "ak-1", rate, length: 11, duration: 0, total: 750 },
    ]);
    expect(tasks).toMatchObject({ requestId: "ak-1", rate });
  });

  it("onRetry: is told why and after how long", async () => {
    const server = await loopback(script(json({}, 429, { "retry-after": "3" }), task("CREATED")));
    const events: RetryEvent[] = [];
    await clientOf(server, { onRetry: (event) => events.push(event) }).magnific.submit({ image });
    expect(events).toMatchObject([
      { attempt: 1, status: 429, code: "rate_limited", submission: "rejected", after: 3_000 },
    ]);
  });

  it("onContractViolation: is told where an answer differs, and the call goes on", async () => {
    const odd = { data: { task_id: "not-a-uuid", status: "NEW", generated: ["no url", 7], extra: true } };
    const server = await loopback(json(odd, 202, { "content-type": "text/plain; charset=latin1" }));
    const events: ContractViolation[] = [];
    const { magnific } = clientOf(server, { onContractViolation: (event) => events.push(event) });
    expect((await magnific.submit({ image })).id).toBe("not-a-uuid");
    expect(events.map(({ place }) => place).sort()).toEqual(
      [
        "",
        "header:content-type",
        "header:content-type",
        "/data/task_id",
        "/data/status",
        "/data/generated/0",
        "/data/generated/1",
      ].sort(),
    );
    expect(events[0]).toMatchObject({ operation: "POST /v1/ai/image-upscaler-precision", status: 202 });
  });

  it("that throws, or rejects, does not touch the call", async () => {
    const complaints = vi.spyOn(console, "error").mockImplementation(() => undefined);
    try {
      const server = await loopback(task("CREATED"));
      const bad = (): never => {
        throw new Error("marked");
      };
      const { magnific } = clientOf(server, { onRequest: bad, onResponse: (async () => bad()) as () => void });
      expect((await magnific.submit({ image })).id).toBe(TASK_ID);
      await vi.waitFor(() => expect(complaints).toHaveBeenCalledTimes(2));
      expect(inspect(complaints.mock.calls)).not.toContain("marked");
    } finally {
      complaints.mockRestore();
    }
  });
});
