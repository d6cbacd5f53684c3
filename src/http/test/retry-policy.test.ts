import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Attempt,
  decide,
  type Failure,
  type Phase,
  type RetryPolicy,
  type submissionOf,
} from "../retry-policy.js";

const POLICY: RetryPolicy = { limit: 2, minDelay: 500, maxDelay: 8_000, maxRetryAfter: 60_000, total: 300_000 };
const NOW = Date.UTC(2026, 0, 1);

const status = (code: number, permanent = false): Failure => ({ kind: "status", status: code, permanent });
const network = (connect: boolean, transient = true): Failure => ({ kind: "network", connect, transient });

function attempt(changes: Partial<Attempt>): Attempt {
  return {
    operation: "read",
    phase: "waiting",
    failure: status(500),
    attempt: 1,
    replayable: true,
    elapsed: 0,
    ...changes,
  };
}

const sees = (changes: Partial<Attempt>, random = 0.5, policy = POLICY) =>
  decide(attempt(changes), policy, random, NOW);

describe("a submit", () => {
  const cases: readonly (readonly [string, Phase, Failure, boolean, ReturnType<typeof submissionOf>])[] = [
    ["429 that passes", "answered", status(429), true, "rejected"],
    ["429 that does not pass", "answered", status(429, true), false, "rejected"],
    ["a connection that never came about", "connecting", network(true), true, "not_sent"],
    ["a certificate that is not valid", "connecting", network(true, false), false, "not_sent"],
    ["a refused connection after bytes were taken", "sending", network(true), false, "unknown"],
    ["a refused connection after all bytes were taken", "waiting", network(true), false, "unknown"],
    ["a reset before any byte was taken", "connecting", network(false), false, "unknown"],
    ["a reset in the body", "sending", network(false), false, "unknown"],
    ["a reset after the body", "waiting", network(false), false, "unknown"],
    ["a reset in the answer", "answered", network(false), false, "unknown"],
    ["a timeout before any byte was taken", "connecting", { kind: "timeout" }, false, "not_sent"],
    ["a timeout", "waiting", { kind: "timeout" }, false, "unknown"],
    ["an abort before any byte was taken", "connecting", { kind: "aborted" }, false, "not_sent"],
    ["an abort", "sending", { kind: "aborted" }, false, "unknown"],
    ["a redirect", "connecting", { kind: "redirect" }, false, "unknown"],
    ["an answer that cannot be read", "answered", { kind: "unreadable" }, false, "unknown"],
    ["an answer that cannot be read, before a byte was taken", "connecting", { kind: "unreadable" }, false, "unknown"],
    ["a source that failed before any byte was taken", "connecting", { kind: "local" }, false, "not_sent"],
    ["a source that failed in the middle", "sending", { kind: "local" }, false, "unknown"],
    ...[400, 401, 402, 403, 404, 409, 413, 422].map(
      (code) => [String(code), "answered", status(code), false, "rejected"] as const,
    ),
    ...[304, 408, 500, 502, 503, 504, 599].map(
      (code) => [String(code), "answered", status(code), false, "unknown"] as const,
    ),
  ];
  for (const [name, phase, failure, again, submission] of cases)
    it(`${again ? "is" : "is not"} sent again after ${name}: ${submission}`, () =>
      expect(sees({ operation: "submit", phase, failure })).toMatchObject({ again, submission }));

  it("says why it is not sent again", () => {
    expect(sees({ operation: "submit", failure: status(500) })).toMatchObject({ reason: "it may have made a task" });
    expect(sees({ operation: "submit", failure: status(400) })).toMatchObject({
      reason: "sending it again would not help",
    });
  });

  it("is not sent again when its image can be read only once", () =>
    expect(sees({ operation: "submit", failure: status(429), replayable: false })).toMatchObject({
      again: false,
      reason: "the image can be read only once",
    }));

  it("is never sent again where it may have run, whatever else is the case", () => {
    const failures = fc.oneof(
      fc.record({
        kind: fc.constant("status" as const),
        status: fc.integer({ min: 100, max: 999 }),
        permanent: fc.boolean(),
      }),
      fc.record({ kind: fc.constant("network" as const), connect: fc.boolean(), transient: fc.boolean() }),
      fc.record({
        kind: fc.constantFrom(
          "timeout" as const,
          "aborted" as const,
          "redirect" as const,
          "unreadable" as const,
          "local" as const,
        ),
      }),
    );
    const phases = fc.constantFrom<Phase>("connecting", "sending", "waiting", "answered");
    fc.assert(
      fc.property(
        failures,
        phases,
        fc.boolean(),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (failure, phase, replayable, random) => {
          const decision = sees({ operation: "submit", phase, failure, replayable }, random);
          const refused = failure.kind === "status" && failure.status === 429;
          const unconnected = failure.kind === "network" && failure.connect && phase === "connecting";
          if (decision.again) expect(refused || unconnected).toBe(true);
          if (decision.again) expect(decision.submission).not.toBe("unknown");
        },
      ),
    );
  });
});

