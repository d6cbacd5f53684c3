import { describe, expect, it } from "vitest";
import { networkFailure } from "./network.js";

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
      expect(networkFailure(failed(cause))).toMatchObject({ connect: true, transient: true, redirect: false }));

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
      expect(networkFailure(failed(cause))).toMatchObject({ connect: false, transient: true, redirect: false }));

  it("leaves it open in a browser, which says nothing", () => {
    expect(networkFailure(new TypeError("Failed to fetch"))).toEqual({
      connect: false,
      transient: true,
      redirect: false,
    });
    expect(networkFailure("no error at all")).toMatchObject({ connect: false });
    expect(networkFailure(undefined)).toMatchObject({ connect: false });
  });

  it("is not worth repeating for a certificate", () => {
    for (const code of [
      "CERT_HAS_EXPIRED",
      "DEPTH_ZERO_SELF_SIGNED_CERT",
      "ERR_TLS_CERT_ALTNAME_INVALID",
      "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    ])
      expect(networkFailure(failed(coded(code))), code).toMatchObject({ connect: true, transient: false });
  });

  it("may be a redirect", () => {
    expect(networkFailure(failed(new Error("unexpected redirect")))).toMatchObject({
      redirect: true,
      transient: false,
    });
    expect(networkFailure(coded("ERR_REDIRECT"))).toMatchObject({ redirect: true });
    expect(
      networkFailure(failed(coded("ENOTFOUND", { message: "getaddrinfo ENOTFOUND redirect.example" }))),
    ).toMatchObject({ redirect: false, connect: true });
  });

  it("believes a transport that saw the connection", () => {
    expect(networkFailure(coded("ECONNRESET", { connected: false }))).toMatchObject({ connect: true });
    expect(networkFailure(coded("ECONNREFUSED", { connected: true }))).toMatchObject({ connect: false });
  });

  it("does not follow causes in a circle", () => {
    const error = new Error("one") as Error & { cause: unknown };
    error.cause = error;
    expect(networkFailure(error)).toMatchObject({ connect: false });
  });
});
