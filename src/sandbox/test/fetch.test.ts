import { describe, expect, it } from "vitest";
import { Magnific } from "../../index.js";
import { ManualTime, type SandboxOptions, startSandbox } from "../index.js";
import { entries, submit, TASKS, TINY } from "./requests.js";

const QUICK = { port: false, upscaler: "echo", lifeCycle: "immediate" } as const;

it("A client needs no port: with sandbox.fetch, tasks and results come from the sandbox, whatever the base URL", async () => {
  await using sandbox = await startSandbox({ ...QUICK, lifeCycle: "completed" });
  for (const baseUrl of [undefined, sandbox.url]) {
    const magnific = new Magnific({ apiKey: sandbox.key, fetch: sandbox.fetch, baseUrl, poll: { first: 1, max: 1 } });
    const done = await magnific.upscale({ image: TINY });
    expect(Buffer.from(await done.images[0].bytes()).toString("base64")).toBe(TINY);
  }
  expect(sandbox.counts).toMatchObject({ paid: 2, downloads: 2 });
  await expect(fetch(sandbox.url)).rejects.toThrow();
});

it.each<[SandboxOptions, number, object]>([
  [{ faults: [{ kind: "reset" }] }, 0, { code: "connection_lost", submission: "unknown" }],
  [{ faults: [{ kind: "reset", handled: true }] }, 1, { code: "connection_lost", submission: "unknown" }],
  [{ faults: [{ kind: "redirect" }] }, 0, { code: "redirect_refused" }],
  [{ faults: [{ kind: "stall" }] }, 0, { code: "timeout", submission: "unknown" }],
  [{ faults: [{ kind: "stall", handled: true }] }, 1, { code: "timeout", submission: "unknown" }],
  [{ faults: [{ kind: "error", status: 402 }] }, 0, { code: "credits_exhausted", submission: "rejected" }],
  [{ latencyMs: 60_000 }, 0, { code: "timeout", submission: "unknown" }],
])("A client sees %j through sandbox.fetch as over HTTP, with %i tasks created", async (options, paid, expected) => {
  for (const port of [false, 0] as const) {
    await using sandbox = await startSandbox({ ...QUICK, ...options, port });
    const way = port === false ? { fetch: sandbox.fetch } : { baseUrl: sandbox.url };
    const magnific = new Magnific({ apiKey: sandbox.key, ...way, timeout: 300, retry: 0 });
    await expect(magnific.submit({ image: TINY })).rejects.toMatchObject(expected);
    expect(sandbox.counts.paid).toBe(paid);
  }
});

describe("sandbox.fetch", () => {
  it("rejects when the signal fires, and lets go of the timer", async () => {
    const time = new ManualTime();
    await using sandbox = await startSandbox({ ...QUICK, time, latencyMs: 1000 });
    const signal = AbortSignal.timeout(10);
    await expect(sandbox.fetch(sandbox.url + TASKS, { signal })).rejects.toMatchObject({ name: "TimeoutError" });
    expect([time.pending, entries(sandbox, "request")]).toMatchObject([0, [{ status: 0 }]]);
  });

  it("cancels the body of a request that it does not read", async () => {
    await using sandbox = await startSandbox(QUICK);
    let cancelled = false;
    const body = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(9)),
      cancel: () => {
        cancelled = true;
      },
    });
    const init = { method: "POST", body, duplex: "half" } as RequestInit;
    expect((await sandbox.fetch(sandbox.url + TASKS, init)).status).toBe(401);
    expect(cancelled).toBe(true);
  });

  it("takes a Request or a URL, answers HEAD without a body, and rejects once the sandbox is closed", async () => {
    const sandbox = await startSandbox(QUICK);
    const { body } = await submit(sandbox);
    const url = (body as { data: { generated: string[] } }).data.generated[0] ?? "";
    const head = await sandbox.fetch(new Request(url, { method: "HEAD" }));
    expect([head.status, head.headers.get("content-length"), head.body]).toEqual([200, "98", null]);
    expect((await (await sandbox.fetch(new URL(url))).arrayBuffer()).byteLength).toBe(98);
    await sandbox.close();
    await expect(sandbox.fetch(url)).rejects.toMatchObject({ code: "closed" });
  });
});