describe("a read", () => {
  it("is repeated after 408, 429, 5xx, a lost connection and a timeout", () => {
    for (const code of [408, 429, 500, 502, 503, 504])
      expect(sees({ failure: status(code) }).again, String(code)).toBe(true);
    expect(sees({ failure: network(false) }).again).toBe(true);
    expect(sees({ failure: network(true) }).again).toBe(true);
    expect(sees({ failure: { kind: "timeout" } }).again).toBe(true);
  });

  it("is not repeated after anything else", () => {
    for (const code of [400, 401, 402, 403, 404, 413])
      expect(sees({ failure: status(code) }).again, String(code)).toBe(false);
    expect(sees({ failure: status(429, true) }).again).toBe(false);
    expect(sees({ failure: network(true, false) }).again).toBe(false);
    for (const kind of ["aborted", "redirect", "unreadable", "local"] as const)
      expect(sees({ failure: { kind } }).again, kind).toBe(false);
  });

  it("knows of no submission", () => expect(sees({}).submission).toBeUndefined());
});

describe("the pause", () => {
  it("is drawn between 0 and a ceiling that doubles up to its most", () => {
    const limit = { ...POLICY, limit: 10 };
    const ceilings = [1, 2, 3, 4, 5, 6, 7].map((n) => sees({ attempt: n }, 1, limit));
    expect(ceilings.map((one) => one.again && one.after)).toEqual([500, 1000, 2000, 4000, 8000, 8000, 8000]);
    expect(sees({}, 0)).toMatchObject({ after: 0 });
    expect(sees({}, 0.25)).toMatchObject({ after: 125 });
  });

  it("is what Retry-After asks for, also of a 503", () => {
    const headers = new Headers({ "retry-after": "7", "x-ratelimit-reset": "20" });
    expect(sees({ failure: status(503), headers })).toMatchObject({ after: 7_000 });
    expect(sees({ failure: status(429), headers })).toMatchObject({ after: 7_000 });
  });

  it("is the rest of the window for a 429 that says no more", () => {
    const headers = new Headers({ "x-ratelimit-reset": "20" });
    expect(sees({ failure: status(429), headers })).toMatchObject({ after: 20_000 });
    expect(sees({ failure: status(500), headers })).toMatchObject({ after: 250 });
  });

  it("is drawn when the provider asks for none", () =>
    expect(sees({ failure: status(429), headers: new Headers({ "retry-after": "0" }) })).toMatchObject({ after: 250 }));

  it("is drawn for a 429 whose headers say nothing of it", () =>
    expect(sees({ failure: status(429), headers: new Headers() })).toMatchObject({ after: 250 }));

  it("is waited for when it is just as long as allowed", () =>
    expect(sees({ failure: status(429), headers: new Headers({ "retry-after": "60" }) })).toMatchObject({
      again: true,
      after: 60_000,
    }));

  it("is not waited for when it is longer than allowed", () => {
    const headers = new Headers({ "retry-after": "61" });
    expect(sees({ failure: status(429), headers })).toMatchObject({
      again: false,
      reason: "the provider asks for too long a pause",
    });
  });
});

describe("the end", () => {
  it("comes when no retries are left", () => {
    expect(sees({ attempt: 2 }).again).toBe(true);
    expect(sees({ attempt: 3 })).toMatchObject({ again: false, reason: "no retries left" });
    expect(sees({}, 0.5, { ...POLICY, limit: 0 }).again).toBe(false);
  });

  it("comes when the next attempt would begin too late", () => {
    expect(sees({ elapsed: 299_750 }).again).toBe(true);
    expect(sees({ elapsed: 299_751 })).toMatchObject({ again: false, reason: "no time left" });
  });
});
