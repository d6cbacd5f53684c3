// @tests MagnificOptions
import { inspect } from "node:util";
import { afterEach, describe, expect, it, vi } from "vitest";
import { KEY_HEADER, SERVER } from "../../generated/upscaler-precision/constants.js";
import { Magnific } from "../client.js";
import { IMAGE_DEFAULTS } from "../image/checks.js";
import { checkedKey, type MagnificOptions, secretsOf, settingsOf } from "../options.js";
import { memoryTaskStore } from "../store/task-store.js";
import { TASK_ID } from "../test-support/client-context.js";
import { loopback } from "../test-support/loopback.js";
import { pngOf } from "../test-support/png.js";
import { clientOf, json, list, script, task } from "../test-support/provider.js";
import { systemTime } from "../util/time.js";
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

describe("the settings of a client", () => {
  const base = { apiKey: "key", baseUrl: "https://example.com" };
  const said = (run: () => unknown): string => {
    try {
      run();
    } catch (error) {
      expect(error).toMatchObject({ code: "configuration" });
      return (error as Error).message;
    }
    throw new Error("it was not refused");
  };

  it("are these where nothing is said", () => {
    const { fetch, hooks, image: limits, ...rest } = settingsOf(base);
    expect(rest).toEqual({
      apiKey: "key",
      baseUrl: "https://example.com",
      origin: "https://example.com",
      keyHeader: KEY_HEADER,
      timeout: 60_000,
      retry: { limit: 2, minDelay: 500, maxDelay: 8_000, maxRetryAfter: 60_000, total: 300_000 },
      poll: { first: 2_000, factor: 1.5, max: 10_000, jitter: 0.2, timeout: 1_800_000 },
      rate: 50,
      results: { hosts: ["magnific.com", "freepik.com"], origin: "https://example.com", maxBytes: 1_073_741_824 },
      insecureWebhookUrl: false,
      store: undefined,
      webhooks: undefined,
      time: systemTime,
    });
    expect([fetch(), hooks, limits]).toEqual([globalThis.fetch, base, IMAGE_DEFAULTS]);
  });

  it("are what is said, part by part, and the default where `undefined` is said", () => {
    const own: typeof globalThis.fetch = async () => new Response();
    const settings = settingsOf({
      ...base,
      fetch: own,
      timeout: 7,
      retry: { maxDelay: 3, total: undefined },
      poll: { jitter: 0, factor: 2 },
      rate: 7,
      results: { hosts: ["example.org"], maxBytes: 7 },
      image: { maxBytes: 5, maxPixels: undefined, complete: false },
      insecureWebhookUrl: true,
    });
    expect(settings).toMatchObject({
      timeout: 7,
      retry: { limit: 2, minDelay: 500, maxDelay: 3, maxRetryAfter: 60_000, total: 300_000 },
      poll: { first: 2_000, factor: 2, max: 10_000, jitter: 0, timeout: 1_800_000 },
      rate: 7,
      results: { hosts: ["example.org"], origin: "https://example.com", maxBytes: 7 },
      insecureWebhookUrl: true,
    });
    expect(settings.fetch()).toBe(own);
    expect(settings.image).toEqual({ ...IMAGE_DEFAULTS, maxBytes: 5, complete: false });
    const none = settingsOf({ ...base, rate: false, retry: 5, image: { maxBytes: false, maxPixels: false } });
    expect(none).toMatchObject({ rate: false, retry: { limit: 5, minDelay: 500 } });
    expect(none.image).toMatchObject({ maxBytes: false, maxPixels: false });
  });

  it("take the least that can be, and refuse less by its name", () => {
    const least: [MagnificOptions, string, number][] = [
      [{ timeout: 1 }, "timeout", 1],
      [{ rate: 1 }, "rate", 1],
      [{ results: { maxBytes: 1 } }, "results.maxBytes", 1],
      [{ image: { maxBytes: 1 } }, "image.maxBytes", 1],
      [{ image: { maxPixels: 1 } }, "image.maxPixels", 1],
      [{ retry: 0 }, "retry.limit", 0],
      ...(["limit", "minDelay", "maxDelay", "maxRetryAfter", "total"] as const).map(
        (name): [MagnificOptions, string, number] => [{ retry: { [name]: 0 } }, `retry.${name}`, 0],
      ),
      ...(["first", "max", "jitter", "timeout"] as const).map((name): [MagnificOptions, string, number] => [
        { poll: { [name]: 0 } },
        `poll.${name}`,
        0,
      ]),
      [{ poll: { factor: 1 } }, "poll.factor", 1],
    ];
    const lowered = (value: unknown): unknown =>
      typeof value === "number"
        ? value - 0.5
        : Object.fromEntries(Object.entries(value as object).map(([name, one]) => [name, lowered(one)]));
    for (const [options, name, bound] of least) {
      expect(() => settingsOf({ ...base, ...options }), name).not.toThrow();
      expect(said(() => settingsOf({ ...base, ...(lowered(options) as MagnificOptions) }))).toMatch(
        new RegExp(
          `^\`${name}\` must be a (?:whole )?number (?:of at least ${bound}|from ${bound} to 1)(?:, or false)?, not ${bound - 0.5}\\.$`,
        ),
      );
    }
    expect(settingsOf({ ...base, poll: { jitter: 1 } }).poll.jitter).toBe(1);
    expect(said(() => settingsOf({ ...base, poll: { jitter: 1.1 } }))).toBe(
      "`poll.jitter` must be a number from 0 to 1, not 1.1.",
    );
  });

  it("are refused by name where plain JavaScript gives another kind", () => {
    const object = "must be an object, not a number.";
    const callable = "must be a function, not a number.";
    const flag = "must be true or false, not a number.";
    const hosts = "`results.hosts` must be a list of host names, not an array.";
    const refused: [object, string][] = [
      [{ retry: "2" }, "`retry` must be a number, or an object, not a string."],
      [{ retry: [2] }, "`retry` must be a number, or an object, not an array."],
      [{ poll: 5 }, `\`poll\` ${object}`],
      [{ results: 5 }, `\`results\` ${object}`],
      [{ results: { hosts: "example.com" } }, "`results.hosts` must be a list of host names, not a string."],
      ...[7, "", "https://example.com", "example.com/x", "a@example.com", "two words"].map((host): [object, string] => [
        { results: { hosts: ["example.com", host] } },
        hosts,
      ]),
      [{ image: 5 }, `\`image\` ${object}`],
      ...["format", "complete", "base64"].map((name): [object, string] => [
        { image: { [name]: 5 } },
        `\`image.${name}\` ${flag}`,
      ]),
      [{ webhooks: 5 }, `\`webhooks\` ${object}`],
      ...["insecureWebhookUrl", "dangerouslyAllowBrowser"].map((name): [object, string] => [
        { [name]: 5 },
        `\`${name}\` ${flag}`,
      ]),
      ...["onRequest", "onResponse", "onRetry", "onContractViolation"].map((name): [object, string] => [
        { [name]: 5 },
        `\`${name}\` ${callable}`,
      ]),
      ...["begin", "finish", "forget"].map((name): [object, string] => [
        { store: { ...memoryTaskStore(), [name]: undefined } },
        "`store` must be a TaskStore, not an object.",
      ]),
      ...["now", "after", "random"].map((name): [object, string] => [
        { time: { ...systemTime, [name]: undefined } },
        "`time` must be a Time, not an object.",
      ]),
      [{ keyHeader: 5 }, "`keyHeader` is not a valid header name."],
      ...[
        "Host",
        "content-type",
        "Content-Length",
        "accept",
        "Proxy-Authorization",
        "sec-fetch-mode",
        "transfer-encoding",
      ].map((keyHeader): [object, string] => [
        { keyHeader },
        `\`keyHeader\` is ${keyHeader}, which is written by the client or by HTTP itself.`,
      ]),
    ];
    for (const [options, message] of refused) expect(said(() => settingsOf({ ...base, ...options }))).toBe(message);
    expect(said(() => settingsOf(5 as MagnificOptions))).toBe("The options must be an object, not a number.");
    expect(said(() => settingsOf(null as unknown as MagnificOptions))).toBe("The options must be an object, not null.");
    for (const keyHeader of ["authorization", "x-content-type", "accept-key"])
      expect(settingsOf({ ...base, keyHeader }).keyHeader).toBe(keyHeader);
    const hostsSettings = settingsOf({ ...base, results: { hosts: ["*.example.com", "127.0.0.1:9000", "[::1]"] } });
    expect(hostsSettings.results.hosts.length).toBe(3);
  });

  it("count as left out where they are null", () => {
    const names = [
      "fetch",
      "retry",
      "poll",
      "rate",
      "results",
      "image",
      "store",
      "webhooks",
      "time",
      "timeout",
      "onRequest",
    ];
    const without = settingsOf(base);
    const nothing = settingsOf({ ...base, ...Object.fromEntries(names.map((name) => [name, null])) });
    expect(settingsOf({ ...base, image: { maxBytes: null, format: null } as never }).image).toEqual(IMAGE_DEFAULTS);
    const plain = ({ fetch, hooks, ...rest }: typeof without): unknown => [rest, fetch()];
    expect(plain(nothing)).toEqual(plain(without));
  });

  it("hold the address without slashes at its end, from the option before the environment", () => {
    const at = (baseUrl: string | undefined): string[] => {
      const settings = settingsOf({ apiKey: "key", baseUrl });
      return [settings.baseUrl, settings.origin, settings.results.origin];
    };
    const origin = "http://127.0.0.1:8080";
    expect(at(`${origin}/a//b///`)).toEqual([`${origin}/a//b`, origin, origin]);
    vi.stubEnv("MAGNIFIC_BASE_URL", "https://proxy.example.com/x/");
    expect(at(undefined)).toEqual(["https://proxy.example.com/x", ...Array(2).fill("https://proxy.example.com")]);
    expect(at(origin)[0]).toBe(origin);
    vi.stubEnv("MAGNIFIC_BASE_URL", "");
    expect(at(undefined)[0]).toBe(SERVER);
    vi.stubEnv("MAGNIFIC_API_KEY", "from-the-environment");
    expect([settingsOf({}).apiKey, settingsOf(base).apiKey]).toEqual(["from-the-environment", "key"]);
  });

  it("have an address that is refused for what is wrong with it", () => {
    for (const [baseUrl, message] of [
      ["example.com", "`baseUrl` is not a valid URL."],
      ["https://user@example.com", "`baseUrl` holds a user name or password."],
      ["https://:pass@example.com", "`baseUrl` holds a user name or password."],
      ["https://example.com?a", "`baseUrl` holds a query or fragment."],
      ["https://example.com#a", "`baseUrl` holds a query or fragment."],
      ["http://example.com:81/x", "`baseUrl` must be https (http for loopback only), not http://example.com:81."],
      ["ws://127.0.0.1", "`baseUrl` must be https (http for loopback only), not ws://127.0.0.1."],
    ] as const)
      expect(said(() => settingsOf({ apiKey: "key", baseUrl }))).toBe(message);
  });

  it("have a key that a header can carry, refused for what is wrong with it", () => {
    for (const key of ["k", "a key", "!~", "k\u00a0k", "\u00ffk"]) expect(checkedKey(key)).toBe(key);
    const beyond = "The API key holds characters that no header can carry (control characters, or beyond Latin-1).";
    const ends = "The API key begins or ends with a space or line break.";
    for (const [key, message] of [
      [null, "The API key must be a string, not null."],
      [undefined, "The API key must be a string, not a undefined."],
      [7, "The API key must be a string, not a number."],
      ["", "The API key is empty."],
      [" \n", "The API key is empty."],
      [" k", ends],
      ["k ", ends],
      ["k\n", ends],
      ["a\nb", beyond],
      ["a\u007fb", beyond],
      ["a\u009fb", beyond],
      ["\u0100b", beyond],
      ["b\u0100", beyond],
    ] as const)
      expect(said(() => checkedKey(key))).toBe(message);
    vi.stubEnv("MAGNIFIC_API_KEY", "");
    expect(said(() => settingsOf({ baseUrl: base.baseUrl }))).toMatch(/There is no API key/);
    expect(said(() => settingsOf({ ...base, apiKey: "" }))).toBe("The API key is empty.");
    const given = (): string => "never checked before it is used";
    expect(settingsOf({ ...base, apiKey: given }).apiKey).toBe(given);
  });

  it("have a function that sends, or none", () => {
    for (const fetch of [{ dispatch: () => true }, "fetch", 5] as unknown as (typeof globalThis.fetch)[])
      expect(said(() => settingsOf({ ...base, fetch }))).toContain(
        "`fetch` must be a function (a dispatcher of undici goes through dispatcherFetch()), not ",
      );
  });

  it("tell which texts are secret, as far as they are known", () => {
    expect(secretsOf({ apiKey: "key" })).toEqual(["key"]);
    expect(secretsOf({ apiKey: () => "key" })).toEqual([]);
  });

  it("have a header's name for the key", () => {
    for (const keyHeader of ["x-Key_1", "!#$%&'*+.^`|~-"])
      expect(settingsOf({ ...base, keyHeader }).keyHeader).toBe(keyHeader);
    for (const keyHeader of ["", "x key", " x", "x:", "x\n", "\u00fc"])
      expect(said(() => settingsOf({ ...base, keyHeader }))).toBe("`keyHeader` is not a valid header name.");
  });
});
