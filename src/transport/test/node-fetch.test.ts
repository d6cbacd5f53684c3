/** What is `nodeFetch()`'s own; what all transports have in common is in `transports.test.ts`. */
import { getEventListeners, once } from "node:events";
import http from "node:http";
import net from "node:net";
import { Duplex } from "node:stream";
import { afterEach, describe, expect, it, vi } from "vitest";
import { TAKE } from "../../image/text-body.js";
import { CERTIFICATE } from "../../test-support/certificate.js";
import { HI, openFetch, openServer } from "../../test-support/node-fetch.js";
import { rejection } from "../../test-support/rejection.js";
import type { Connection } from "../../test-support/tcp-server.js";
import type { NodeFetch, NodeFetchOptions } from "../node-fetch.js";
import { TransportError } from "../transport-error.js";

afterEach(() => vi.restoreAllMocks());

const make = (options: NodeFetchOptions = {}): NodeFetch => openFetch({ proxy: false, ...options });

/** Answers every head, once what is given has passed. */
const hi = (pass: () => unknown = () => {}) => {
  return async (connection: Connection): Promise<void> => {
    for (;;) {
      await connection.head();
      await pass();
      connection.socket.write(HI);
    }
  };
};

const closed = (connection: Connection | undefined): Promise<unknown> | undefined =>
  connection && once(connection.socket.resume(), "close");

/** Comes in two pieces. */
function stream(): ReadableStream<Uint8Array> {
  const pieces = ["{", "}"];
  return new ReadableStream(
    {
      pull: (to) => {
        const piece = pieces.shift();
        if (piece === undefined) to.close();
        else to.enqueue(Buffer.from(piece));
      },
    },
    { highWaterMark: 0 },
  );
}

const posted = (body: unknown, rest: object = {}): RequestInit =>
  ({ method: "POST", duplex: "half", body, ...rest }) as RequestInit;

describe("a request without a body", () => {
  it.each([
    ["GET", undefined],
    ["HEAD", undefined],
    ["POST", "0"],
    ["DELETE", "0"],
  ])("%s announces a length of %s", async (method, length) => {
    const server = await openServer(hi());
    await make()(server.url, { method });
    expect(/content-length: (.*)\r\n/i.exec(server.heads[0] ?? "")?.[1]).toBe(length);
    expect(server.heads[0]).not.toContain("transfer-encoding");
  });
});

