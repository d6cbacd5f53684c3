import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Failure } from "../failure.js";
import type { HttpResponse } from "../read-response.js";
import { type Circumstances, type Phase, type RetryPolicy, retryDelay, submissionOf } from "../retry-policy.js";

const POLICY: RetryPolicy = { limit: 2, minDelay: 500, maxDelay: 8_000, maxRetryAfter: 60_000, total: 300_000 };
const NOW = Date.UTC(2026, 0, 1);
const PHASES = ["connecting", "sending", "waiting", "answered"] as const;

function status(code: number, more: { readonly permanent?: boolean; readonly taskId?: string } = {}): Failure {
  const response = { status: code, headers: new Headers() } as unknown as HttpResponse;
  return { kind: "status", response, said: {}, permanent: false, taskId: undefined, ...more };
}
const network = (unconnected: boolean, transient = true): Failure => ({
  kind: "network",
  unconnected,
  transient,
  code: undefined,
  cause: undefined,
});
const UNREADABLE: Failure = { kind: "unreadable", what: "nothing" };
const IMAGE: Failure = { kind: "image", what: "gone", cause: undefined };

const delay = (failure: Failure, changes: Partial<Circumstances> = {}, random = 0.5, policy = POLICY) => {
  const circumstances = { submission: undefined, attempt: 1, replayable: true, elapsed: 0, ...changes };
  return retryDelay(failure, circumstances, policy, random, NOW);
};
const submit = (phase: Phase, failure: Failure, changes: Partial<Circumstances> = {}) =>
  delay(failure, { submission: submissionOf(phase, failure), ...changes });

describe("a submit", () => {
  const cases: readonly (readonly [string, Phase, Failure, boolean, ReturnType<typeof submissionOf>])[] = [
    ["429 that passes", "answered", status(429), true, "rejected"],
    ["429 that does not pass", "answered", status(429, { permanent: true }), false, "rejected"],
    ["429 that names a task", "answered", status(429, { taskId: "t" }), false, "unknown"],
    ["400 that names a task", "answered", status(400, { taskId: "t" }), false, "unknown"],
    ["a refused connection", "connecting", network(true), true, "not_sent"],
    ["an invalid certificate", "connecting", network(true, false), false, "not_sent"],
    ["a refused connection, although bytes were taken", "waiting", network(true), true, "not_sent"],
    ["a reset before any byte was taken", "connecting", network(false), true, "not_sent"],
    ["a reset in the body", "sending", network(false), false, "unknown"],
    ["a reset after the body", "waiting", network(false), false, "unknown"],
    ["a reset in the response", "answered", network(false), false, "unknown"],
    ["a timeout before any byte was taken", "connecting", { kind: "timeout", timeout: 1 }, false, "not_sent"],
    ["a timeout", "waiting", { kind: "timeout", timeout: 1 }, false, "unknown"],
    ["an abort before any byte was taken", "connecting", { kind: "aborted", cause: 0 }, false, "not_sent"],
    ["an abort", "sending", { kind: "aborted", cause: 0 }, false, "unknown"],
    ["a redirect", "connecting", { kind: "redirect", status: 302 }, false, "unknown"],
    ["an unreadable response", "answered", UNREADABLE, false, "unknown"],
    ["an unreadable response before a byte was taken", "connecting", UNREADABLE, false, "unknown"],
    ["a source that failed before any byte was taken", "connecting", IMAGE, false, "not_sent"],
    ["a source that failed in the middle", "sending", IMAGE, false, "unknown"],
    ...[400, 401, 402, 403, 404, 409, 413, 422].map(
      (code) => [String(code), "answered", status(code), false, "rejected"] as const,
    ),
    ...[304, 408, 500, 502, 503, 504, 599].map(
      (code) => [String(code), "answered", status(code), false, "unknown"] as const,
    ),
  ];
  for (const [name, phase, failure, again, submission] of cases)
    it(`${again ? "is" : "is not"} retried after ${name}: ${submission}`, () => {
      expect(submissionOf(phase, failure)).toBe(submission);
      expect(submit(phase, failure) !== undefined).toBe(again);
    });

  it("is not retried when its image can be read only once", () => {
    expect(submit("answered", status(429), { replayable: false })).toBeUndefined();
  });

  it("is never retried where it may have run", () => {
    const failure = fc.oneof(
      fc
        .record({ code: fc.integer({ min: 300, max: 599 }), permanent: fc.boolean() })
        .map(({ code, permanent }) => status(code, { permanent })),
      fc.tuple(fc.boolean(), fc.boolean()).map(([unconnected, transient]) => network(unconnected, transient)),
      fc.constantFrom<Failure>(UNREADABLE, IMAGE, { kind: "timeout", timeout: 1 }, { kind: "aborted", cause: 0 }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...PHASES), failure, fc.integer({ min: 1, max: 3 }), (phase, why, attempt) => {
        if (submit(phase, why, { attempt }) === undefined) return;
        expect(submissionOf(phase, why)).not.toBe("unknown");
      }),
    );
  });
});

describe("a read", () => {
  for (const [failure, again] of [
    [status(500), true],
    [status(408), true],
    [status(429), true],
    [status(429, { permanent: true }), false],
    [status(404), false],
    [network(false), true],
    [network(true, false), false],
    [{ kind: "timeout", timeout: 1 }, true],
    [{ kind: "aborted", cause: 0 }, false],
    [{ kind: "redirect", status: 302 }, false],
    [UNREADABLE, false],
  ] as readonly (readonly [Failure, boolean])[])
    it(`${again ? "is" : "is not"} repeated after ${failure.kind === "status" ? failure.response.status : failure.kind} (${JSON.stringify(failure)})`, () => {
      expect(delay(failure) !== undefined).toBe(again);
    });
});

describe("the pause before a retry", () => {
  const asking = (fields: Record<string, string>) => ({ headers: new Headers(fields) });

  it("is drawn from 0 to a ceiling that doubles, up to the longest", () => {
    const policy = { ...POLICY, limit: 9 };
    const ceilings = [1, 2, 3, 4, 5, 6].map((attempt) => delay(status(500), { attempt }, 1, policy));
    expect(ceilings).toEqual([500, 1000, 2000, 4000, 8000, 8000]);
    expect(delay(status(500), {}, 0)).toBe(0);
  });

  it("is what the provider asks for, up to the longest that is waited for", () => {
    expect(delay(status(503), asking({ "retry-after": "7" }))).toBe(7_000);
    expect(delay(status(503), asking({ "retry-after": "60" }))).toBe(60_000);
    expect(delay(status(503), asking({ "retry-after": "61" }))).toBeUndefined();
    expect(delay(status(503), asking({ "retry-after": "0" }))).toBe(250);
    expect(delay(status(429), asking({ "x-ratelimit-reset": "3" }))).toBe(3_000);
    expect(delay(status(503), asking({ "x-ratelimit-reset": "3" }))).toBe(250);
  });

  it("leads nowhere when no retries or no time are left", () => {
    expect(delay(status(500), { attempt: 2 })).toBe(500);
    expect(delay(status(500), { attempt: 3 })).toBeUndefined();
    expect(delay(status(500), { elapsed: 299_750 })).toBe(250);
    expect(delay(status(500), { elapsed: 299_751 })).toBeUndefined();
  });
});
