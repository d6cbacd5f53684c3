/** What an attempt failed of: told from its answer, or from what was thrown and what was known then. */
import { describe, expect, it } from "vitest";
import { ConfigurationError } from "../../errors/configuration-error.js";
import type { OpenBody } from "../../image/body.js";
import { SourceFailure } from "../../image/reader.js";
import type { AbortScope } from "../../util/abort-scope.js";
import type { RawAnswer } from "../read-response.js";
import { answerTrouble, failureTrouble } from "../trouble.js";

const answer = (status: number, text = ""): RawAnswer => ({
  status,
  headers: new Headers(),
  requestId: undefined,
  rate: undefined,
  type: "application/json",
  text,
  length: text.length,
  cut: false,
  charset: undefined,
});

describe("an answer", () => {
  it("of 2xx is no trouble", () => {
    for (const status of [200, 204, 299]) expect(answerTrouble(answer(status), [])).toBeUndefined();
  });

  it("of any other status is one of that status, with what it says, less the key", () => {
    for (const status of [199, 304, 400, 429, 500])
      expect(answerTrouble(answer(status, '{"message":"bad key-1"}'), ["key-1"])).toMatchObject({
        kind: "status",
        failure: { kind: "status", status, permanent: false },
        answer: { status },
        complaint: { message: "bad [key]" },
      });
    expect(answerTrouble(answer(429, "usage limit reached"), [])).toMatchObject({ failure: { permanent: true } });
  });

  it("that leads elsewhere is a redirect; browsers show it as 0 and nothing of the answer", () => {
    for (const status of [300, 301, 307, 399])
      expect(answerTrouble(answer(status), [])).toEqual({
        kind: "redirect",
        failure: { kind: "redirect" },
        answer: answer(status),
      });
    expect(answerTrouble(answer(0), [])).toEqual({ kind: "redirect", failure: { kind: "redirect" } });
  });

  it("that a fetch never gave is unreadable", () =>
    expect(answerTrouble(undefined, [])).toEqual({
      kind: "unreadable",
      failure: { kind: "unreadable" },
      answer: undefined,
      what: "nothing at all",
    }));
});

describe("what was thrown", () => {
  const seen = (error: unknown, endedBy?: AbortScope["endedBy"], body?: Partial<OpenBody>) =>
    failureTrouble(error, {
      scope: { endedBy } as AbortScope,
      timeout: 1234,
      signal: AbortSignal.abort("enough"),
      body: body as OpenBody | undefined,
      secrets: ["key-1"],
    });
  const refused = Object.assign(new Error("connect key-1"), { code: "ECONNREFUSED", syscall: "connect" });

  it("means the image, where its source failed, whatever else happened", () => {
    const failure = new SourceFailure("reading failed", { cause: new Error("no key-1") });
    expect(seen(refused, "deadline", { failure })).toMatchObject({
      kind: "image",
      failure: { kind: "local" },
      what: "reading failed (no [key])",
      cause: { message: "no [key]" },
    });
  });

  it("means the caller's signal or the deadline, where that ended the attempt", () => {
    expect(seen(refused, "signal")).toEqual({ kind: "aborted", failure: { kind: "aborted" }, reason: "enough" });
    expect(seen(refused, "deadline")).toEqual({ kind: "timeout", failure: { kind: "timeout" }, timeout: 1234 });
  });

  it("is kept where it is an error of this client's", () => {
    const error = new ConfigurationError("no key");
    expect(seen(error)).toEqual({ kind: "own", failure: { kind: "local" }, error });
  });

  it("means a redirect, where the fetch refused one", () =>
    expect(seen(new TypeError("fetch failed", { cause: new Error("unexpected redirect") }))).toEqual({
      kind: "redirect",
      failure: { kind: "redirect" },
    }));

  it("means the network else, with its code and cause, less the key", () => {
    expect(seen(refused)).toMatchObject({
      kind: "network",
      failure: { kind: "network", connect: true, transient: true },
      code: "ECONNREFUSED",
      cause: { message: "connect [key]" },
    });
    expect(seen(Object.assign(new Error("x"), { code: "E-key-1" }))).toMatchObject({ code: "E-[key]" });
    expect(seen("odd")).toEqual({
      kind: "network",
      failure: { kind: "network", connect: false, transient: true },
      code: undefined,
      cause: expect.objectContaining({ message: "odd" }),
    });
  });
});
