/** What one request does on the wire: nothing before there is a connection, and an end in time whatever comes back. */
import { Agent } from "undici";
import { describe, expect, it, onTestFinished } from "vitest";
import { dispatcherFetch } from "../api/dispatcher-fetch.js";
import { type ImageSource, Magnific, MagnificError, type MagnificOptions } from "../index.js";
import { CERTIFICATE, PRIVATE_KEY } from "../test-support/certificate.js";
import { TASK_ID } from "../test-support/client-context.js";
import { freePort, loopback } from "../test-support/loopback.js";
import { pngOf } from "../test-support/png.js";
import { created, json } from "../test-support/provider.js";
import { rejection } from "../test-support/rejection.js";
import { tcpServer } from "../test-support/tcp-server.js";

const PATH = "/v1/ai/image-upscaler-precision";

/** An image of which it is counted how often, and how far, it was read. */
function counted(bytes: Uint8Array): { source: ImageSource; opened: () => number; read: () => number } {
  let [opened, read] = [0, 0];
  const source: ImageSource = {
    size: bytes.byteLength,
    replayable: true,
    async *open() {
      opened += 1;
      for (let at = 0; at < bytes.byteLength; at += 300_000) {
        read += Math.min(300_000, bytes.byteLength - at);
        yield bytes.subarray(at, at + 300_000);
      }
    },
  };
  return { source, opened: () => opened, read: () => read };
}

async function rawServer(...args: Parameters<typeof tcpServer>): Promise<string> {
  const server = await tcpServer(...args);
  onTestFinished(() => server.close());
  return server.url;
}
/** Answers with this text as it stands, and nothing after it; `more` is repeated for ever. */
const saying = (text: string, more = ""): Promise<string> =>
  rawServer(async (connection) => {
    await connection.until((all) => all.includes("\r\n\r\n"));
    connection.socket.write(text);
    const timer = more === "" ? undefined : setInterval(() => connection.socket.write(more), 5);
    connection.socket.on("close", () => clearInterval(timer));
  });

