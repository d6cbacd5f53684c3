import { describe, expect, it } from "vitest";
import { parseProxy, proxyAuthorization, proxyFor } from "../proxy.js";

const via = (url: string, environment: Record<string, string>): string | undefined =>
  proxyFor(new URL(url), environment)?.href;

describe("proxyFor", () => {
  it.each<[string, Record<string, string>, string | undefined]>([
    ["https://a.test/", {}, undefined],
    ["https://a.test/", { HTTPS_PROXY: "http://p:1" }, "http://p:1/"],
    ["https://a.test/", { HTTPS_PROXY: "http://p:1", https_proxy: "http://q:2" }, "http://q:2/"],
    ["https://a.test/", { HTTPS_PROXY: "p:1" }, "http://p:1/"],
    ["https://a.test/", { HTTP_PROXY: "http://p:1" }, undefined],
    ["http://a.test/", { HTTP_PROXY: "http://p:1" }, "http://p:1/"],
    ["https://a.test/", { HTTPS_PROXY: "http://p:1", NO_PROXY: "a.test" }, undefined],
    ["https://x.a.test/", { HTTPS_PROXY: "http://p:1", NO_PROXY: "b.test, .a.test" }, undefined],
    ["https://x.a.test/", { HTTPS_PROXY: "http://p:1", NO_PROXY: "*.A.test" }, undefined],
    ["https://ba.test/", { HTTPS_PROXY: "http://p:1", NO_PROXY: "a.test" }, "http://p:1/"],
    ["https://a.test/", { HTTPS_PROXY: "http://p:1", no_proxy: "*" }, undefined],
    ["https://a.test:8443/", { HTTPS_PROXY: "http://p:1", NO_PROXY: "a.test:443" }, "http://p:1/"],
    ["https://a.test/", { HTTPS_PROXY: "http://p:1", NO_PROXY: "a.test:443" }, undefined],
    ["https://127.0.0.1/", { HTTPS_PROXY: "http://p:1" }, undefined],
    ["https://[::1]/", { HTTPS_PROXY: "http://p:1" }, undefined],
    ["https://localhost/", { HTTPS_PROXY: "http://p:1" }, undefined],
    ["https://127.12.0.255:8443/", { HTTPS_PROXY: "http://p:1" }, undefined],
    // What only begins or ends like a loopback address is none.
    ["https://127.0.0.1.a.test/", { HTTPS_PROXY: "http://p:1" }, "http://p:1/"],
    ["https://a127.0.0.1.test/", { HTTPS_PROXY: "http://p:1" }, "http://p:1/"],
    ["https://x.localhost.test/", { HTTPS_PROXY: "http://p:1" }, "http://p:1/"],
    ["https://128.0.0.1/", { HTTPS_PROXY: "http://p:1" }, "http://p:1/"],
    ["http://127.0.0.1/", { HTTP_PROXY: "http://p:1" }, undefined],
    ["http://a.test/", { HTTPS_PROXY: "http://p:1" }, undefined],
    ["https://a.test/", { HTTPS_PROXY: "http://p:1", https_proxy: "" }, "http://p:1/"],
    ["https://a.test/", { HTTPS_PROXY: "http://p:1", NO_PROXY: "a.test", no_proxy: "b.test" }, "http://p:1/"],
    ["https://a.test/", { HTTPS_PROXY: "http://p:1", NO_PROXY: "  ,, b.test,\ta.test  " }, undefined],
    ["https://a.test/", { HTTPS_PROXY: "http://p:1", NO_PROXY: " , " }, "http://p:1/"],
    ["https://a.test/", { HTTPS_PROXY: "http://p:1", NO_PROXY: "**" }, "http://p:1/"],
    ["https://a.test/", { HTTPS_PROXY: "http://p:1", NO_PROXY: "*." }, "http://p:1/"],
    ["https://a.test/", { HTTPS_PROXY: "http://p:1", NO_PROXY: ":443" }, "http://p:1/"],
    ["https://a.test/", { HTTPS_PROXY: "http://p:1", NO_PROXY: ".a.test" }, undefined],
    ["https://a.b.test/", { HTTPS_PROXY: "http://p:1", NO_PROXY: "a.*.test" }, "http://p:1/"],
    ["https://a.test/", { HTTPS_PROXY: "http://p:1", NO_PROXY: "a.test:80" }, "http://p:1/"],
    ["https://a.test:8443/", { HTTPS_PROXY: "http://p:1", NO_PROXY: "a.test:8443" }, undefined],
    ["https://a.test:8443/", { HTTPS_PROXY: "http://p:1", NO_PROXY: "a.test" }, undefined],
    ["http://a.test/", { HTTP_PROXY: "http://p:1", NO_PROXY: "a.test:80" }, undefined],
    ["http://a.test/", { HTTP_PROXY: "http://p:1", NO_PROXY: "a.test:443" }, "http://p:1/"],
  ])("%s with %j goes through %s", (url, environment, expected) => {
    expect(via(url, environment)).toBe(expected);
  });

  it("does not repeat a value that may hold a password", () => {
    expect(() => parseProxy("http://user:secret@")).toThrow(/^(?!.*secret)/);
    expect(() => parseProxy("http://user:secret@")).toThrow("The proxy's address is not a URL.");
  });
});

describe("parseProxy", () => {
  it.each([
    ["p", "http://p/"],
    ["p:3128", "http://p:3128/"],
    ["user:word@p:3128", "http://user:word@p:3128/"],
    ["http://p", "http://p/"],
    ["HTTPS://p:1", "https://p:1/"],
    ["[::1]:3128", "http://[::1]:3128/"],
  ])("reads %s as %s", (value, expected) => {
    expect(parseProxy(value).href).toBe(expected);
  });

  it.each([
    ["socks5://p:1", "A socks5 proxy is not supported; http and https are."],
    ["git+ssh://p", "A git+ssh proxy is not supported; http and https are."],
    ["ftp://p", "A ftp proxy is not supported; http and https are."],
  ])("refuses %s", (value, message) => {
    expect(() => parseProxy(value)).toThrow(new TypeError(message));
  });
});

describe("proxyAuthorization", () => {
  it("is there where the URL names a user", () => {
    expect(proxyAuthorization(new URL("http://p:1"))).toBeUndefined();
    expect(proxyAuthorization(new URL("http://us%20er:@p:1"))).toBe(
      `Basic ${Buffer.from("us er:").toString("base64")}`,
    );
    expect(proxyAuthorization(new URL("http://:p%40ss@p:1"))).toBe(`Basic ${Buffer.from(":p@ss").toString("base64")}`);
    expect(proxyAuthorization(new URL("http://%C3%A9:%E2%9C%93@p:1"))).toBe(
      `Basic ${Buffer.from("é:✓", "utf8").toString("base64")}`,
    );
  });
});
