/** What undici's own dispatchers bring to `dispatcherFetch()`; how it fetches is in `transports.test.ts`. */
import { once } from "node:events";
import { createSecureServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { Agent, EnvHttpProxyAgent, MockAgent, ProxyAgent } from "undici";
import { Agent as Agent6, MockAgent as MockAgent6 } from "undici-6";
import { afterEach, describe, expect, it } from "vitest";
import { Magnific } from "../../client.js";
import type { MagnificError } from "../../errors/magnific-error.js";
import { CERTIFICATE, PRIVATE_KEY } from "../../test-support/certificate.js";
import { TASK_ID } from "../../test-support/client-context.js";
import { pngOf } from "../../test-support/png.js";
import { type Connection, type TcpServer, tcpServer } from "../../test-support/tcp-server.js";
import { dispatcherFetch } from "../dispatcher-fetch.js";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function kept<T extends { destroy(): Promise<void> }>(dispatcher: T): T {
  closing.push(() => dispatcher.destroy());
  return dispatcher;
}

async function serve(handle: (connection: Connection) => Promise<void> | void, secure = false): Promise<TcpServer> {
  const server = await tcpServer(handle, secure ? { key: PRIVATE_KEY, cert: CERTIFICATE } : undefined);
  closing.push(() => server.close());
  return server;
}

const CREATED = JSON.stringify({ data: { task_id: TASK_ID, status: "CREATED", generated: [] } });
const answerOf = (body: string): string =>
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;

async function created(connection: Connection): Promise<void> {
  for (;;) {
    await connection.head();
    connection.socket.write(answerOf(CREATED));
  }
}

describe("a mock of undici", () => {
  it.each([
    ["6", (): MockAgent => new MockAgent6() as unknown as MockAgent],
    ["7", (): MockAgent => new MockAgent()],
  ])("(version %s) answers a submit, and nothing goes out", async (_version, make) => {
    const mock = make();
    closing.push(() => mock.close());
    mock.disableNetConnect();
    mock
      .get("https://api.magnific.com")
      .intercept({ path: "/v1/ai/image-upscaler-precision", method: "POST" })
      .reply(200, CREATED, { headers: { "content-type": "application/json" } });
    const magnific = new Magnific({ apiKey: "k", fetch: dispatcherFetch(mock), retry: 0 });
    expect((await magnific.submit({ image: pngOf(1000) })).id).toBe(TASK_ID);
    await expect(magnific.submit({ image: pngOf(1000) })).rejects.toMatchObject({ name: "ConnectionError" });
  });
});

describe("certificates", () => {
  it("are the dispatcher's own to trust", async () => {
    const server = await serve(created, true);
    const trusting = dispatcherFetch(kept(new Agent({ connect: { ca: CERTIFICATE } })));
    expect(await (await trusting(server.url)).text()).toBe(CREATED);
    const strict = new Magnific({ apiKey: "k", baseUrl: server.url, fetch: dispatcherFetch(kept(new Agent())) });
    const error = await strict.submit({ image: pngOf(1000) }).catch((reason: unknown) => reason as MagnificError);
    expect(error).toMatchObject({ code: "connection_failed", submission: "not_sent" });
    expect((error as MagnificError).cause).toMatchObject({ code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
    expect(server.heads).toHaveLength(1);
  });
});

describe("a proxy", () => {
  it.each([
    ["ProxyAgent", (uri: string) => new ProxyAgent({ uri, requestTls: { ca: CERTIFICATE } })],
    [
      "EnvHttpProxyAgent",
      (uri: string) => new EnvHttpProxyAgent({ httpsProxy: uri, requestTls: { ca: CERTIFICATE } } as never),
    ],
  ])("is the dispatcher's: %s", async (_name, make) => {
    const server = await serve(created, true);
    const { connect } = await import("node:net");
    const asked: string[] = [];
    const proxy = await serve(async ({ socket, head }) => {
      asked.push((await head()).split("\r\n")[0] ?? "");
      socket.removeAllListeners("data");
      const upstream = connect(server.port, "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
        socket.pipe(upstream).pipe(socket);
      });
      upstream.on("error", () => socket.destroy());
      socket.on("close", () => upstream.destroy());
    });
    const fetch = dispatcherFetch(kept(make(proxy.url)));
    const magnific = new Magnific({ apiKey: "k", baseUrl: "https://provider.test", fetch, retry: 0 });
    expect((await magnific.submit({ image: pngOf(1000) })).id).toBe(TASK_ID);
    expect(asked).toEqual(["CONNECT provider.test:443 HTTP/1.1"]);
    expect(server.heads[0]).toContain("x-magnific-api-key: k\r\n");
  });
});

describe("a call that waits for a connection", () => {
  it.each([
    ["6", () => new Agent6({ connections: 1, pipelining: 1 })],
    ["7", () => new Agent({ connections: 1, pipelining: 1 })],
  ])("and is given up rejects at once, and never goes out (undici %s)", async (_version, make) => {
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const server = await serve(async (connection) => {
      for (;;) {
        await connection.head();
        await held;
        connection.socket.write(answerOf(CREATED));
      }
    });
    const magnific = new Magnific({ apiKey: "k", baseUrl: server.url, fetch: dispatcherFetch(kept(make())) });
    const controller = new AbortController();
    const first = magnific.submit({ image: pngOf(1000) });
    const second = magnific.submit({ image: pngOf(1000) }, { signal: controller.signal });
    second.catch(() => {});
    while (server.heads.length === 0) await new Promise((resolve) => setImmediate(resolve));
    controller.abort(new Error("enough"));
    await expect(second).rejects.toMatchObject({ code: "aborted", submission: "not_sent" });
    release();
    expect((await first).id).toBe(TASK_ID);
    expect((await magnific.submit({ image: pngOf(1000) })).id).toBe(TASK_ID);
    expect(server.heads).toHaveLength(2);
  });
});

describe("HTTP/2", () => {
  it("carries a submit where the dispatcher allows it", async () => {
    const server = createSecureServer({ key: PRIVATE_KEY, cert: CERTIFICATE });
    const seen: unknown[] = [];
    server.on("stream", (stream, headers) => {
      let bytes = 0;
      stream.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
      });
      stream.on("end", () => {
        seen.push([headers[":method"], headers["x-magnific-api-key"], bytes === Number(headers["content-length"])]);
        stream.respond({ ":status": 200, "content-type": "application/json" });
        stream.end(CREATED);
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    closing.push(() => new Promise((resolve) => server.close(resolve)));
    const fetch = dispatcherFetch(kept(new Agent({ allowH2: true, connect: { ca: CERTIFICATE } })));
    const baseUrl = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const magnific = new Magnific({ apiKey: "k", baseUrl, fetch, retry: 0 });
    for (const size of [1000, 300_000]) expect((await magnific.submit({ image: pngOf(size) })).id).toBe(TASK_ID);
    expect(seen).toEqual([
      ["POST", "k", true],
      ["POST", "k", true],
    ]);
  });
});
