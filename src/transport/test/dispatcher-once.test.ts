/** Whatever interceptors a dispatcher brings: one request, to one host. */
import { Agent, interceptors } from "undici";
import { Agent as Agent6, interceptors as interceptors6 } from "undici-6";
import { afterEach, describe, expect, it } from "vitest";
import { Magnific } from "../../client.js";
import type { MagnificError } from "../../errors/magnific-error.js";
import { pngOf } from "../../test-support/png.js";
import { type TcpServer, tcpServer } from "../../test-support/tcp-server.js";
import type { UndiciDispatcher } from "../dispatcher.js";
import { dispatcherFetch } from "../dispatcher-fetch.js";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Answers every request with the same. */
async function answering(answer: string): Promise<TcpServer> {
  const server = await tcpServer(async (connection) => {
    for (;;) {
      await connection.head();
      connection.socket.write(answer);
    }
  });
  closing.push(() => server.close());
  return server;
}

const kept = <T extends { destroy(): Promise<void> }>(dispatcher: T): T => {
  closing.push(() => dispatcher.destroy());
  return dispatcher;
};

async function submitted(dispatcher: UndiciDispatcher, baseUrl: string): Promise<MagnificError> {
  const magnific = new Magnific({ apiKey: "secret", baseUrl, fetch: dispatcherFetch(dispatcher), retry: 0 });
  return (await magnific.submit({ image: pngOf(1_000) }).catch((error: unknown) => error)) as MagnificError;
}

describe("a dispatcher that follows redirects", () => {
  it.each<[string, () => UndiciDispatcher]>([
    ["undici 6, by an option", () => kept(new Agent6({ maxRedirections: 5 } as object))],
    ["undici 6, by an interceptor", () => kept(new Agent6()).compose(interceptors6.redirect({ maxRedirections: 5 }))],
    ["undici 7", () => kept(new Agent()).compose(interceptors.redirect({ maxRedirections: 5 }))],
  ])("does not follow these: %s", async (_name, make) => {
    const elsewhere = await answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    for (const status of [302, 307, 308]) {
      const here = await answering(`HTTP/1.1 ${status} X\r\nlocation: ${elsewhere.url}/\r\ncontent-length: 0\r\n\r\n`);
      const error = await submitted(make(), here.url);
      expect([error.name, here.heads.length]).toEqual(["RedirectError", 1]);
    }
    expect(elsewhere.connections).toHaveLength(0);
  });
});

describe("a dispatcher that sends again", () => {
  const eager = {
    maxRetries: 3,
    minTimeout: 1,
    methods: ["POST" as const],
    statusCodes: [503],
    errorCodes: ["UND_ERR_SOCKET"],
  };

  it.each<[string, () => UndiciDispatcher]>([
    ["undici 6", () => kept(new Agent6()).compose(interceptors6.retry(eager))],
    ["undici 7", () => kept(new Agent()).compose(interceptors.retry(eager))],
  ])("sends these once: %s", async (_name, make) => {
    const busy = await answering("HTTP/1.1 503 X\r\ncontent-length: 0\r\n\r\n");
    const fetch = dispatcherFetch(make());
    // A text could be sent again, an image that was handed out could not.
    expect((await fetch(busy.url, { method: "POST", body: "{}" })).status).toBe(503);
    expect((await submitted(make(), busy.url)).submission).toBe("unknown");
    expect(busy.heads).toHaveLength(2);
    const rude = await tcpServer(async (connection) => {
      await connection.head();
      connection.socket.destroy();
    });
    closing.push(() => rude.close());
    await expect(fetch(rude.url, { method: "POST", body: "{}" })).rejects.toMatchObject({ connected: true });
    expect(rude.heads).toHaveLength(1);
  });
});