describe("a connection", () => {
  it("serves one POST after the other", async () => {
    const server = await openServer(hi());
    const fetch = make();
    for (const body of ["{}", new Uint8Array(300_000), stream()])
      expect(await (await fetch(server.url, posted(body))).text()).toBe("hi");
    expect(server.connections).toHaveLength(1);
  });

  it("over TLS stands for a second streamed body as it did for the first", async () => {
    const server = await openServer(async (connection) => {
      for (const ends of [1, 2]) {
        await connection.until((all) => all.split("\r\n0\r\n\r\n").length > ends);
        connection.socket.write(HI);
      }
    }, true);
    const fetch = make({ ca: CERTIFICATE, connectTimeout: 1000 });
    for (let i = 0; i < 2; i++) expect(await (await fetch(server.url, posted(stream()))).text()).toBe("hi");
    expect(server.connections).toHaveLength(1);
  });

  // What a call is told here decides whether it is sent again: with `connected: false` it would be, and paid twice.
  it.each([false, true])("that a call waited for stands when the call gets it (TLS: %s)", async (secure) => {
    const server = await openServer(
      hi(() => new Promise((resolve) => setTimeout(resolve, 150))),
      secure,
    );
    const fetch = make({ ca: CERTIFICATE, connections: 1, connectTimeout: 100 });
    const bodies = ["{}", stream(), "{}"];
    const answers = await Promise.all(bodies.map(async (body) => (await fetch(server.url, posted(body))).text()));
    expect(answers).toEqual(["hi", "hi", "hi"]);
    expect(server.connections).toHaveLength(1);
  });

  it("that a call waited for and that breaks may have carried it", async () => {
    const server = await openServer(async (connection) => {
      await connection.head();
      connection.socket.write(HI);
      await connection.head();
      connection.socket.resetAndDestroy();
    }, true);
    const fetch = make({ ca: CERTIFICATE, connections: 1 });
    const [first, second] = [fetch(server.url), fetch(server.url, posted("{}"))];
    const broken = rejection(second, TransportError);
    expect(await (await first).text()).toBe("hi");
    expect(await broken).toMatchObject({ code: "ECONNRESET", connected: true });
  });

  it("that an aborted call left half set up is no connection yet for the next", async () => {
    const silent = await openServer(() => {});
    const url = silent.url.replace("http:", "https:");
    const fetch = make({ connectTimeout: 50, connections: 1 });
    const controller = new AbortController();
    const first = fetch(url, posted("{}", { signal: controller.signal }));
    const second = fetch(url, posted("{}"));
    controller.abort(new Error("enough"));
    await expect(first).rejects.toThrow("enough");
    const error = await rejection(second, TransportError);
    expect(error).toMatchObject({ code: "ETIMEDOUT", connected: false });
    expect(silent.connections).toHaveLength(1);
  });

  it("is given up after an answer that did not wait for the whole request", async () => {
    const large = "x".repeat(32 * 1024 * 1024);
    const text = { [TAKE]: () => large };
    for (const body of [large, Buffer.from(large), text]) {
      const server = await openServer(async (connection) => {
        await connection.until((all) => all.length > 0);
        connection.socket.pause();
        connection.socket.write("HTTP/1.1 401 Unauthorized\r\ncontent-length: 2\r\n\r\nno");
      });
      const fetch = make();
      const request = new fetch.LightRequest(
        server.url,
        posted(body, { headers: { "content-length": `${large.length}` } }),
      );
      const response = await fetch(request);
      expect([response.status, await response.text()]).toEqual([401, "no"]);
      await closed(server.connections[0]);
      expect(server.connections[0]?.received().length).toBeLessThan(large.length);
    }
  });

  it("that the server closes with its early answer still brings that answer", async () => {
    const server = await openServer(async (connection) => {
      await connection.until((all) => all.length > 0);
      connection.socket.pause();
      connection.socket.end("HTTP/1.1 413 Payload Too Large\r\ncontent-length: 9\r\n\r\ntoo large");
    });
    const fetch = make();
    const bytes = new Uint8Array(16 * 1024 * 1024);
    for (let i = 0; i < 10; i++) {
      const response = await fetch(server.url, posted(bytes));
      expect([response.status, await response.text()]).toEqual([413, "too large"]);
    }
  });

  it("that is handed to another protocol is a failure, not a wait without an end", async () => {
    const server = await openServer(async (connection) => {
      await connection.head();
      connection.socket.write("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: else\r\n\r\n");
    });
    const error = await rejection(make()(server.url, posted("{}")), TransportError);
    expect(error).toMatchObject({ code: "ECONNRESET", connected: true, message: "The connection closed." });
    await closed(server.connections[0]);
  });
});

it.each(["ftp://127.0.0.1/", "file:///etc/hosts", "data:,x"])("no other URL is fetched: %s", async (url) => {
  await expect(make()(url)).rejects.toThrow(`${new URL(url).protocol} URLs are not fetched.`);
});

it("a connection in use when its transport is closed is not kept after that", async () => {
  let answer = (): void => {};
  const asked = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const server = await openServer(hi(() => asked));
  const fetch = make({ keepAlive: 60_000 });
  const call = fetch(server.url);
  await vi.waitFor(() => expect(server.heads).toHaveLength(1), { interval: 2 });
  fetch.close();
  answer();
  expect(await (await call).text()).toBe("hi");
  await vi.waitFor(() => expect(server.connections[0]?.socket.destroyed).toBe(true), { interval: 2 });
});

