/** The error that each kind of failure becomes, with all that is known of it. */
import { describe, expect, it } from "vitest";
import { ConfigurationError } from "../../errors/configuration-error.js";
import type { Submission } from "../../errors/magnific-error.js";
import { SourceFailure } from "../../image/reader.js";
import { answerFacts, failureError, imageTrouble, type Trouble, unreadImage, withFacts } from "../call-errors.js";
import type { RawAnswer } from "../read-response.js";

const NOW = Date.UTC(2026, 0, 1);
const answer: RawAnswer = {
  status: 418,
  headers: new Headers({ "retry-after": new Date(NOW + 7_000).toUTCString() }),
  requestId: "ak-1",
  rate: undefined,
  type: "",
  text: "",
  length: 0,
  cut: false,
  charset: undefined,
};
const answered = { status: 418, requestId: "ak-1", retryAfter: 7 };
const about = { operation: "POST /x", taskId: "t-1", attempts: 2, digest: "d" };

const errorOf = (trouble: Trouble, submission?: Submission) =>
  failureError(trouble, about, { again: false, submission, reason: "" }, NOW);
const network = (connect: boolean, code?: string): Trouble => ({
  kind: "network",
  failure: { kind: "network", connect, transient: true },
  cause: new Error("why"),
  code,
});
const redirect = { kind: "redirect", failure: { kind: "redirect" } } as const;
const unreadable = { kind: "unreadable", failure: { kind: "unreadable" }, what: "rubbish" } as const;

describe("the error of a failure", () => {
  const table: [string, Trouble, Record<string, unknown>, string][] = [
    [
      "a status",
      {
        kind: "status",
        failure: { kind: "status", status: 418, permanent: false },
        answer,
        complaint: { message: "No." },
      },
      { name: "ApiError", code: "unexpected_status", ...answered },
      "POST /x was answered with 418: No.",
    ],
    [
      "a redirect",
      { ...redirect, answer },
      { name: "RedirectError", code: "redirect_refused", ...answered },
      "POST /x was answered with a redirect",
    ],
    ["an unseen redirect", redirect, { name: "RedirectError" }, "POST /x was answered"],
    [
      "no connection",
      network(true, "ECONNREFUSED"),
      { name: "ConnectionError", code: "connection_failed", cause: { message: "why" } },
      "POST /x could not connect (ECONNREFUSED).",
    ],
    [
      "a lost connection",
      network(false, "ECONNRESET"),
      { name: "ConnectionError", code: "connection_lost", cause: { message: "why" } },
      "POST /x lost its connection (ECONNRESET).",
    ],
    ["no connection, without a code", network(true), { code: "connection_failed" }, "POST /x could not connect."],
    ["a lost connection, without a code", network(false), { code: "connection_lost" }, "lost its connection."],
    [
      "a timeout",
      { kind: "timeout", failure: { kind: "timeout" }, timeout: 99 },
      { name: "TimeoutError", code: "timeout" },
      "POST /x took longer than 99 ms.",
    ],
    [
      "an abort",
      { kind: "aborted", failure: { kind: "aborted" }, reason: "enough" },
      { name: "AbortError", code: "aborted" },
      "POST /x was aborted.",
    ],
    [
      "an answer nobody can read",
      { ...unreadable, answer },
      { name: "UnexpectedResponseError", code: "unexpected_response", ...answered },
      "POST /x was answered with rubbish.",
    ],
    [
      "no answer",
      { ...unreadable, answer: undefined },
      { code: "unexpected_response" },
      "POST /x was answered with rubbish.",
    ],
    [
      "an image",
      { kind: "image", failure: { kind: "local" }, what: "gone", cause: new Error("why") },
      { name: "ImageReadError", code: "image_unreadable", cause: { message: "why" } },
      "POST /x failed because the image could not be read: gone.",
    ],
  ];
  for (const [name, trouble, facts, text] of table)
    it(`${name} says what is known`, () => {
      const error = errorOf(trouble);
      expect(error).toMatchObject({ ...about, ...facts });
      expect(error.message).toContain(text);
      expect(error.message).toBe(error.message.trim());
      expect(error.submission).toBeUndefined();
      if (!("answer" in trouble)) expect([error.status, error.requestId]).toEqual([undefined, undefined]);
      if (trouble.kind === "aborted") expect(error.cause).toBe("enough");
    });

  it("keeps an error of this client's and adds what that does not say", () => {
    const own = new ConfigurationError("no key");
    const error = errorOf({ kind: "own", failure: { kind: "local" }, error: own }, "not_sent");
    expect(error).toBe(own);
    expect(error).toMatchObject({ ...about, submission: "not_sent", code: "configuration", message: "no key" });
  });

  it("says that submitting again is safe where nothing was sent, and only there", () => {
    const safe = "Nothing was sent: submitting again is safe.";
    expect(errorOf(network(true), "not_sent").message).toBe(`POST /x could not connect. ${safe}`);
    expect(errorOf(network(false), "unknown").message).toContain("billed");
    for (const submission of ["unknown", "rejected", undefined] as const) {
      expect(errorOf(network(false), submission).message).not.toContain(safe);
      expect(errorOf(network(false), submission).submission).toBe(submission);
    }
  });

  it("calls a connection lost where a submit may have gone out, whatever the platform says", () =>
    expect(errorOf(network(true), "unknown")).toMatchObject({ code: "connection_lost", submission: "unknown" }));
});

it("reads an answer's facts, with a date of Retry-After as seconds from now", () =>
  expect(answerFacts(answer, NOW)).toEqual(answered));

it("adds facts that are seen and copied, and overwrites none", () => {
  const error = new ConfigurationError("x", { taskId: "own" });
  const same = withFacts(error, { taskId: "other", operation: "GET /x", status: undefined });
  expect(same).toBe(error);
  expect({ ...error }).toEqual({ code: "configuration", name: error.name, taskId: "own", operation: "GET /x" });
});

describe("an image's trouble", () => {
  it("tells the failure and its cause, without the key and what hangs on the cause", () => {
    const cause = Object.assign(new Error("no key-1 on disk"), { request: 1 });
    const trouble = imageTrouble(new SourceFailure("reading key-1 failed", { cause }), ["key-1"]);
    expect(trouble).toMatchObject({ kind: "image", failure: { kind: "local" } });
    expect(trouble.what).toBe("reading [key] failed (no [key] on disk)");
    expect(trouble.cause?.message).toBe("no [key] on disk");
    expect(trouble.cause).not.toHaveProperty("request");
  });

  it("says no more than there is", () => {
    expect(imageTrouble(new SourceFailure("it ended"), [])).toMatchObject({ what: "it ended", cause: undefined });
    expect(imageTrouble(new SourceFailure("it ended", { cause: new Error("") }), []).what).toBe("it ended");
  });

  it("before anything was sent is an error that says so", () => {
    const failure = new SourceFailure("it ended", { cause: new Error("why") });
    const error = unreadImage("POST /x", failure, [], { submission: "not_sent", attempts: 0 });
    expect(error).toMatchObject({
      code: "image_unreadable",
      operation: "POST /x",
      submission: "not_sent",
      attempts: 0,
    });
    expect(error.message).toBe("POST /x was not sent because the image could not be read: it ended (why).");
    expect((error.cause as Error).message).toBe("why");
  });
});
