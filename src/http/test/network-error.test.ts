import { describe, expect, it } from "vitest";
import { networkFailure } from "../network-error.js";

const coded = (code: string, more: object = {}): Error => Object.assign(new Error(code), { code, ...more });
const failed = (cause: unknown): TypeError => new TypeError("fetch failed", { cause });

describe("a rejected fetch", () => {
  const proofs = [
    coded("ECONNREFUSED", { syscall: "connect" }),
    coded("ENOTFOUND", { syscall: "getaddrinfo" }),
    coded("EAI_AGAIN", { syscall: "getaddrinfo" }),
    coded("UND_ERR_CONNECT_TIMEOUT"),
    coded("ETIMEDOUT", { syscall: "connect" }),
    coded("ENETUNREACH", { syscall: "connect" }),
    Object.assign(
      new AggregateError([coded("ETIMEDOUT", { syscall: "connect" }), coded("ECONNREFUSED", { syscall: "connect" })]),
      { code: "ECONNREFUSED" },
    ),
  ];
  for (const cause of proofs)
    it(`proves that no connection came about: ${String((cause as { code?: string }).code)} ${cause.name}`, () =>
      expect(networkFailure(failed(cause))).toEqual({
        unconnected: true,
        transient: true,
        redirect: false,
        code: (cause as { code?: string }).code,
      }));

  const doubts = [
    coded("ECONNRESET", { syscall: "read" }),
    coded("EPIPE", { syscall: "write" }),
    coded("ETIMEDOUT", { syscall: "read" }),
    coded("ETIMEDOUT"),
    coded("UND_ERR_SOCKET"),
    coded("UND_ERR_HEADERS_TIMEOUT"),
    coded("UND_ERR_BODY_TIMEOUT"),
    coded("UND_ERR_REQ_CONTENT_LENGTH_MISMATCH"),
    coded("HPE_INVALID_CONSTANT"),
    coded("SOMETHING_NEW"),
    // The first address took bytes, the second refused.
    Object.assign(
      new AggregateError([coded("ECONNRESET", { syscall: "read" }), coded("ECONNREFUSED", { syscall: "connect" })]),
      { code: "ECONNREFUSED" },
    ),
  ];
  for (const cause of doubts)
    it(`leaves it open: ${String((cause as { code?: string }).code)} ${cause.name}`, () =>
      expect(networkFailure(failed(cause))).toEqual({
        unconnected: false,
        transient: true,
        redirect: false,
        code: (cause as { code?: string }).code,
      }));

  it("leaves it open in a browser, which says nothing", () => {
    expect(networkFailure(new TypeError("Failed to fetch"))).toEqual({
      unconnected: false,
      transient: true,
      redirect: false,
    });
    expect(networkFailure("no error at all")).toMatchObject({ unconnected: false });
    expect(networkFailure(undefined)).toMatchObject({ unconnected: false });
  });

  it("is not worth repeating for a certificate", () => {
    for (const code of [
      "CERT_HAS_EXPIRED",
      "DEPTH_ZERO_SELF_SIGNED_CERT",
      "ERR_TLS_CERT_ALTNAME_INVALID",
      "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    ])
      expect(networkFailure(failed(coded(code))), code).toMatchObject({ unconnected: true, transient: false });
  });

  it("is told by each code that a connection attempt gives, and only by the attempt's own system call", () => {
    for (const code of ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"]) {
      expect(networkFailure(coded(code)).unconnected, code).toBe(true);
      expect(networkFailure(coded(code, { syscall: "getaddrinfo" })).unconnected, code).toBe(true);
      expect(networkFailure(coded(code, { syscall: "read" })).unconnected, code).toBe(false);
    }
    for (const code of ["ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH", "EHOSTDOWN", "ENETDOWN", "EADDRNOTAVAIL"]) {
      expect(networkFailure(coded(code, { syscall: "connect" })).unconnected, code).toBe(true);
      expect(networkFailure(coded(code, { syscall: "write" })).unconnected, code).toBe(false);
    }
  });

  it("is a matter of each address that was tried", () => {
    const all = (errors: unknown[]): boolean =>
      networkFailure(failed(coded("ECONNREFUSED", { syscall: "connect", errors }))).unconnected;
    expect(all([])).toBe(true);
    expect(all([coded("ECONNREFUSED", { syscall: "connect" })])).toBe(true);
    for (const odd of [null, "ECONNREFUSED", {}, { code: 7 }]) expect(all([odd])).toBe(false);
  });

  it("knows a certificate by each of its codes, whole", () => {
    const codes = [
      "CERT_NOT_YET_VALID",
      "ERR_TLS_CERT_ALTNAME_FORMAT",
      "SELF_SIGNED_CERT_IN_CHAIN",
      "UNABLE_TO_GET_ISSUER_CERT",
      "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
      "UNABLE_TO_GET_CRL",
      "UNABLE_TO_DECRYPT_CERT_SIGNATURE",
      "INVALID_CA",
      "HOSTNAME_MISMATCH",
    ];
    for (const code of codes) {
      expect(networkFailure(coded(code)), code).toEqual({ unconnected: true, transient: false, redirect: false, code });
      expect(networkFailure(coded(`NO_${code}`)), code).toMatchObject({ unconnected: false, transient: true });
    }
    const whole = ["DEPTH_ZERO_SELF_SIGNED_CERT", "UNABLE_TO_VERIFY_LEAF_SIGNATURE", ...codes.slice(2)];
    for (const code of whole) expect(networkFailure(coded(`${code}S`)), code).toMatchObject({ transient: true });
  });

  it("is told by the outermost code, however deep it lies, to a depth of eight", () => {
    let error: Error = coded("ECONNREFUSED");
    for (let depth = 1; depth < 8; depth++) error = failed(error);
    expect(networkFailure(error)).toMatchObject({ unconnected: true, code: "ECONNREFUSED" });
    expect(networkFailure(failed(error)).code).toBeUndefined();
    const outer = coded("ECONNRESET", { syscall: "read", cause: coded("ECONNREFUSED", { syscall: "connect" }) });
    expect(networkFailure(outer)).toMatchObject({ unconnected: false, code: "ECONNRESET" });
    expect(networkFailure(coded("", { cause: coded("ENOTFOUND") }))).toMatchObject({ code: "ENOTFOUND" });
  });

  it("may be a redirect", () => {
    expect(networkFailure(failed(new Error("unexpected redirect")))).toMatchObject({
      redirect: true,
      transient: false,
    });
    expect(networkFailure(coded("ERR_REDIRECT"))).toEqual({
      unconnected: false,
      transient: false,
      redirect: true,
      code: "ERR_REDIRECT",
    });
    // In a chain it may stand at any place, and in any letters.
    const deep = failed(new Error("no", { cause: { message: "Redirect mode is set to error" } }));
    expect(networkFailure(deep)).toEqual({ unconnected: false, transient: false, redirect: true });
    expect(networkFailure(failed({ message: 7 }))).toEqual({ unconnected: false, transient: true, redirect: false });
    expect(
      networkFailure(failed(coded("ENOTFOUND", { message: "getaddrinfo ENOTFOUND redirect.example" }))),
    ).toMatchObject({ redirect: false, unconnected: true });
  });

  it("proves that there was no connection where the platform refused the address, and is not worth repeating", () => {
    for (const message of ["bad port", "unknown scheme", "Failed to parse URL from x"])
      expect(networkFailure(failed(new Error(message))), message).toMatchObject({
        unconnected: true,
        transient: false,
      });
    expect(networkFailure(coded("ERR_INVALID_URL"))).toMatchObject({ unconnected: true, transient: false });
  });

  it("does not follow causes in a circle", () => {
    const error = new Error("one") as Error & { cause: unknown };
    error.cause = error;
    expect(networkFailure(error)).toMatchObject({ unconnected: false });
  });
});