describe("a body", () => {
  it.each([
    ["a text of more letters than a piece", "größer ✓".repeat(40_000)],
    ["bytes of more than a piece", Buffer.from("größer ✓".repeat(40_000))],
    ["just a piece", "x".repeat(256 * 1024)],
  ])("that is %s arrives whole", async (_name, body) => {
    const bytes = Buffer.from(body);
    const server = await openServer(async (connection) => {
      const head = await connection.head();
      await connection.until((all) => all.length === head.length + bytes.length);
      connection.socket.write(HI);
    });
    expect((await make()(server.url, posted(body))).status).toBe(200);
    const received = Buffer.from(server.connections[0]?.received() ?? "", "latin1");
    expect(received.subarray(-bytes.length).equals(bytes)).toBe(true);
    expect(server.heads[0]).toContain(`content-length: ${bytes.length}\r\n`);
  });

  it("that was sent to its end is not given up", async () => {
    let returned = 0;
    let left = 2;
    const body = {
      [Symbol.asyncIterator]: () => ({
        next: async () => (left-- > 0 ? { done: false, value: new Uint8Array(3) } : { done: true, value: undefined }),
        return: async () => ({ done: true, value: void returned++ }),
      }),
    };
    const server = await openServer(async (connection) => {
      await connection.until((all) => all.endsWith("\r\n0\r\n\r\n"));
      connection.socket.write(HI);
    });
    expect(await (await make()(server.url, posted(body))).text()).toBe("hi");
    expect(returned).toBe(0);
  });
});

describe("a signal", () => {
  it.each(["HEAD", "GET"])("is let go of when an answer without a body is over (%s)", async (method) => {
    const answer = method === "HEAD" ? "HTTP/1.1 200 OK\r\ncontent-length: 2" : "HTTP/1.1 204 No Content";
    const server = await openServer(async (connection) => {
      await connection.head();
      connection.socket.write(`${answer}\r\n\r\n`);
    });
    const { signal } = new AbortController();
    await make()(server.url, { method, signal });
    await vi.waitFor(() => expect(getEventListeners(signal, "abort")).toHaveLength(0), { interval: 2 });
  });

  it("is let go of after a refused redirect and after an abort in the answer", async () => {
    const server = await openServer(async (connection) => {
      const head = await connection.head();
      connection.socket.write(
        head.startsWith("GET /to ")
          ? "HTTP/1.1 302 Found\r\nlocation: /\r\ncontent-length: 0\r\n\r\n"
          : "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhi",
      );
    });
    const fetch = make();
    const controller = new AbortController();
    const { signal } = controller;
    await rejection(fetch(`${server.url}/to`, { signal }), TransportError);
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
    const response = await fetch(server.url, { signal });
    expect(getEventListeners(signal, "abort")).toHaveLength(1);
    controller.abort(new Error("enough"));
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
    await expect(response.text()).rejects.toThrow("enough");
  });
});

/** As a library does that takes the place of node:http's connections. */
function intercept(createConnection: () => Duplex): void {
  const { request } = http;
  const agent = Object.assign(new http.Agent(), { createConnection });
  vi.spyOn(http, "request").mockImplementation(((options: http.RequestOptions) =>
    request({ ...options, agent })) as typeof http.request);
}

/** Says that it stands when it has read the whole request, and then again. */
class Played extends Duplex {
  readonly connecting = true;
  received = "";

  override _read(): void {}
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.received += chunk.toString("latin1");
    done();
    if (!this.received.endsWith("\r\n0\r\n\r\n")) return;
    this.emit("connect");
    this.emit("connect");
    this.push(HI);
  }
}

describe("a library that intercepts node:http", () => {
  it("gets the body although its connection stands only after that", async () => {
    const socket = new Played();
    intercept(() => socket);
    expect(await (await make()("http://provider.test/", posted(stream()))).text()).toBe("hi");
    expect(socket.received).toContain("\r\n\r\n1\r\n{\r\n");
  });

  it("may bring a connection that stands already", async () => {
    const server = await openServer(hi());
    const socket = net.connect(server.port, "127.0.0.1");
    await once(socket, "connect");
    intercept(() => socket);
    expect(await (await make({ connectTimeout: 200 })("http://provider.test/", posted(stream()))).text()).toBe("hi");
    expect(server.connections).toHaveLength(1);
  });
});
