/** Each `fetch` of this package, under the same calls and the same faults. */
import { createHash } from "node:crypto";
import { getEventListeners } from "node:events";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import createClient from "openapi-fetch";
import { Agent as Undici7 } from "undici";
import { Agent as Undici6 } from "undici-6";
import { afterEach, describe, expect, it } from "vitest";
import { createApi } from "../../api/raw-client.js";
import { rejection } from "../../test-support/rejection.js";
import { type Connection, type TcpServer, tcpServer } from "../../test-support/tcp-server.js";
import type { UndiciDispatcher } from "../dispatcher.js";
import { dispatcherFetch } from "../dispatcher-fetch.js";
import type { LightFetch } from "../light-fetch.js";
import { nodeFetch } from "../node-fetch.js";
import { TransportError } from "../transport-error.js";

interface Transport {
  readonly fetch: LightFetch;
  /** Ends its idle connections. */
  readonly close: () => unknown;
  /** The head that it writes for a POST of 8 bytes, all but the first line. */
  readonly head: (host: string) => string;
  /** What it calls an answer that breaks off, nonsense, and a head beyond all measure. */
  readonly codes: {
    readonly cut: RegExp;
    readonly nonsense: RegExp;
    readonly overflow: RegExp;
  };
}

const HEADERS = "content-type: application/json\r\nx-key: k\r\naccept: */*\r\naccept-encoding: identity\r\n";

function overNode(): Transport {
  const fetch = nodeFetch();
  return {
    fetch,
    close: fetch.close,
    head: (host) => `host: ${host}\r\n${HEADERS}content-length: 8\r\nConnection: keep-alive\r\n`,
    codes: { cut: /^ECONNRESET$/, nonsense: /^HPE_/, overflow: /^HPE_HEADER_OVERFLOW$/ },
  };
}

function overUndici(agent: UndiciDispatcher & { destroy(): Promise<void> }): Transport {
  return {
    fetch: dispatcherFetch(agent),
    // The connections of the last test are gone with its server.
    close: () => {},
    head: (host) => `host: ${host}\r\nconnection: keep-alive\r\n${HEADERS}content-length: 8\r\n`,
    codes: {
      cut: /^UND_ERR_SOCKET$|^ECONNRESET$/,
      nonsense: /^HPE_|^ERR_TRANSPORT$/,
      overflow: /^UND_ERR_HEADERS_OVERFLOW$/,
    },
  };
}

/** The one that Node brings for its own fetch. */
function builtIn(): UndiciDispatcher & { destroy(): Promise<void> } {
  void globalThis.fetch("data:,").catch(() => {});
  const symbol = Symbol.for("undici.globalDispatcher.1");
  return (globalThis as unknown as Record<symbol, UndiciDispatcher & { destroy(): Promise<void> }>)[symbol] as never;
}

/** undici uses a connection again in the next turn at the earliest. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const open: TcpServer[] = [];

async function serve(handle: (connection: Connection, index: number) => Promise<void> | void): Promise<TcpServer> {
  const server = await tcpServer(handle);
  open.push(server);
  return server;
}

/** Answers every head with the same answer, on every connection. */
const always = (answer: string | Buffer) => async (connection: Connection) => {
  for (;;) {
    await connection.head();
    connection.socket.write(answer);
  }
};