for (const [transport, fetch] of [
  ["the platform's fetch", undefined],
  ["dispatcherFetch", dispatcherFetch(new Agent())],
] as const) {
  const client = (baseUrl: string, options: MagnificOptions = {}): Magnific =>
    new Magnific({ apiKey: "key", baseUrl, fetch, retry: 0, ...options });

  describe(`over ${transport}`, () => {
    const unreachable: [string, () => Promise<string>][] = [
      ["refuses the connection", async () => `http://127.0.0.1:${await freePort()}`],
      ["has a name that DNS does not know", async () => "https://nobody.invalid"],
      ["has a port that the platform blocks", async () => "http://127.0.0.1:6000"],
      ["has a certificate that nobody trusts", () => rawServer(() => {}, { key: PRIVATE_KEY, cert: CERTIFICATE })],
    ];
    for (const [what, serve] of unreachable)
      it(`a server that ${what} is \`not_sent\`, and the body is not read`, async () => {
        const image = counted(pngOf(600_000));
        const error = await rejection(client(await serve()).submit({ image: image.source }), MagnificError);
        expect(error).toMatchObject({ code: "connection_failed", submission: "not_sent" });
        // Once, for the check.
        expect(image.opened()).toBe(1);
      });

    const HEAD = "content-type: application/json\r\ncontent-length: 500\r\n\r\n{";
    const slow: [string, string, string][] = [
      ["a stalled body", `HTTP/1.1 200 OK\r\n${HEAD}`, ""],
      ["a body that never ends", "HTTP/1.1 200 OK\r\n\r\n", " "],
      ["a stalled error", `HTTP/1.1 500 X\r\n${HEAD}`, ""],
      ["an error that never ends", "HTTP/1.1 500 X\r\n\r\n", "x"],
    ];
    for (const [what, text, more] of slow)
      it(`${what} ends at the timeout, of the facade and of the raw client`, async () => {
        const magnific = client(await saying(text, more), { timeout: 250 });
        const began = performance.now();
        const calls = [magnific.submit({ image: pngOf(100) }), magnific.tasks(), magnific.api.GET(PATH)];
        for (const error of await Promise.all(calls.map((call) => rejection(call, MagnificError))))
          expect(error.code).toBe("timeout");
        expect(performance.now() - began).toBeLessThan(5_000);
      });

    it("a 413 that comes while 50 MB are sent is seen as 413, and the rest is not read", async () => {
      const url = await rawServer(async ({ socket, until }) => {
        await until((all) => all.includes("\r\n\r\n"));
        socket.pause();
        socket.write(
          "HTTP/1.1 413 X\r\ncontent-type: text/plain\r\ncontent-length: 9\r\nconnection: close\r\n\r\ntoo large",
        );
      });
      const image = counted(pngOf(50_000_000));
      const error = await rejection(client(url).submit({ image: image.source }), MagnificError);
      expect(error).toMatchObject({ code: "payload_too_large", status: 413, submission: "rejected" });
      // The check has read all of it once.
      expect(image.read()).toBeLessThan(2 * 50_000_000);
    });

    for (const line of ["101 Switching Protocols", "666 X", "999 X"])
      it(`the status ${line} is a typed error, and nobody knows what became of the submit`, async () => {
        const url = await saying(`HTTP/1.1 ${line}\r\ncontent-length: 0\r\n\r\n`);
        const error = await rejection(client(url, { timeout: 2_000 }).submit({ image: pngOf(100) }), MagnificError);
        expect(error.submission).toBe("unknown");
        expect(["unexpected_response", "connection_lost", "unexpected_status", "timeout"]).toContain(error.code);
        await rejection(client(url, { timeout: 2_000 }).api.GET(PATH), MagnificError);
      });

    for (const status of [400, 403, 409, 429, 500, 503])
      it(`a ${status} that names a task keeps its id, and the submit is not retried`, async () => {
        const server = await loopback(json({ data: { task_id: TASK_ID, status: "CREATED" } }, status));
        const magnific = client(server.origin, { retry: { limit: 3, minDelay: 0 } });
        const error = await rejection(magnific.submit({ image: pngOf(100) }), MagnificError);
        expect(error).toMatchObject({ status, taskId: TASK_ID, submission: "unknown", attempts: 1 });
        expect(error.message).toContain(TASK_ID);
        expect(server.requests.length).toBe(1);
      });

    it("the raw client sends the key, an exact length, and nothing to another origin", async () => {
      const server = await loopback(created);
      const { api } = client(server.origin);
      const { data, response } = await api.POST(PATH, { body: { image: "AAAA" } });
      expect([data?.data.task_id, response.status]).toEqual([TASK_ID, 200]);
      const [{ headers } = { headers: {} }] = server.requests;
      expect(headers).toMatchObject({
        "x-magnific-api-key": "key",
        "content-length": '{"image":"AAAA"}'.length.toString(),
      });
      const { error } = await client((await loopback(json({ message: "no" }, 400))).origin).api.GET(PATH);
      expect(error).toEqual({ message: "no" });
      await expect(api.GET(PATH, { baseUrl: "http://127.0.0.1:1" })).rejects.toThrow(/another origin/);
      const reason = new Error("enough");
      await expect(api.GET(PATH, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    });

    it("the raw client is the one that the facade sends through", async () => {
      const magnific = client((await loopback(created)).origin);
      const seen: string[] = [];
      magnific.api.use({ onRequest: ({ request, schemaPath }) => void seen.push(`${request.method} ${schemaPath}`) });
      await magnific.submit({ image: pngOf(100) });
      expect(seen).toEqual([`POST ${PATH}`]);
    });

    it("a response may be compressed, although nobody asked for it", async () => {
      const { gzipSync, brotliCompressSync, deflateSync } = await import("node:zlib");
      const list = JSON.stringify({ data: [{ task_id: TASK_ID, status: "CREATED" }] });
      for (const [encoding, body] of [
        ["gzip", gzipSync(list)],
        ["br", brotliCompressSync(list)],
        ["deflate", deflateSync(list)],
      ] as const) {
        const server = await loopback((response) =>
          response.writeHead(200, { "content-type": "application/json", "content-encoding": encoding }).end(body),
        );
        expect(await client(server.origin).tasks()).toEqual([{ id: TASK_ID, status: "CREATED" }]);
      }
    });
  });
}

describe("a fetch of the caller's own", () => {
  it.each([
    ["a status that no Response can have", () => ({ status: 700 })],
    ["a body with 204", () => ({ status: 204, ok: true, body: new Response("x").body })],
  ])("that answers with %s ends in a typed error", async (_, odd) => {
    const fake = { statusText: "", ok: false, headers: new Headers(), body: null };
    const fetch = async (): Promise<Response> => ({ ...fake, ...odd() }) as unknown as Response;
    const magnific = new Magnific({ apiKey: "key", fetch });
    expect(await rejection(magnific.submit({ image: pngOf(100) }), MagnificError)).toMatchObject({
      code: "unexpected_response",
      submission: "unknown",
    });
    await expect(magnific.api.GET(PATH)).rejects.toMatchObject({ code: "unexpected_response" });
  });
});

describe("what does not keep to the contract, but lets the call continue", () => {
  it("is reported place by place, at most twenty of one response, and only what nobody reports elsewhere", async () => {
    const violations: string[] = [];
    const report = async (body: unknown, status = 200, type = "application/json"): Promise<string[]> => {
      violations.length = 0;
      const server = await loopback(json(body, status, { "content-type": type }));
      const options: MagnificOptions = {
        onContractViolation: ({ place, message }) => void violations.push(`${place} ${message}`),
      };
      const magnific = new Magnific({ apiKey: "key", baseUrl: server.origin, ...options });
      await magnific.tasks();
      return [...violations];
    };
    const task = { task_id: TASK_ID, status: "CREATED" };
    expect(await report({ data: [task] })).toEqual([]);
    expect(await report({ data: [task] }, 201)).toEqual([" the status is 201, not 200"]);
    expect(await report({ data: [task] }, 200, "text/plain; charset=utf-8")).toEqual([
      "header:content-type is not application/json",
    ]);
    expect(await report({ data: [task] }, 200, "application/json; charset=latin1")).toEqual([
      "header:content-type names a charset other than UTF-8",
    ]);
    expect((await report({ data: Array(30).fill({ task_id: TASK_ID, status: "PAUSED" }) })).length).toBe(20);
    expect(await report({ data: [{ status: "CREATED" }] })).toEqual([expect.stringMatching(/^\/data\/0 /)]);
  });
});
