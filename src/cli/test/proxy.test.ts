import { once } from "node:events";
import http from "node:http";
import https from "node:https";
import { type AddressInfo, connect } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CERTIFICATE, PRIVATE_KEY } from "../../test-support/certificate.js";
import { type Here, hereOf, run } from "./here.js";

let here: Here;
/** What the proxy was asked for, with the login. */
let asked: string[];
let login: string | undefined;
const origin = https.createServer({ cert: CERTIFICATE, key: PRIVATE_KEY }, (_, response) => {
  response.setHeader("content-type", "application/json").end('{"data":[]}');
});
const proxy = http.createServer();
proxy.on("connect", ({ url, headers }, socket) => {
  asked.push(`${url} ${headers["proxy-authorization"] ?? ""}`.trim());
  if (login !== undefined && headers["proxy-authorization"] !== login) {
    socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic realm="x"\r\n\r\n');
    return;
  }
  const { port } = origin.address() as AddressInfo;
  const upstream = connect(port, "127.0.0.1", () => {
    socket.write("HTTP/1.1 200 OK\r\n\r\n");
    upstream.pipe(socket).pipe(upstream);
  });
  for (const one of [socket, upstream]) one.on("error", () => {});
});

const API = "https://api.example.test";
const list = (baseUrl = API) => run(["list", "--retry", "0", "--rate", "none", "--base-url", baseUrl]);
const address = (user = "") => `http://${user}127.0.0.1:${(proxy.address() as AddressInfo).port}`;

beforeEach(async () => {
  here = await hereOf();
  [asked, login] = [[], undefined];
  for (const server of [origin, proxy]) await once(server.listen(0, "127.0.0.1"), "listening");
  for (const name of ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"])
    for (const spelled of [name, name.toLowerCase()]) vi.stubEnv(spelled, undefined);
  vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
});
afterEach(async () => {
  for (const server of [origin, proxy]) {
    server.closeAllConnections();
    server.close();
  }
  await here[Symbol.asyncDispose]();
});

describe("a proxy in the environment", () => {
  it.each(["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])("is used when %s names it", async (name) => {
    vi.stubEnv(name, address());
    expect(await list()).toMatchObject({ code: undefined, said: [], out: [] });
    expect(asked).toEqual(["api.example.test:443"]);
  });

  it("may have no scheme, gets the login of its URL, and lower case wins", async () => {
    vi.stubEnv("HTTPS_PROXY", "http://127.0.0.1:2");
    vi.stubEnv("https_proxy", address("user:p%40ss@").slice("http://".length));
    expect(await list()).toMatchObject({ code: undefined });
    expect(asked).toEqual([`api.example.test:443 Basic ${Buffer.from("user:p@ss").toString("base64")}`]);
  });

  it("is not used for loopback addresses, nor for hosts in NO_PROXY", async () => {
    vi.stubEnv("HTTP_PROXY", address());
    vi.stubEnv("HTTPS_PROXY", address());
    expect(await list(here.sandbox.url)).toMatchObject({ code: undefined, said: [] });
    vi.stubEnv("NO_PROXY", "other.test,.example.test");
    expect(await list()).toMatchObject({ code: 1, said: [expect.stringContaining("could not"), expect.any(String)] });
    expect(asked).toEqual([]);
  });

  it("that asks for a login is named as the reason, and nothing of the password is shown", async () => {
    login = "Basic right";
    vi.stubEnv("HTTPS_PROXY", address("user:secret@"));
    const { code, said } = await list();
    expect(code).toBe(1);
    expect(said.join("\n")).toMatch(/The proxy asks for a login \(407\)\. .*HTTPS_PROXY=http:\/\/user:password@host/);
    const doctor = await run(["doctor", "--retry", "0", "--base-url", API]);
    expect(doctor.out[3]).toContain("The API could not be reached: The proxy asks for a login (407).");
    expect(JSON.stringify([said, doctor])).not.toContain("secret");
  });

  it("that asks for a login lets no submit become unknown: nothing was sent", async () => {
    login = "Basic right";
    vi.stubEnv("HTTPS_PROXY", address());
    const args = ["submit", await here.image("a.png"), "--retry", "0", "--json", "--base-url", API];
    expect(await run(args)).toMatchObject({ code: 1, json: [{ submission: "not_sent" }] });
  });

  it("that does not answer is an error, never a direct connection", async () => {
    vi.stubEnv("HTTPS_PROXY", "http://user:secret@127.0.0.1:2");
    const { code, said } = await list();
    expect([code, said[0]]).toEqual([
      1,
      expect.stringContaining("api.example.test:443 through the proxy 127.0.0.1:2 ("),
    ]);
    expect(said.join()).not.toContain("secret");
  });

  it.each([
    ["HTTPS_PROXY", "socks5://user:secret@127.0.0.1:9", "HTTPS_PROXY names a socks5 proxy, which is not supported. "],
    ["ALL_PROXY", "socks5h://127.0.0.1:9", "ALL_PROXY names a socks5h proxy, which is not supported. "],
    ["HTTP_PROXY", "http://:secret:x:y", "HTTP_PROXY is not a valid URL."],
  ])("%s=%s ends with 2", async (name, value, message) => {
    vi.stubEnv(name, value);
    const { code, said } = await list();
    expect(code).toBe(2);
    expect(said[0]).toContain(message);
    expect(said.join("\n")).not.toContain("secret");
  });
});
