import http from "node:http";
import https from "node:https";
import net, { type AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { CERTIFICATE, PRIVATE_KEY } from "../../test-support/certificate.js";
import { HI, openFetch, openServer } from "../../test-support/node-fetch.js";
import { rejection } from "../../test-support/rejection.js";
import { type TcpServer, tcpServer } from "../../test-support/tcp-server.js";
import { TransportError } from "../transport-error.js";

function provider(secure: boolean): Promise<TcpServer> {
  return openServer(async (connection) => {
    for (;;) {
      await connection.head();
      connection.socket.write(HI);
    }
  }, secure);
}

interface Proxy {
  readonly url: string;
  /** What it was asked for, with the `Proxy-Authorization`. */
  readonly seen: string[];
  /** Connections that stand. */
  open(): number;
}

/** A proxy of both kinds; whatever host is asked for, it connects to the given port of the loopback address. */
async function proxy(port: number, status = 200, secure = false): Promise<Proxy> {
  const seen: string[] = [];
  const note = (request: http.IncomingMessage): void =>
    void seen.push(`${request.method} ${request.url} ${request.headers["proxy-authorization"] ?? "-"}`);
  const answer = (request: http.IncomingMessage, response: http.ServerResponse): void => {
    note(request);
    response.writeHead(status).end("from the proxy");
  };
  const server = secure
    ? https.createServer({ key: PRIVATE_KEY, cert: CERTIFICATE }, answer)
    : http.createServer(answer);
  const sockets = new Set<net.Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.on("connect", (request, socket: net.Socket) => {
    note(request);
    if (status !== 200)
      return void socket
        .resume()
        .on("end", () => socket.end())
        .write(`HTTP/1.1 ${status} X\r\ncontent-length: 0\r\n\r\n`);
    const upstream = net.connect(port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      socket.pipe(upstream).pipe(socket);
    });
    socket.on("error", () => upstream.destroy());
    upstream.on("error", () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise<void>((resolve) => void server.close(() => resolve()));
  });
  return {
    url: `${secure ? "https" : "http"}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    open: () => sockets.size,
  };
}

describe("TLS", () => {
  // @tests AgentOptions.ca
  it("trusts an authority given as `ca`, and nothing unknown", async () => {
    const server = await provider(true);
    expect(await (await openFetch({ ca: CERTIFICATE })(server.url)).text()).toBe("hi");
    const error = await rejection(openFetch()(server.url, { method: "POST", body: "{}" }), TransportError);
    expect(error).toMatchObject({ code: "DEPTH_ZERO_SELF_SIGNED_CERT", connected: false });
    expect(server.heads).toHaveLength(1);
  });

  // @tests AgentOptions.connectTimeout
  it("is no connection before its handshake is done: `connectTimeout` covers it", async () => {
    const silent = await tcpServer(() => {});
    onTestFinished(() => silent.close());
    const url = silent.url.replace("http:", "https:");
    const error = await rejection(
      openFetch({ connectTimeout: 30 })(url, { method: "POST", body: "{}" }),
      TransportError,
    );
    expect(error).toMatchObject({ code: "ETIMEDOUT", connected: false });
    const controller = new AbortController();
    const call = openFetch()(url, { signal: controller.signal });
    setTimeout(() => controller.abort(new Error("enough")), 20);
    await expect(call).rejects.toThrow("enough");
  });

  it("that is cut off in its handshake is no connection", async () => {
    const rude = await tcpServer(({ socket }) => void socket.resetAndDestroy());
    onTestFinished(() => rude.close());
    expect((await rejection(openFetch()(rude.url.replace("http:", "https:")), TransportError)).connected).toBe(false);
  });
});

describe("connections", () => {
  // @tests AgentOptions.connections
  it("are limited by `connections`", async () => {
    const server = await provider(false);
    const fetch = openFetch({ connections: 2 });
    await Promise.all(Array.from({ length: 8 }, async () => (await fetch(server.url)).text()));
    expect(server.connections).toHaveLength(2);
  });

  // @tests AgentOptions.keepAlive
  it("are given up after `keepAlive`", async () => {
    const server = await provider(false);
    const fetch = openFetch({ keepAlive: 20 });
    await (await fetch(server.url)).text();
    await new Promise((resolve) => server.connections[0]?.socket.once("close", resolve));
    await (await fetch(server.url)).text();
    expect(server.connections).toHaveLength(2);
  });
});

describe("a kept connection", () => {
  it.each([
    ["timeout=1", 2],
    ["max=9, Timeout=1", 2],
    ["timeout=0", 2],
    ["timeout=10, max=1", 1],
    ["mytimeout=1", 1],
    ["max=9", 1],
  ])("is given up before the server does (%s)", async (hint, connections) => {
    const server = await tcpServer(async (connection) => {
      for (;;) {
        await connection.head();
        connection.socket.write(`HTTP/1.1 200 OK\r\nkeep-alive: ${hint}\r\ncontent-length: 2\r\n\r\nhi`);
      }
    });
    onTestFinished(() => server.close());
    const fetch = openFetch();
    for (let i = 0; i < 2; i++) expect(await (await fetch(server.url)).text()).toBe("hi");
    expect(server.connections).toHaveLength(connections);
  });
});

describe("a proxy", () => {
  // @tests AgentOptions.proxy
  it("carries https in a tunnel, with the server's certificate checked inside", async () => {
    const server = await provider(true);
    const through = await proxy(server.port);
    const fetch = openFetch({ proxy: through.url.replace("//", "//user:p%40ss@"), ca: CERTIFICATE });
    for (const path of ["x", "x", "y"])
      expect(await (await fetch(`https://provider.test/${path}`, { method: "POST", body: "{}" })).text()).toBe("hi");
    expect(through.seen).toEqual([`CONNECT provider.test:443 Basic ${Buffer.from("user:p@ss").toString("base64")}`]);
    expect(server.heads[0]).toContain("POST /x HTTP/1.1\r\nhost: provider.test\r\n");
    expect(server.heads.join("")).not.toContain("roxy");
    const untrusted = await rejection(openFetch({ proxy: through.url })("https://provider.test/"), TransportError);
    expect(untrusted).toMatchObject({ code: "DEPTH_ZERO_SELF_SIGNED_CERT", connected: false });
    const other = await rejection(
      openFetch({ proxy: through.url, ca: CERTIFICATE })("https://other.test/"),
      TransportError,
    );
    expect(other).toMatchObject({ code: "ERR_TLS_CERT_ALTNAME_INVALID", connected: false });
  });

  it("carries http as it is", async () => {
    const through = await proxy(9);
    const answer = await openFetch({ proxy: through.url })("http://provider.test/x?y");
    expect(await answer.text()).toBe("from the proxy");
    expect(through.seen).toEqual(["GET http://provider.test/x?y -"]);
  });

  it("is told its user with each call that it sees", async () => {
    const through = await proxy(9);
    const fetch = openFetch({ proxy: through.url.replace("//", "//user:p%40ss@") });
    await fetch("http://provider.test/");
    expect(through.seen).toEqual([`GET http://provider.test/ Basic ${Buffer.from("user:p@ss").toString("base64")}`]);
  });

  it("does not vouch for an address: the certificate must name it, and nothing else", async () => {
    const server = await provider(true);
    const through = await proxy(server.port);
    const fetch = openFetch({ proxy: through.url.replace("127.0.0.1", "localhost"), ca: CERTIFICATE });
    const error = await rejection(fetch("https://10.9.8.7/", { headers: { "x-key": "k" } }), TransportError);
    expect(error).toMatchObject({ code: "ERR_TLS_CERT_ALTNAME_INVALID", connected: false });
    expect(error.message).toContain("10.9.8.7");
    expect(server.heads).toEqual([]);
    expect(await (await fetch("https://127.0.0.1:8/")).text()).toBe("hi");
    expect(through.seen).toEqual(["CONNECT 10.9.8.7:443 -", "CONNECT 127.0.0.1:8 -"]);
  });

  it.each(["https", "http"])("may be reached over TLS itself, trusted by the same `ca` (%s)", async (protocol) => {
    const server = await provider(true);
    const through = await proxy(server.port, 200, true);
    const fetch = openFetch({ proxy: through.url, ca: CERTIFICATE });
    const url = `${protocol}://provider.test/x`;
    for (let i = 0; i < 2; i++)
      expect(await (await fetch(url)).text()).toBe(protocol === "https" ? "hi" : "from the proxy");
    const seen = protocol === "https" ? ["CONNECT provider.test:443 -"] : [`GET ${url} -`, `GET ${url} -`];
    expect(through.seen).toEqual(seen);
    const unknown = await rejection(openFetch({ proxy: through.url })(url), TransportError);
    expect(unknown).toMatchObject({ code: "DEPTH_ZERO_SELF_SIGNED_CERT", connected: false });
    expect(through.seen).toEqual(seen);
  });

  it("'s tunnel that stands is not bound by `connectTimeout`", async () => {
    const server = await tcpServer(
      async (connection) => {
        await connection.head();
        await new Promise((resolve) => setTimeout(resolve, 150));
        connection.socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi");
      },
      { key: PRIVATE_KEY, cert: CERTIFICATE },
    );
    onTestFinished(() => server.close());
    const through = await proxy(server.port);
    const fetch = openFetch({ proxy: through.url, ca: CERTIFICATE, connectTimeout: 100 });
    expect(await (await fetch("https://provider.test/", { method: "POST", body: "{}" })).text()).toBe("hi");
  });

  it("that answers late leaves the rest of `connectTimeout` to what is behind it", async () => {
    const late = await tcpServer(async (connection) => {
      await connection.head();
      await new Promise((resolve) => setTimeout(resolve, 40));
      connection.socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
    });
    onTestFinished(() => late.close());
    const fetch = openFetch({ proxy: late.url, connectTimeout: 80 });
    const error = await rejection(fetch("https://provider.test/"), TransportError);
    expect(error).toMatchObject({ code: "ETIMEDOUT", connected: false });
    expect(error.message).toBe("No connection through the proxy within 80 ms.");
  });

  it("whose tunnel fails, at whatever step, leaves no timer that would keep the process", async () => {
    const server = await provider(true);
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    const [good, refusing] = [await proxy(server.port), await proxy(9, 407)];
    const before = timers();
    for (const { url } of [good, refusing, { url: "http://127.0.0.1:9" }]) {
      await rejection(openFetch({ proxy: url })("https://provider.test/"), TransportError);
      for (let turn = 0; turn < 1000 && timers() > before; turn++)
        await new Promise((resolve) => setImmediate(resolve));
      expect(timers(), url).toBeLessThanOrEqual(before);
    }
  });

  it("that refuses has sent nothing", async () => {
    const refusing = await proxy(9, 407);
    const error = await rejection(
      openFetch({ proxy: refusing.url })("https://provider.test/", { method: "POST", body: "{}" }),
      TransportError,
    );
    expect(error).toMatchObject({ code: "ERR_PROXY", connected: false });
    expect(error.message).toContain("407");
    await vi.waitFor(() => expect(refusing.open()).toBe(0), { interval: 2 });
  });

  it("that is not there has sent nothing", async () => {
    const gone = await rejection(openFetch({ proxy: "http://127.0.0.1:9" })("https://provider.test/"), TransportError);
    expect(gone).toMatchObject({ code: "ECONNREFUSED", connected: false, cause: { code: "ECONNREFUSED" } });
  });

  it("is taken from the environment, and turned off by `false`", async () => {
    const through = await proxy(9);
    const fetch = openFetch();
    const before = process.env.http_proxy;
    process.env.http_proxy = through.url;
    onTestFinished(() => {
      if (before === undefined) delete process.env.http_proxy;
      else process.env.http_proxy = before;
    });
    expect(await (await fetch("http://provider.test/")).text()).toBe("from the proxy");
    process.env.http_proxy = "http://127.0.0.1:9";
    expect(await (await fetch("http://provider.test/")).text(), "as when it was first called").toBe("from the proxy");
    const server = await provider(false);
    expect(await (await fetch(server.url)).text()).toBe("hi");
    await rejection(openFetch({ proxy: false })("http://provider.invalid:9/"), TransportError);
    expect(through.seen).toHaveLength(2);
  });

  it("must be an http or https URL, said when the transport is made", () => {
    expect(() => openFetch({ proxy: "socks5://x" })).toThrow("socks5");
    expect(() => openFetch({ proxy: "http://" })).toThrow("not a URL");
  });
});
