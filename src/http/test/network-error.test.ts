import { describe, expect, it } from "vitest";
import { networkFailure, targetOf } from "../network-error.js";

const coded = (code: string, more: object = {}): Error => Object.assign(new Error(code), { code, ...more });
const failed = (cause: unknown): TypeError => new TypeError("fetch failed", { cause });
const tried = (errors: unknown[]): Error => failed(coded("ECONNREFUSED", { syscall: "connect", errors }));
const connect = { syscall: "connect" };

/** Codes of a connection attempt, whatever the system call; of one by its system call; of an invalid certificate. */
const CONNECT = ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"];
const BY_SYSCALL = ["ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH", "EHOSTDOWN", "ENETDOWN", "EADDRNOTAVAIL"];
const CERTIFICATE = [
  ...["CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID", "ERR_TLS_CERT_ALTNAME_INVALID", "DEPTH_ZERO_SELF_SIGNED_CERT"],
  ...["SELF_SIGNED_CERT_IN_CHAIN", "UNABLE_TO_VERIFY_LEAF_SIGNATURE", "UNABLE_TO_GET_ISSUER_CERT"],
  ...["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "UNABLE_TO_GET_CRL", "UNABLE_TO_DECRYPT_CERT_SIGNATURE", "INVALID_CA"],
  "HOSTNAME_MISMATCH",
];

function nested(depth: number): Error {
  return depth === 0 ? coded("ECONNREFUSED") : failed(nested(depth - 1));
}

const PROOFS: readonly (readonly [string, unknown])[] = [
  ...CONNECT.map((code) => [code, failed(coded(code))] as const),
  ...CONNECT.map((code) => [`${code} of getaddrinfo`, coded(code, { syscall: "getaddrinfo" })] as const),
  ...BY_SYSCALL.map((code) => [`${code} of connect`, failed(coded(code, connect))] as const),
  ["several addresses that all refuse", tried([coded("ETIMEDOUT", connect), coded("ECONNREFUSED", connect)])],
  ["an empty list of addresses", tried([])],
  ["a code eight errors deep", nested(7)],
  ["an empty code above another", coded("", { cause: coded("ENOTFOUND") })],
  ["a host whose name holds `redirect`", failed(coded("ENOTFOUND", { message: "getaddrinfo redirect.example" }))],
];
const DOUBTS: readonly (readonly [string, unknown])[] = [
  ...["UND_ERR_SOCKET", "UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT", "HPE_INVALID_CONSTANT", "ETIMEDOUT"].map(
    (code) => [code, failed(coded(code))] as const,
  ),
  ...["ECONNRESET", ...CONNECT, ...BY_SYSCALL].map(
    (code) => [`${code} of read`, failed(coded(code, { syscall: "read" }))] as const,
  ),
  ["an address that took bytes and one that refused", tried([coded("ECONNRESET"), coded("ECONNREFUSED", connect)])],
  ...[null, "ECONNREFUSED", {}, { code: 7 }].map(
    (odd) => [`an address that failed with ${JSON.stringify(odd)}`, tried([odd])] as const,
  ),
  ["a reset that a refusal caused", coded("ECONNRESET", { cause: coded("ECONNREFUSED", connect) })],
  ["a code nine errors deep", nested(8)],
  ["a browser, which gives no reason", new TypeError("Failed to fetch")],
  ["a message that is not a text", failed({ message: 7 })],
  ...["text", undefined, null].map((odd) => [`${odd}, which is not an error`, odd] as const),
  ...["INVALID_CA", "HOSTNAME_MISMATCH"].flatMap((code) =>
    [`NO_${code}`, `${code}S`].map((other) => [other, failed(coded(other))] as const),
  ),
];
const REFUSED: readonly (readonly [string, unknown])[] = [
  ...CERTIFICATE.map((code) => [code, failed(coded(code))] as const),
  ...["bad port", "unknown scheme", "Failed to parse URL from x"].map(
    (message) => [message, failed(new Error(message))] as const,
  ),
  ["ERR_INVALID_URL", coded("ERR_INVALID_URL")],
];
const REDIRECTS: readonly (readonly [string, unknown])[] = [
  ["unexpected redirect", failed(new Error("unexpected redirect"))],
  ["ERR_REDIRECT", coded("ERR_REDIRECT")],
  ["a redirect deep in the chain", failed(new Error("no", { cause: { message: "Redirect mode is set to error" } }))],
];

describe("a rejected fetch", () => {
  it.each(PROOFS)("proves that nothing was sent, and may be retried: %s", (_, error) => {
    expect(networkFailure(error)).toMatchObject({ unconnected: true, transient: true });
  });
  it.each(DOUBTS)("may have sent something: %s", (_, error) => {
    expect(networkFailure(error)).toMatchObject({ unconnected: false, transient: true });
  });
  it.each(REFUSED)("proves that nothing was sent, and a retry does not help: %s", (_, error) => {
    expect(networkFailure(error)).toMatchObject({ unconnected: true, transient: false });
  });
  it.each(REDIRECTS)("is a redirect: %s", (_, error) => {
    expect(networkFailure(error)).toBe("redirect");
  });
  it("names the outermost code, and does not follow causes in a circle", () => {
    const error = coded("", { cause: coded("EPIPE", { cause: coded("ENOTFOUND") }) });
    expect(networkFailure(error)).toMatchObject({ code: "EPIPE" });
    const circle = new Error("one") as Error & { cause: unknown };
    circle.cause = circle;
    expect(networkFailure(circle)).not.toHaveProperty("code");
  });
});

describe("what was to be reached", () => {
  it("is the host with its port, and the proxy that the fetch names", () => {
    expect(targetOf("https://example.com", {})).toBe("example.com:443");
    expect(targetOf("http://127.0.0.1:8080", {})).toBe("127.0.0.1:8080");
    const proxied = { proxyFor: (url: string) => (url === "http://[::1]" ? "proxy.test:3128" : undefined) };
    expect(targetOf("http://[::1]", proxied)).toBe("[::1]:80 through the proxy proxy.test:3128");
  });

  it.each([
    ["a.test", failed(coded("ENOTFOUND", { hostname: "a.test" }))],
    ["127.0.0.1:3128", failed(coded("ECONNREFUSED", { address: "127.0.0.1", port: 3128 }))],
    ["[::1]:3128", tried([coded("ECONNREFUSED", { ...connect, address: "::1", port: 3128 })])],
    [undefined, tried([null])],
    [undefined, failed(coded("ECONNRESET"))],
  ])("is %s where the platform says so", (address, error) => {
    expect(networkFailure(error)).toMatchObject({ tried: address });
  });
});
