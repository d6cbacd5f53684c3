import { once } from "node:events";
import { Agent, interceptors, MockAgent } from "undici";
import { describe, expect, it } from "vitest";
import { Magnific } from "../../index.js";
import { TASK_ID } from "../../test-support/client-context.js";
import { loopback, type Serve } from "../../test-support/loopback.js";
import { pngOf } from "../../test-support/png.js";
import { created } from "../../test-support/provider.js";
import { dispatcherFetch, type UndiciDispatcher } from "../dispatcher-fetch.js";

/** Answers with what it was sent. */
const echo: Serve = (response, _n, request) => {
  const { method, headers } = request;
  const chunks: Buffer[] = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () =>
    response.end(JSON.stringify({ method, type: headers["content-type"], body: Buffer.concat(chunks).toString() })),
  );
};

describe("fetch over undici", () => {
  const fetch = dispatcherFetch(new Agent());

  it("sends bodies of every kind with their type, from a URL, a string or a Request", async () => {
    const { origin } = await loopback(echo);
    const form = new URLSearchParams({ a: "1" });
    for (const [body, type, text] of [
      ["text", undefined, "text"],
      [new TextEncoder().encode("bytes"), undefined, "bytes"],
      [new TextEncoder().encode("buffer").buffer, undefined, "buffer"],
      [new Blob(["blob"], { type: "image/png" }), "image/png", "blob"],
      [form, "application/x-www-form-urlencoded;charset=UTF-8", "a=1"],
      [new Blob(["stream"]).stream(), undefined, "stream"],
    ] as const) {
      const response = await fetch(new URL(origin), { method: "POST", body });
      expect(await response.json()).toEqual({ method: "POST", type, body: text });
    }
    const request = new Request(origin, { method: "PUT", body: "whole", headers: { "content-type": "text/x" } });
    expect(await (await fetch(request)).json()).toEqual({ method: "PUT", type: "text/x", body: "whole" });
  });

  it("answers with the platform's Response: repeated fields, no body where there is none, a large one as a stream", async () => {
    const large = "x".repeat(300_000);
    const { origin } = await loopback((response, _n, request) => {
      if (request.url === "/large") response.end(large);
      else response.writeHead(request.method === "HEAD" ? 200 : 204, { "set-cookie": ["a=1", "b=2"] }).end();
    });
    const empty = await fetch(origin);
    expect(empty).toBeInstanceOf(Response);
    expect([empty.status, empty.body, empty.headers.getSetCookie()]).toEqual([204, null, ["a=1", "b=2"]]);
    expect((await fetch(origin, { method: "HEAD" })).body).toBeNull();
    expect((await (await fetch(`${origin}/large`)).text()).length).toBe(large.length);
  });

  it("lets go of the connection when a stream is cancelled", async () => {
    let closed: Promise<unknown> = Promise.resolve();
    const { origin } = await loopback((response) => {
      closed = once(response, "close");
      response.write("x".repeat(100_000));
    });
    const { body } = await fetch(origin);
    await body?.cancel();
    await closed;
  });

  it("follows no redirect and sends nothing twice, although interceptors would", async () => {
    let target = 0;
    const elsewhere = await loopback((response) => {
      target += 1;
      response.end();
    });
    const server = await loopback((response, n, request) => {
      request.resume();
      if (n === 0) response.writeHead(503).end("{}");
      else response.writeHead(307, { location: elsewhere.origin }).end();
    });
    const composed = new Agent().compose(interceptors.retry(), interceptors.redirect({ maxRedirections: 3 }));
    const options = { apiKey: "key", baseUrl: server.origin, fetch: dispatcherFetch(composed) };
    const magnific = new Magnific(options);
    await expect(magnific.submit({ image: pngOf(100) })).rejects.toMatchObject({ status: 503, attempts: 1 });
    await expect(magnific.submit({ image: pngOf(100) })).rejects.toMatchObject({ code: "redirect_refused" });
    expect([server.requests.length, target]).toEqual([2, 0]);
    const manual = await options.fetch(server.origin, { redirect: "manual" });
    expect([manual.status, manual.headers.get("location")]).toEqual([307, elsewhere.origin]);
  });
});

describe("fetch over a dispatcher", () => {
  it("takes nothing else", () => {
    for (const odd of [undefined, null, {}, globalThis.fetch])
      expect(() => dispatcherFetch(odd as unknown as UndiciDispatcher)).toThrow(TypeError);
  });

  it("may be a mock", async () => {
    const mock = new MockAgent();
    mock.disableNetConnect();
    const path = "/v1/ai/image-upscaler-precision";
    const answer = { data: { task_id: TASK_ID, status: "CREATED", generated: [] } };
    mock.get("https://api.magnific.com").intercept({ path, method: "POST" }).reply(200, answer);
    const magnific = new Magnific({ apiKey: "key", baseUrl: "https://api.magnific.com", fetch: dispatcherFetch(mock) });
    expect((await magnific.submit({ image: pngOf(100) })).id).toBe(TASK_ID);
    await mock.close();
  });

  it("may take the place of the global fetch while a client is in use", async () => {
    const { origin } = await loopback(created);
    const magnific = new Magnific({ apiKey: "key", baseUrl: origin });
    const original = globalThis.fetch;
    try {
      for (const fetch of [original, dispatcherFetch(new Agent()), original]) {
        globalThis.fetch = fetch;
        expect((await magnific.submit({ image: pngOf(200_000) })).id).toBe(TASK_ID);
        expect((await magnific.api.GET("/v1/ai/image-upscaler-precision")).response.status).toBe(200);
      }
    } finally {
      globalThis.fetch = original;
    }
  });

  it("gives middleware of the raw client a request that it can clone", async () => {
    const { origin } = await loopback(created);
    const { api } = new Magnific({ apiKey: "key", baseUrl: origin, fetch: dispatcherFetch(new Agent()) });
    const seen: unknown[] = [];
    api.use({ onRequest: ({ request }) => void seen.push(request.clone().method, request.clone().url) });
    await api.POST("/v1/ai/image-upscaler-precision", { body: { image: "AAAA" } });
    expect(seen).toEqual(["POST", `${origin}/v1/ai/image-upscaler-precision`]);
  });
});
