/** What a client tells while it works: lines for a logger, and the hook of its pauses. */
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Logger, MagnificOptions, WaitEvent } from "../index.js";
import { TASK_ID } from "../test-support/client-context.js";
import { loopback, type Serve } from "../test-support/loopback.js";
import { pngOf } from "../test-support/png.js";
import { clientOf, created, json, script, task } from "../test-support/provider.js";

const POST = "POST /v1/ai/image-upscaler-precision";
const GET = `GET /v1/ai/image-upscaler-precision/{task-id} (${TASK_ID})`;
const busy = json({ message: "slow down" }, 429, { "retry-after": "1", "x-request-id": "ak-1" });
const done = task("COMPLETED", ["https://magnific.com/a.png"]);

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

function kept(): { logger: Logger; lines: [level: string, line: string][] } {
  const lines: [string, string][] = [];
  const at = (level: string) => (line: string) => void lines.push([level, line.replace(/after \d+ ms/, "after N ms")]);
  return { lines, logger: { debug: at("debug"), info: at("info"), warn: at("warn") } };
}

/** A submit that is retried once, and polled twice, by a client with these options. */
async function worked(options: MagnificOptions, ...answers: Serve[]): Promise<void> {
  const server = await loopback(script(...answers, busy, created, task("IN_PROGRESS"), done));
  const { magnific } = clientOf(server, options);
  await magnific.upscale({ image: pngOf(300) });
}

describe("a logger", () => {
  // @tests MagnificOptions.logger MagnificOptions.logLevel
  it("gets a line for each request, retry, poll and pause at the level `debug`", async () => {
    const { logger, lines } = kept();
    await worked({ logger, logLevel: "debug" });
    expect(lines).toEqual([
      ["debug", `magnific: ${POST}: attempt 1, 412 bytes of application/json`],
      ["info", `magnific: ${POST}: 429 after N ms, rate_limited, request ak-1`],
      ["warn", `magnific: ${POST}: attempt 1 failed (rate_limited), retry in 1000 ms`],
      ["debug", `magnific: ${POST}: attempt 2, 412 bytes of application/json`],
      ["info", `magnific: ${POST}: 200 after N ms`],
      ["debug", `magnific: ${GET}: waits 2000 ms until the next poll`],
      ["debug", `magnific: ${GET}: attempt 1`],
      ["debug", `magnific: ${GET}: 200 after N ms`],
      ["debug", `magnific: ${GET}: waits 3000 ms until the next poll`],
      ["debug", `magnific: ${GET}: attempt 1`],
      ["debug", `magnific: ${GET}: 200 after N ms`],
    ]);
  });

  it("gets what is worth a look at the level `info`, which is the default with a logger, and no more than trouble at `warn`", async () => {
    const levels = async (options: MagnificOptions): Promise<string[]> => {
      const { logger, lines } = kept();
      await worked({ logger, ...options });
      return lines.map(([level]) => level);
    };
    expect(await levels({})).toEqual(["info", "warn", "info"]);
    expect(await levels({ logLevel: "warn" })).toEqual(["warn"]);
    expect(await levels({ logLevel: "off" })).toEqual([]);
    vi.stubEnv("MAGNIFIC_LOG", "warn");
    expect(await levels({})).toEqual(["warn"]);
  });

  it("is `console.warn` when only MAGNIFIC_LOG is set, so that standard output stays clean", async () => {
    const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
    await worked({});
    expect(warned).not.toHaveBeenCalled();
    vi.stubEnv("MAGNIFIC_LOG", "debug");
    await worked({});
    expect(warned).toHaveBeenCalledTimes(11);
  });

  it("stands next to the hooks, and ends no call when it throws", async () => {
    const { logger } = kept();
    const complaints = vi.spyOn(console, "error").mockImplementation(() => {});
    const onResponse = vi.fn();
    const warn = (): never => {
      throw new Error("disk full");
    };
    await worked({ logger: { ...logger, warn }, onResponse });
    expect(onResponse).toHaveBeenCalledTimes(4);
    expect(complaints).toHaveBeenCalledExactlyOnceWith("magnific-client: logger threw (Error). The call continues.");
  });

  it("never sees the key or the image, whatever the provider answers", async () => {
    const { logger, lines } = kept();
    const apiKey = "a-key-that-nobody-may-see";
    const image = pngOf(30_000);
    const echo = json({ data: { task_id: TASK_ID, status: apiKey, generated: [apiKey] } }, 200, {
      "x-request-id": apiKey,
    });
    const server = await loopback(script(echo, json({ [apiKey]: apiKey }, 403)));
    const { magnific } = clientOf(server, { apiKey, logger, logLevel: "debug" });
    const handle = await magnific.submit({ image });
    await expect(handle.get()).rejects.toMatchObject({ code: "forbidden" });
    const all = JSON.stringify(lines);
    expect(all).toContain("breaks the contract");
    expect(all).not.toContain(apiKey);
    expect(all).not.toContain(Buffer.from(image).toString("base64").slice(0, 40));
  });
});

describe("onWait", () => {
  // @tests MagnificOptions.onWait
  it("tells of pauses for the rate limit and between polls, with their milliseconds", async () => {
    const events: WaitEvent[] = [];
    const server = await loopback(script(task("IN_PROGRESS"), done));
    const { magnific } = clientOf(server, { rate: 1, onWait: (event) => events.push(event) });
    await magnific.task(TASK_ID).wait();
    const about = { operation: "GET /v1/ai/image-upscaler-precision/{task-id}", taskId: TASK_ID };
    expect(events).toEqual([
      { ...about, reason: "poll", after: 2000 },
      { ...about, reason: "rate_limit", after: expect.closeTo(58_000, -3) },
    ]);
  });
});

describe("headers", () => {
  // @tests MagnificOptions.defaultHeaders
  it("name client and runtime, and those of `defaultHeaders` go along with every request, in place of that name too", async () => {
    const server = await loopback(script(created, done, json({ data: [] })));
    const own = clientOf(server).magnific;
    await own.submit({ image: pngOf(300) });
    const { magnific } = clientOf(server, {
      defaultHeaders: { "User-Agent": "shop/7", "X-Tenant": "a", "x-none": undefined },
    });
    await magnific.task(TASK_ID).get();
    await magnific.api.GET("/v1/ai/image-upscaler-precision", { headers: { "x-tenant": "b" } });
    const [first, ...others] = server.requests.map(({ headers }) => headers);
    expect(first?.["user-agent"]).toMatch(/^magnific-client\/\S+ Node\.js\/\d+$/);
    expect(others.map((headers) => [headers["user-agent"], headers["x-tenant"], headers["x-none"]])).toEqual([
      ["shop/7", "a", undefined],
      ["shop/7", "b", undefined],
    ]);
  });
});