function ok(body: string | Buffer, headers = ""): Buffer {
  const bytes = Buffer.from(body);
  return Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${headers}content-length: ${bytes.length}\r\n\r\n`), bytes]);
}

/** A stream that says what became of it. */
function watched(chunks: Iterable<Uint8Array>): {
  stream: ReadableStream<Uint8Array>;
  pulled: number;
  cancelled: boolean;
} {
  const iterator = chunks[Symbol.iterator]();
  const state = { pulled: 0, cancelled: false, stream: new ReadableStream<Uint8Array>() };
  state.stream = new ReadableStream(
    {
      pull(controller) {
        const { done, value } = iterator.next();
        if (done === true) controller.close();
        else {
          state.pulled++;
          controller.enqueue(value);
        }
      },
      cancel() {
        state.cancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return state;
}

function* pieces(count: number, size = 64 * 1024): Generator<Uint8Array> {
  for (let i = 0; i < count; i++) yield new Uint8Array(size).fill(i);
}

const streamed = (body: ReadableStream<Uint8Array>, rest: RequestInit = {}): RequestInit =>
  ({ method: "POST", body, duplex: "half", ...rest }) as RequestInit;

describe.each([
  ["nodeFetch", overNode()],
  ["dispatcherFetch, undici 6", overUndici(new Undici6())],
  ["dispatcherFetch, undici 7", overUndici(new Undici7())],
  ["dispatcherFetch, Node's own undici", overUndici(builtIn())],
])("%s", (transport, { fetch, close, head, codes }) => {
  afterEach(async () => {
    close();
    await Promise.all(open.splice(0).map((server) => server.close()));
  });

  describe("a call", () => {
    it("says what was asked for, and nothing that invites surprises", async () => {
      const server = await serve(always(ok('{"a":1}', "Content-Type: application/json\r\nX-Two: a\r\nX-Two: b\r\n")));
      const response = await fetch(`${server.url}/path?q=1#f`, {
        method: "POST",
        headers: { "X-Key": "k", "Content-Type": "application/json" },
        body: '{"é":1}',
      });
      expect(server.heads[0]).toBe(`POST /path?q=1 HTTP/1.1\r\n${head(`127.0.0.1:${server.port}`)}\r\n`);
      expect(server.connections[0]?.received()).toContain(Buffer.from('{"é":1}').toString("latin1"));
      expect(response).toBeInstanceOf(Response);
      expect([response.status, response.ok, response.headers.get("x-two")]).toEqual([200, true, "a, b"]);
      expect(await response.json()).toEqual({ a: 1 });
      await expect(response.text()).rejects.toThrow("read already");
    });

    it("keeps its connection for the next", async () => {
      const server = await serve(always(ok("x")));
      for (let i = 0; i < 3; i++) {
        expect(await (await fetch(server.url)).text()).toBe("x");
        await turn();
      }
      expect(server.connections).toHaveLength(1);
    });

    it("gives the body in every form a Response has", async () => {
      const server = await serve(always(ok("[1,2]", "content-type: application/json\r\n")));
      const get = () => fetch(server.url);
      expect(new Uint8Array(await (await get()).arrayBuffer())).toEqual(new Uint8Array(Buffer.from("[1,2]")));
      expect(await (await (await get()).blob()).text()).toBe("[1,2]");
      expect((await (await get()).blob()).type).toBe("application/json");
      const once = await get();
      const copy = once.clone();
      expect([await once.json(), await copy.json()]).toEqual([
        [1, 2],
        [1, 2],
      ]);
      const seen: Uint8Array[] = [];
      for await (const chunk of (await get()).body ?? []) seen.push(chunk);
      expect(Buffer.concat(seen).toString()).toBe("[1,2]");
    });

    it.each([
      ["HEAD", "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n", 200],
      ["GET", "HTTP/1.1 204 No Content\r\n\r\n", 204],
      ["GET", "HTTP/1.1 304 Not Modified\r\n\r\n", 304],
      ["GET", "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", 204],
    ])("%s understands an answer without a body: %j", async (method, answer, status) => {
      const server = await serve(always(answer));
      for (let i = 0; i < 2; i++) {
        const response = await fetch(server.url, { method });
        expect([response.status, response.body, await response.text()]).toEqual([status, null, ""]);
        await turn();
      }
      // undici uses no connection again after a HEAD.
      expect(server.connections).toHaveLength(method === "HEAD" && transport !== "nodeFetch" ? 2 : 1);
    });

    it("passes over a 100 that nobody asked for, or fails like any other broken answer", async () => {
      const server = await serve(always("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"));
      const call = fetch(server.url);
      if (transport === "nodeFetch") expect((await call).status).toBe(204);
      else expect(await rejection(call, TransportError)).toMatchObject({ code: "UND_ERR_SOCKET", connected: true });
    });

    it.each([
      ["gzip", gzipSync],
      ["br", brotliCompressSync],
      ["deflate", deflateSync],
    ])("reads an answer that is %s although nobody asked for it", async (name, compress) => {
      const server = await serve(always(ok(compress(Buffer.from("plain")), `content-encoding: ${name}\r\n`)));
      expect(await (await fetch(server.url)).text()).toBe("plain");
      const broken = await serve(always(ok("not compressed", `content-encoding: ${name}\r\n`)));
      await rejection((await fetch(broken.url)).text(), TransportError);
    });

    it("streams a large answer no faster than it is read", async () => {
      const size = 32 * 1024 * 1024;
      let written = 0;
      const server = await serve(async (connection) => {
        await connection.head();
        connection.socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${size}\r\n\r\n`);
        for (const piece of pieces(size / 65_536)) {
          written += piece.byteLength;
          if (!connection.socket.write(piece)) await new Promise((resolve) => connection.socket.once("drain", resolve));
        }
      });
      const response = await fetch(server.url);
      const reader = (response.body as ReadableStream<Uint8Array>).getReader();
      await reader.read();
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(written).toBeLessThan(size / 2);
      let read = 0;
      for (let next = await reader.read(); !next.done; next = await reader.read()) read += next.value.byteLength;
      expect(read).toBeGreaterThan(size - 70_000);
    });

    it("works under openapi-fetch, whose middleware sees and changes the request", async () => {
      const server = await serve(always(ok('{"a":1}')));
      const client = createClient<Record<"/x", never>>({ baseUrl: server.url, fetch, Request: fetch.LightRequest });
      client.use({
        async onRequest({ request }) {
          request.headers.set("x-mark", `${request.method} ${await request.clone().text()}`);
          return request;
        },
        onResponse: ({ response }) => new Response(response.body, { status: 201 }),
      });
      const { data, response } = await client.POST("/x" as never, { body: { b: 2 } } as never);
      expect([data, response.status]).toEqual([{ a: 1 }, 201]);
      expect(server.heads[0]).toContain('x-mark: POST {"b":2}');
    });

    it("serves the raw door, which gives it its light Request", async () => {
      const server = await serve(always(ok('{"data":[]}')));
      const api = createApi({ apiKey: "k", baseUrl: server.url, fetch });
      const seen: unknown[] = [];
      api.use({ onRequest: ({ request }) => void seen.push(request instanceof fetch.LightRequest) });
      const { data } = await api.GET("/v1/ai/image-upscaler-precision");
      expect([data, seen]).toEqual([{ data: [] }, [true]]);
      expect(server.heads[0]).toContain("x-magnific-api-key: k\r\n");
    });

    it("gives requests without a signal each one of its own: listeners of one do not gather on another", () => {
      const { LightRequest } = fetch;
      const [one, other] = [new LightRequest("http://x/"), new LightRequest("http://x/")];
      expect(one.signal).toBe(one.signal);
      expect(one.signal).not.toBe(other.signal);
    });

    it("takes a Request of the platform and bodies of other kinds", async () => {
      const server = await serve(async (connection) => {
        for (;;) {
          const head = await connection.head();
          await connection.until((all) => head.startsWith("PATCH") || /(?:\r\n0\r\n\r\n|%C3%BC)$/.test(all));
          connection.socket.end(ok("", "connection: close\r\n"));
        }
      });
      await fetch(new Request(server.url, { method: "PUT", body: "one", headers: { a: "b" } }));
      await fetch(server.url, { method: "POST", body: new URLSearchParams({ q: "ü" }) });
      await fetch(server.url, { method: "POST", body: new Blob(["three"], { type: "image/png" }) });
      await fetch(server.url, { method: "PATCH" });
      const all = server.connections.map((each) => each.received()).join("");
      expect(all).toMatch(/^PUT [\s\S]*\r\na: b\r\ncontent-type: text\/plain;charset=UTF-8[\s\S]*one/);
      expect(all).toMatch(/content-type: application\/x-www-form-urlencoded;charset=UTF-8[\s\S]*q=%C3%BC/);
      expect(all).toMatch(/content-type: image\/png[\s\S]*three/);
      expect(all).toMatch(/PATCH [\s\S]*content-length: 0/);
    });
  });

  describe("a streamed body", () => {
    const digest = (bytes: string): string => createHash("sha256").update(bytes, "latin1").digest("hex");
    const whole = Buffer.concat([...pieces(40)]);

    it.each([
      ["with its length", String(whole.length)],
      ["chunked", undefined],
    ])("arrives byte for byte, %s", async (_name, length) => {
      const server = await serve(async (connection) => {
        await connection.head();
        await connection.until((all) =>
          length === undefined ? all.endsWith("0\r\n\r\n") : all.endsWith("\x27".repeat(9)),
        );
        connection.socket.write(ok("done"));
      });
      const headers: Record<string, string> = length === undefined ? {} : { "content-length": length };
      const body = watched(pieces(40)).stream;
      expect(await (await fetch(server.url, streamed(body, { headers }))).text()).toBe("done");
      const received = server.connections[0]?.received() ?? "";
      const sent = received.slice(received.indexOf("\r\n\r\n") + 4);
      if (length === undefined) {
        expect(received).toContain("transfer-encoding: chunked");
        expect(digest(sent.replace(/(?:^|\r\n)[0-9a-f]+\r\n/g, "").replace(/\r\n$/, ""))).toBe(
          digest(whole.toString("latin1")),
        );
      } else {
        expect(received).toContain(`content-length: ${length}`);
        expect(digest(sent)).toBe(digest(whole.toString("latin1")));
      }
    });

    it("may be an async iterable", async () => {
      const server = await serve(always(ok("")));
      async function* chunks(): AsyncGenerator<Uint8Array> {
        yield* pieces(2, 10);
      }
      await fetch(server.url, { method: "POST", body: chunks() as unknown as ReadableStream });
      expect(server.heads[0]).toContain("transfer-encoding: chunked");
    });

    it("waits for a server that does not read", async () => {
      const server = await serve(async (connection) => {
        connection.socket.pause();
      });
      const source = watched(pieces(10_000));
      const controller = new AbortController();
      const call = fetch(server.url, streamed(source.stream, { signal: controller.signal }));
      call.catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 150));
      expect(source.pulled).toBeGreaterThan(1);
      expect(source.pulled).toBeLessThan(500);
      controller.abort(new Error("enough"));
      await expect(call).rejects.toThrow("enough");
      expect(source.cancelled).toBe(true);
    });

    it.each([
      ["fewer", 3],
      ["more", 1],
    ])("that has %s bytes than announced fails, and is not taken for whole", async (_name, announced) => {
      const server = await serve((connection) => void connection.head());
      const source = watched(pieces(2, 100));
      const headers = { "content-length": String(announced * 100) };
      const error = await rejection(fetch(server.url, streamed(source.stream, { headers })), TransportError);
      expect(error).toMatchObject({ code: "ERR_CONTENT_LENGTH_MISMATCH", connected: true });
      await new Promise((resolve) => server.connections[0]?.socket.once("close", resolve).resume());
    });

    it("that fails carries the cause and breaks the connection", async () => {
      const server = await serve((connection) => void connection.head());
      const cause = new Error("disk gone");
      let pulls = 0;
      const body = new ReadableStream<Uint8Array>({
        pull(controller) {
          if (pulls++ === 0) controller.enqueue(new Uint8Array(10));
          else controller.error(cause);
        },
      });
      const error = await rejection(fetch(server.url, streamed(body)), TransportError);
      expect([error.code, error.cause]).toEqual(["ERR_REQUEST_BODY", cause]);
      await new Promise((resolve) => server.connections[0]?.socket.once("close", resolve).resume());
    });

    it.each([
      ["keeps the connection open", false],
      ["closes it at once", true],
    ])("gives way to an early answer of a server that %s", async (_name, closes) => {
      const server = await serve(async (connection) => {
        await connection.until((all) => all.length > 0);
        connection.socket.pause();
        const answer = "HTTP/1.1 413 Payload Too Large\r\ncontent-length: 9\r\n\r\ntoo large";
        if (closes) connection.socket.end(answer);
        else connection.socket.write(answer);
      });
      for (let i = 0; i < 20; i++) {
        const source = watched(pieces(10_000));
        const response = await fetch(server.url, streamed(source.stream));
        expect([response.status, await response.text()]).toEqual([413, "too large"]);
        expect(source.cancelled).toBe(true);
      }
    });

    it("that is there whole gives way too", async () => {
      const server = await serve(async (connection) => {
        await connection.until((all) => all.length > 0);
        connection.socket.pause();
        connection.socket.write("HTTP/1.1 401 Unauthorized\r\ncontent-length: 2\r\n\r\nno");
      });
      const response = await fetch(server.url, { method: "POST", body: new Uint8Array(64 * 1024 * 1024) });
      expect([response.status, await response.text()]).toEqual([401, "no"]);
    });
  });

  describe("a failure", () => {
    it("before a connection says so, and leaves the body untouched", async () => {
      const server = await tcpServer(() => {});
      await server.close();
      const source = watched(pieces(2));
      const error = await rejection(fetch(server.url, streamed(source.stream)), TransportError);
      expect(error).toMatchObject({ code: "ECONNREFUSED", connected: false });
      expect([source.pulled, source.cancelled]).toEqual([0, true]);
    });

    it.each([
      ["before the answer", ""],
      ["in its head", "HTTP/1.1 200 OK\r\ncontent-le"],
    ])("of the connection %s is never hidden by sending again", async (_name, answer) => {
      const server = await serve(async (connection) => {
        await connection.head();
        if (answer !== "") connection.socket.write(answer);
        connection.socket.resetAndDestroy();
      });
      const error = await rejection(fetch(server.url, { method: "POST", body: "{}" }), TransportError);
      expect(error).toMatchObject({ connected: true });
      expect(error.code).toMatch(/^(ECONNRESET|HPE_|UND_ERR_SOCKET)/);
      expect(server.heads).toHaveLength(1);
    });

    it("of a kept connection that the server gave up is not hidden either", async () => {
      const server = await serve(async (connection) => {
        await connection.head();
        connection.socket.write(ok("x"));
        await connection.head();
        connection.socket.resetAndDestroy();
      });
      expect(await (await fetch(server.url)).text()).toBe("x");
      await turn();
      expect(await rejection(fetch(server.url, { method: "POST", body: "{}" }), TransportError)).toMatchObject({
        code: "ECONNRESET",
        connected: true,
      });
      expect([server.heads.length, server.connections.length]).toEqual([2, 1]);
    });

    it.each([
      ["by its length", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort"],
      ["by its length, large", "HTTP/1.1 200 OK\r\ncontent-length: 10000000\r\n\r\nshort"],
      ["by its chunks", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nshort\r\n"],
    ])("in the answer's body is seen: cut short %s", async (_name, answer) => {
      const server = await serve(async (connection) => {
        await connection.head();
        connection.socket.end(answer);
      });
      const error = await rejection((await fetch(server.url)).text(), TransportError);
      expect([error.code, error.connected]).toEqual([expect.stringMatching(codes.cut), true]);
    });

    it("is what a nonsense answer, a huge head and a foreign protocol are", async () => {
      const nonsense = await serve(async (connection) => {
        await connection.head();
        connection.socket.end("SMTP ready\r\n\r\n");
      });
      expect((await rejection(fetch(nonsense.url), TransportError)).code).toMatch(codes.nonsense);
      const huge = await serve(async (connection) => {
        await connection.head();
        connection.socket.end(`HTTP/1.1 200 OK\r\nx: ${"a".repeat(100_000)}\r\n\r\n`);
      });
      expect((await rejection(fetch(huge.url), TransportError)).code).toMatch(codes.overflow);
      expect((await rejection(fetch("ftp://127.0.0.1/"), TransportError)).connected).toBe(false);
      expect((await rejection(fetch("nowhere"), TransportError)).connected).toBe(false);
    });

    it.each([301, 302, 303, 307, 308])("is what a redirect is (%i)", async (status) => {
      const server = await serve(always(`HTTP/1.1 ${status} X\r\nlocation: /there\r\ncontent-length: 0\r\n\r\n`));
      for (const redirect of ["error", "follow"] as const) {
        const error = await rejection(fetch(server.url, { redirect }), TransportError);
        expect([error.code, error.connected]).toEqual(["ERR_REDIRECT", true]);
      }
      const answer = await fetch(server.url, { redirect: "manual" });
      expect([answer.status, answer.headers.get("location")]).toEqual([status, "/there"]);
      expect(server.heads).toHaveLength(3);
    });
  });

  describe("an abort", () => {
    const reason = new Error("changed my mind");

    it.each([
      ["before the call", "", 0],
      ["while it is sent", "", 1],
      ["while the answer is awaited", "", 2],
      ["in the answer's head", "HTTP/1.1 200 OK\r\n", 2],
    ])("%s rejects with its reason and leaves nothing behind", async (_name, answer, phase) => {
      const server = await serve(async (connection) => {
        await connection.head();
        connection.socket.write(answer);
        if (phase === 1) connection.socket.pause();
      });
      const controller = new AbortController();
      const source = watched(pieces(phase === 1 ? 10_000 : 1, 1000));
      if (phase === 0) controller.abort(reason);
      const call = fetch(server.url, streamed(source.stream, { signal: controller.signal }));
      call.catch(() => {});
      if (phase > 0) {
        while (source.pulled < 1) await new Promise((resolve) => setTimeout(resolve, 2));
        await new Promise((resolve) => setTimeout(resolve, 20));
        controller.abort(reason);
      }
      await expect(call).rejects.toBe(reason);
      expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
      expect(server.heads).toHaveLength(phase === 0 ? 0 : 1);
      if (phase <= 1) expect(source.cancelled).toBe(true);
      if (phase > 0) await new Promise((resolve) => server.connections[0]?.socket.once("close", resolve).resume());
    });

    it.each([
      ["small", 100],
      ["large", 10_000_000],
    ])("in a %s body rejects the read with its reason", async (_name, length) => {
      const server = await serve(async (connection) => {
        await connection.head();
        connection.socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${length}\r\n\r\nstart`);
      });
      for (const read of ["text", "stream"] as const) {
        const controller = new AbortController();
        const response = await fetch(server.url, { signal: controller.signal });
        const call = read === "text" ? response.text() : response.body?.pipeTo(new WritableStream());
        call?.catch(() => {});
        await new Promise((resolve) => setTimeout(resolve, 5));
        controller.abort(reason);
        await expect(call).rejects.toBe(reason);
        expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
      }
    });

    it("after the answer changes nothing, and a finished call holds no listener", async () => {
      const server = await serve(always(ok("x")));
      const controller = new AbortController();
      const response = await fetch(server.url, { signal: controller.signal });
      expect(await response.text()).toBe("x");
      expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
      controller.abort(reason);
      await turn();
      expect(await (await fetch(server.url)).text()).toBe("x");
      expect(server.connections).toHaveLength(1);
    });
  });
});
