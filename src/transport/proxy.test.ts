import { describe, expect, it } from "vitest";
import { parseProxy, proxyAuthorization, proxyFor } from "./proxy.js";

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
  ])("%s with %j goes through %s", (url, environment, expected) => {
    expect(via(url, environment)).toBe(expected);
  });

  it("does not repeat a value that may hold a password", () => {
    expect(() => parseProxy("http://user:secret@")).toThrow(/^(?!.*secret)/);
  });
});

describe("proxyAuthorization", () => {
  it("is there where the URL names a user", () => {
    expect(proxyAuthorization(new URL("http://p:1"))).toBeUndefined();
    expect(proxyAuthorization(new URL("http://us%20er:@p:1"))).toBe(
      `Basic ${Buffer.from("us er:").toString("base64")}`,
    );
  });
});
