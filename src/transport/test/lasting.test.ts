import type net from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { HI, openFetch, openServer } from "../../test-support/node-fetch.js";
import { rejection } from "../../test-support/rejection.js";
import { TransportError } from "../transport-error.js";

const closed = (socket: net.Socket | undefined): Promise<unknown> =>
  new Promise((resolve) => (socket === undefined || socket.destroyed ? resolve(0) : socket.once("close", resolve)));

describe("close", () => {
  it("lets calls under way end, closes what is idle, and then what was in use", async () => {
    let answer = (): void => {};
    const asked = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const provider = await openServer(async (connection, index) => {
      for (;;) {
        await connection.head();
        if (index === 1) await asked;
        connection.socket.write(HI);
      }
    });
    const fetch = openFetch();
    const [idle, slow] = [fetch(provider.url), fetch(provider.url, { method: "POST", body: "{}" })];
    expect(await (await idle).text()).toBe("hi");
    fetch.close();
    await closed(provider.connections[0]?.socket);
    answer();
    expect(await (await slow).text()).toBe("hi");
    await closed(provider.connections[1]?.socket);
    for (let i = 0; i < 2; i++) expect(await (await fetch(provider.url)).text()).toBe("hi");
    expect(provider.connections).toHaveLength(3);
    expect(provider.heads).toHaveLength(4);
  });
});

describe("options of nodeFetch()", () => {
  it.each([
    { keepAlive: Number.NaN },
    { keepAlive: -1 },
    { connectTimeout: 0 },
    { connectTimeout: Number.NaN },
    { connections: 0 },
    { connections: -1 },
    { connections: "8" as unknown as number },
  ])("that cannot work are refused when the transport is made: %o", (options) => {
    const [name] = Object.keys(options);
    expect(() => openFetch(options)).toThrow(TypeError);
    expect(() => openFetch(options)).toThrow(`\`${name}\` must be a number of at least`);
  });

  it.each([
    [{}, "not a URL"],
    ["http://user:%zz@proxy.test/", "holds a % that encodes nothing"],
  ])("a proxy that cannot work is refused then too: %o", (proxy, message) => {
    expect(() => openFetch({ proxy: proxy as string })).toThrow(message);
  });

  it.each([Number.POSITIVE_INFINITY, 2 ** 40])("may be as long as one likes: %d", async (long) => {
    const warned: string[] = [];
    const note = (warning: Error): void => void warned.push(warning.name);
    process.on("warning", note);
    onTestFinished(() => void process.off("warning", note));
    const provider = await openServer(async (connection) => {
      for (;;) {
        await connection.head();
        connection.socket.write(HI);
      }
    });
    const fetch = openFetch({ keepAlive: long, connectTimeout: long, connections: Number.POSITIVE_INFINITY });
    for (let i = 0; i < 2; i++) expect(await (await fetch(provider.url)).text()).toBe("hi");
    expect(provider.connections).toHaveLength(1);
    const refused = openFetch({ proxy: "http://127.0.0.1:9", connectTimeout: long });
    expect(await rejection(refused("https://provider.test/"), TransportError)).toMatchObject({ code: "ECONNREFUSED" });
    expect(warned).toEqual([]);
  });

  it("keep no connection with `keepAlive: 0`", async () => {
    const provider = await openServer(async (connection) => {
      await connection.head();
      connection.socket.write(HI);
    });
    await (await openFetch({ keepAlive: 0 })(provider.url)).text();
    await closed(provider.connections[0]?.socket);
  });
});

describe("a proxy", () => {
  const CONNECTED = "HTTP/1.1 200 OK\r\n\r\n";

  it.each([
    ["whose answer trickles", "HTTP/1.1 200 OK\r\nx: ", "a"],
    ["behind which nothing speaks", CONNECTED, ""],
    ["behind which the handshake trickles", `${CONNECTED}\x16\x03\x03\x40\x00`, "a"],
  ])(
    "%s takes no longer than `connectTimeout`, and its connection is given up",
    { timeout: 2_000 },
    async (_, start, more) => {
      const through = await openServer(async (connection) => {
        await connection.head();
        connection.socket.write(start, "latin1");
        const trickle = setInterval(() => connection.socket.write(more), 5);
        connection.socket.on("close", () => clearInterval(trickle));
      });
      const fetch = openFetch({ proxy: through.url, connectTimeout: 40 });
      const error = await rejection(fetch("https://provider.test/", { method: "POST", body: "{}" }), TransportError);
      expect(error).toMatchObject({ code: "ETIMEDOUT", connected: false });
      await closed(through.connections[0]?.socket);
    },
  );

  it("is asked for an IPv6 address in brackets", async () => {
    const through = await openServer(async (connection) => {
      await connection.head();
      connection.socket.end();
    });
    await rejection(openFetch({ proxy: through.url })("https://[2001:db8::1]/"), TransportError);
    expect(through.heads[0]).toMatch(/^CONNECT \[2001:db8::1\]:443 HTTP\/1\.1\r\nhost: \[2001:db8::1\]:443\r\n/i);
  });

  it("that the environment names wrongly is said to be the reason", async () => {
    const before = process.env.https_proxy;
    process.env.https_proxy = "socks5://127.0.0.1:9";
    onTestFinished(() => {
      if (before === undefined) delete process.env.https_proxy;
      else process.env.https_proxy = before;
    });
    const error = await rejection(openFetch()("https://provider.test/"), TransportError);
    expect(error).toMatchObject({ code: "ERR_PROXY", connected: false });
    expect(error.message).toContain("socks5");
  });
});
