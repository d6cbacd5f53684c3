import { expect, it } from "vitest";
import { BatchError, type BatchFault } from "../../batch/errors.js";
import { type ErrorCode, MagnificError } from "../../errors/magnific-error.js";
import { ConfigurationError, InvalidRequestError, SubmitLimitError } from "../../errors/request-errors.js";
import { worst } from "../commands/command.js";
import { errorFacts, exitCodeOf, isRefused, remedyOf, sentenceOf, UsageError } from "../exit.js";

class AnyError extends MagnificError {}
const of = (code: ErrorCode, facts = {}): MagnificError => new AnyError("It went wrong.", { ...facts, code });

it("a wrong call ends with 2, a refusal with 3, an unknown outcome with 4, a limit that is reached with 5, and all else with 1", () => {
  expect(exitCodeOf(new UsageError("no"))).toBe(2);
  expect(exitCodeOf(new ConfigurationError("no"))).toBe(2);
  for (const code of ["authentication_failed", "credits_exhausted", "forbidden", "usage_limit_reached"] as const) {
    expect(exitCodeOf(of(code, { submission: "rejected" })), code).toBe(3);
    expect(isRefused(of(code)), code).toBe(true);
  }
  expect(exitCodeOf(of("connection_lost", { submission: "unknown" }))).toBe(4);
  // A task whose id is known is nothing unknown, and what was not sent neither.
  expect(exitCodeOf(of("connection_lost", { submission: "unknown", taskId: "t" }))).toBe(1);
  expect(exitCodeOf(of("connection_failed", { submission: "not_sent" }))).toBe(1);
  expect(exitCodeOf(of("submit_limit_reached", { submission: "not_sent" }))).toBe(5);
  for (const code of ["rate_limited", "server_error", "task_failed", "not_found", "bad_request"] as const) {
    expect(exitCodeOf(of(code)), code).toBe(1);
    expect(isRefused(of(code)), code).toBe(false);
  }
  for (const error of [new Error("no"), "no", undefined]) expect(exitCodeOf(error)).toBe(1);
});

it.each<[ErrorCode, RegExp]>([
  ["authentication_failed", /MAGNIFIC_API_KEY.*`magnific doctor`/],
  ["credits_exhausted", /^Buy credits.*same command again/],
  ["forbidden", /plan allows/],
  ["usage_limit_reached", /^Upgrade the plan/],
  ["rate_limited", /lower --rate/],
  ["connection_failed", /--base-url.*`magnific doctor`/],
  ["connection_lost", /^Check the network, then run the same command again/],
  ["wait_timeout", /keep waiting; nothing is sent twice/],
  ["result_expired", /submit the image again/],
  ["store_failed", /--store/],
  ["submit_limit_reached", /higher --max-paid.*resumes/],
  ["submission_unknown", /`magnific list`.*--again.*--resubmit-unknown/],
])("the error says what to do about %s", (code, pattern) => {
  expect(remedyOf(of(code))).toMatch(pattern);
  expect(remedyOf(of(code), true)).toMatch(pattern);
});

it("what to do about an unknown outcome is reported whatever ended the send, unless the task is known", () => {
  expect(remedyOf(of("connection_lost", { submission: "unknown" }))).toMatch(/magnific list/);
  expect(remedyOf(of("connection_lost", { submission: "unknown", taskId: "t" }))).toMatch(/^Check the network/);
  expect(remedyOf(of("connection_lost", { submission: "rejected" }))).toMatch(/^Check the network/);
  expect(remedyOf(of("server_error"))).toBeUndefined();
  for (const error of [new UsageError("no"), Object.assign(new Error("no"), { code: "forbidden" }), undefined])
    expect(remedyOf(error)).toBeUndefined();
});

it.each<[BatchFault, RegExp | undefined]>([
  ["disk_full", /^Make room/],
  ["source_changed", /--resubmit-changed.*--out/],
  ["output_exists", /--name.*--overwrite/],
  ["output_taken", /--name, e\.g\. \{name\}-\{source_ext\}\.\{ext\}\.$/],
  ["journal_unwritable", /--out, or --journal/],
  ["journal_locked", undefined],
])("the error says what to do about %s in a batch", (fault, pattern) => {
  const told = remedyOf(new BatchError(fault, "p", "It went wrong.", { submission: "unknown" }));
  if (pattern === undefined) expect(told).toBeUndefined();
  else expect(told).toMatch(pattern);
});

it("only a batch says how to send the image of a failed task anew", () => {
  expect(remedyOf(of("task_failed"), true)).toMatch(/--resubmit-failed/);
  expect(remedyOf(of("task_failed"))).toBeUndefined();
});

it("an error is one sentence", () => {
  expect(sentenceOf(new Error("  two\n\n lines \t"))).toBe("two lines");
  expect(sentenceOf("text")).toBe("text");
  expect(sentenceOf("a.png changed.", "a.png")).toBe("changed.");
  expect(sentenceOf(`${process.cwd()}/a.png changed.`, "a.png")).toBe("changed.");
  const limit = new SubmitLimitError(1, 1, "in the journal", { operation: "POST /v1/ai/x" });
  expect(sentenceOf(limit)).toMatch(/^The request was not sent: at most 1 submits are allowed \(--max-paid\)/);
  expect(sentenceOf("it already exists. `overwrite: true` replaces it, another path keeps it.")).toBe(
    "it already exists. --overwrite replaces it.",
  );
  const faults = [
    { field: "sharpen", rule: "maximum", message: "must be at most 100" },
    { field: "", rule: "empty", message: "The image is empty" },
  ];
  expect(sentenceOf(new InvalidRequestError("POST /v1", faults))).toBe(
    "sharpen must be at most 100; The image is empty.",
  );
});

it("an error is plain facts for --json", () => {
  expect(errorFacts(new Error("no  way"))).toEqual({ message: "no way" });
  const facts = { submission: "rejected", status: 402, requestId: "r", taskId: "t" } as const;
  const expected = { code: "credits_exhausted", message: "It went wrong.", submission: "rejected", status: 402 };
  expect(errorFacts(of("credits_exhausted", facts))).toEqual({
    ...expected,
    requestId: "r",
    task: "t",
    fault: undefined,
  });
  expect(errorFacts(new BatchError("disk_full", "p", "Full."))).toMatchObject({
    code: "batch_failed",
    fault: "disk_full",
  });
});

it("of several exit codes the most telling one wins", () => {
  expect([worst([]), worst([0, 0])]).toEqual([0, 0]);
  const order = [2, 4, 130, 3, 5, 1, 0];
  for (const [index, code] of order.entries()) expect(worst(order.slice(index).toReversed())).toBe(code);
});
