/** What the client does in runtimes that can less than Node: found out by trying, so a runtime that refuses is enough. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { TASK_ID } from "../../test-support/client-context.js";
import { pngOf } from "../../test-support/png.js";

const RealRequest = globalThis.Request;
const image = pngOf(200_000);
const naive = JSON.stringify({ image: Buffer.from(image).toString("base64"), sharpen: 3 });

beforeEach(() => vi.resetModules());
afterEach(() => vi.unstubAllGlobals());

async function call(): Promise<RequestInit[]> {
  const { Magnific } = await import("../../client.js");
  const seen: RequestInit[] = [];
  const fetch = async (_url: unknown, init: RequestInit = {}): Promise<Response> => {
    const { body } = init;
    if (body instanceof ReadableStream || body instanceof Blob) expect(await new Response(body).text()).toBe(naive);
    seen.push(init);
    return Response.json({ data: { task_id: TASK_ID, status: "CREATED", generated: [] } });
  };
  const magnific = new Magnific({ apiKey: "key", fetch, dangerouslyAllowBrowser: true });
  await magnific.submit({ image, sharpen: 3 });
  await magnific.task(TASK_ID).get();
  return seen;
}

const length = (init: RequestInit | undefined): string | null => new Headers(init?.headers).get("content-length");

describe("a request", () => {
  it("refuses redirects, is streamed with its length, and is not cached where the runtime can do that", async () => {
    const [submit, get] = await call();
    expect(submit).toMatchObject({ redirect: "error", duplex: "half", method: "POST" });
    expect(submit?.body).toBeInstanceOf(ReadableStream);
    expect(length(submit)).toBe(String(naive.length));
    expect(get).toMatchObject({ redirect: "error", cache: "no-store", method: "GET" });
    expect(submit).not.toHaveProperty("cache");
  });

  it("does without what a Request refuses: Workers know no `error` and no `cache`", async () => {
    class WorkersRequest extends RealRequest {
      constructor(input: string | URL | Request, init: RequestInit = {}) {
        if (init.redirect === "error") throw new TypeError("Invalid redirect value");
        if (init.cache !== undefined) throw new Error("The 'cache' field is not implemented.");
        super(input, init);
      }
    }
    vi.stubGlobal("Request", WorkersRequest);
    const [submit, get] = await call();
    expect(submit).toMatchObject({ redirect: "manual" });
    expect(get).not.toHaveProperty("cache");
  });

  it("carries a Blob where a stream cannot be sent", async () => {
    class OldRequest extends RealRequest {
      constructor(input: string | URL | Request, init: RequestInit = {}) {
        const { body } = init;
        // Never looks at `duplex`, and makes text of a stream.
        const old = body instanceof ReadableStream ? String(body) : body;
        super(input, {
          method: init.method ?? "GET",
          ...(init.headers === undefined ? {} : { headers: init.headers }),
          ...(old === undefined ? {} : { body: old }),
        });
      }
    }
    vi.stubGlobal("Request", OldRequest);
    const [submit] = await call();
    expect(submit?.body).toBeInstanceOf(Blob);
    expect(submit).not.toHaveProperty("duplex");
    expect(length(submit)).toBeNull();
  });

  it("carries a Blob in a browser", async () => {
    const { process: node } = globalThis;
    // Loaded while there is a process: the test runner's own loader needs one.
    await import("../../client.js");
    vi.stubGlobal("process", undefined);
    vi.stubGlobal("window", {});
    vi.stubGlobal("document", {});
    try {
      const [submit] = await call();
      expect(submit?.body).toBeInstanceOf(Blob);
    } finally {
      vi.unstubAllGlobals();
      globalThis.process = node;
    }
  });
});

describe("a browser", () => {
  const f = (): void => {};
  const node = { versions: { node: "20.20.0" } };
  const none = { process: undefined, window: undefined, document: undefined };
  const table: [what: string, found: Record<string, unknown>, browser: boolean][] = [
    ["is a page", { window: {}, document: {} }, true],
    ["is a page with the rest of a bundler's process", { window: {}, document: {}, process: {} }, true],
    ["is a page of Electron, which has Node's process too", { window: {}, document: {}, process: node }, true],
    ["is a worker", { WorkerGlobalScope: f, importScripts: f }, true],
    ["is not Node", { process: node }, false],
    ["is not Node with a window of its own", { window: {}, process: node }, false],
    ["is not Deno, whatever it has", { Deno: {}, window: {}, document: {} }, false],
    ["is not a runtime without any of these", {}, false],
    ["is not what has a window alone", { window: {} }, false],
    ["is not what has a document alone", { document: {} }, false],
    ["is not what has no window, and says so", { window: null, document: {} }, false],
    ["is not a Worker of Cloudflare, which imports no scripts", { WorkerGlobalScope: f }, false],
    ["is not what imports scripts alone", { importScripts: f }, false],
  ];

  it("is distinguished from every other runtime by what it has", async () => {
    const { isBrowser } = await import("../runtime.js");
    const seen: [string, boolean][] = [];
    const { process } = globalThis;
    for (const [what, found] of table) {
      for (const [name, value] of Object.entries({ ...none, ...found })) vi.stubGlobal(name, value);
      seen.push([what, isBrowser()]);
      vi.unstubAllGlobals();
      globalThis.process = process;
    }
    expect(seen).toEqual(table.map(([what, , browser]) => [what, browser]));
  });
});

describe("a redirect that the runtime does not refuse itself", () => {
  it.each([301, 302, 303, 307, 308, 300])("%i is refused all the same, and its target is not asked", async (status) => {
    const { Magnific } = await import("../../client.js");
    let asked = 0;
    const fetch = async (): Promise<Response> => {
      asked += 1;
      return new Response(null, { status, headers: { location: "https://example.com/" } });
    };
    const magnific = new Magnific({ apiKey: "key", fetch });
    await expect(magnific.submit({ image })).rejects.toMatchObject({
      code: "redirect_refused",
      status,
      submission: "unknown",
    });
    await expect(magnific.tasks()).rejects.toMatchObject({ code: "redirect_refused", status });
    await expect(magnific.api.GET("/v1/ai/image-upscaler-precision")).rejects.toMatchObject({
      code: "redirect_refused",
      status,
    });
    expect(asked).toBe(3);
  });

  it("is refused where the browser does not show it", async () => {
    const { Magnific } = await import("../../client.js");
    const opaque = {
      status: 0,
      type: "opaqueredirect",
      ok: false,
      headers: new Headers(),
      body: null,
    } as unknown as Response;
    const magnific = new Magnific({ apiKey: "key", fetch: async () => opaque });
    await expect(magnific.tasks()).rejects.toMatchObject({ code: "redirect_refused" });
  });
});

describe("a fetch that does not keep its word", () => {
  it.each([undefined, null, {}, "text", 7])("and answers %s ends in a typed error", async (answer) => {
    const { Magnific } = await import("../../client.js");
    const magnific = new Magnific({ apiKey: "key", fetch: async () => answer as unknown as Response, retry: 0 });
    await expect(magnific.submit({ image })).rejects.toMatchObject({
      name: expect.stringMatching(/Error$/),
      submission: "unknown",
    });
  });

  it("and ignores its signal does not hold the call up, and its late answer is dropped", async () => {
    const { Magnific } = await import("../../client.js");
    let cancelled = false;
    let answer: (response: Response) => void = () => undefined;
    const fetch = (): Promise<Response> =>
      new Promise((resolve) => {
        answer = resolve;
      });
    const magnific = new Magnific({ apiKey: "key", fetch, timeout: 20, retry: 0 });
    await expect(magnific.tasks()).rejects.toMatchObject({ code: "timeout" });
    const body = new ReadableStream({
      cancel: () => {
        cancelled = true;
      },
    });
    answer(new Response(body));
    await vi.waitFor(() => expect(cancelled).toBe(true));
  });

  it("and continues sending after an early response is stopped; one that is done is left alone", async () => {
    const { Magnific } = await import("../../client.js");
    for (const whole of [false, true]) {
      let signal: AbortSignal | null | undefined;
      const fetch = async (_url: unknown, init: RequestInit = {}): Promise<Response> => {
        signal = init.signal;
        if (whole) await new Response(init.body).arrayBuffer();
        return Response.json({ message: "no" }, { status: 401 });
      };
      const magnific = new Magnific({ apiKey: "key", fetch });
      await expect(magnific.submit({ image })).rejects.toMatchObject({ code: "authentication_failed" });
      expect(signal?.aborted).toBe(!whole);
    }
  });

  it("and throws something odd ends in a typed error", async () => {
    const { Magnific } = await import("../../client.js");
    for (const thrown of [undefined, null, "text", 7, {}, Object.create(null)]) {
      const magnific = new Magnific({ apiKey: "key", fetch: () => Promise.reject(thrown), retry: 0 });
      await expect(magnific.tasks()).rejects.toMatchObject({ code: "connection_lost" });
    }
  });
});
