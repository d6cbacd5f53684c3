/** Every error class: what a program reads from an error, and what a person sees of it. */
import { inspect } from "node:util";
import { expect, it } from "vitest";
import * as entry from "../../index.js";
import { TASK_ID } from "../../test-support/client-context.js";

const { ApiError, ConfigurationError, InvalidRequestError, MagnificError, NotFoundError } = entry;
const { RateLimitError, SubmissionUnknownError, TimeoutError, WaitTimeoutError, WebhookError } = entry;

const SUBMIT = "POST /v1/ai/image-upscaler-precision";
const TEXT = "What went wrong.";
const cause = new TypeError("what lies below");
const facts = {
  operation: SUBMIT,
  status: 418,
  requestId: "ak-1",
  taskId: TASK_ID,
  submission: "rejected",
  retryAfter: 2.5,
  attempts: 3,
  digest: "sha256:00",
} as const;
const api = { ...facts, providerMessage: "no", invalidParams: [{ name: "sharpen", reason: "too much" }] };
const fault = { field: "sharpen", rule: "maximum", message: "must be at most 100" };

interface Expected {
  readonly name: string;
  readonly code: string;
  readonly message: string;
  /** Everything else that the error says. */
  readonly own: object;
}
type Case = readonly [make: () => entry.MagnificError, expected: Partial<Expected> & Pick<Expected, "code">];
type Simple = new (message: string, facts: typeof api & { cause: unknown }) => entry.MagnificError;
type Coded<C> = new (code: C, message: string, facts: typeof api & { cause: unknown }) => entry.MagnificError;

const simple = (type: Simple, code: string, own: object = facts): Case => [
  () => new type(TEXT, { ...(own as typeof api), cause }),
  { code, own },
];
const coded = <C extends string>(type: Coded<C>, codes: readonly C[], own: object = facts): Case[] =>
  codes.map((code) => [() => new type(code, TEXT, { ...(own as typeof api), cause }), { code, own }]);

const CASES: readonly Case[] = [
  [() => new entry.AbortedError(TEXT, { ...facts, cause }), { name: "AbortError", code: "aborted" }],
  simple(ConfigurationError, "configuration"),
  simple(entry.EmptyResultError, "empty_result"),
  simple(entry.FileError, "file_failed"),
  simple(entry.ImageReadError, "image_unreadable"),
  simple(entry.RedirectError, "redirect_refused"),
  simple(entry.StoreError, "store_failed"),
  simple(entry.TaskFailedError, "task_failed"),
  simple(TimeoutError, "timeout"),
  simple(entry.UnexpectedResponseError, "unexpected_response"),
  ...coded(entry.ConnectionError, ["connection_failed", "connection_lost"]),
  ...coded(entry.ResultError, ["result_refused", "result_expired", "download_failed"]),
  simple(ApiError, "unexpected_status", api),
  simple(entry.AuthenticationError, "authentication_failed", api),
  simple(entry.BadRequestError, "bad_request", api),
  simple(entry.CreditsExhaustedError, "credits_exhausted", api),
  simple(entry.ForbiddenError, "forbidden", api),
  simple(NotFoundError, "not_found", api),
  simple(entry.PayloadTooLargeError, "payload_too_large", api),
  simple(entry.ServerError, "server_error", api),
  ...coded(RateLimitError, ["rate_limited", "usage_limit_reached"], api),
  [
    () =>
      new InvalidRequestError(SUBMIT, [fault, { field: "", rule: "type", message: "must be an object" }], { cause }),
    {
      code: "invalid_request",
      message: `${SUBMIT} was not sent: sharpen: must be at most 100; must be an object.`,
      own: { operation: SUBMIT, submission: "not_sent", faults: [fault, expect.objectContaining({ field: "" })] },
    },
  ],
  [
    // Even where the facts say something else.
    () => new SubmissionUnknownError(TEXT, { ...facts, cause }),
    { code: "submission_unknown", own: { ...facts, submission: "unknown" } },
  ],
  [
    () => new entry.SubmitLimitError(3, 2, "in a folder", { ...facts, cause }),
    {
      code: "submit_limit_reached",
      message: `${SUBMIT} was not sent: at most 3 submits are allowed (\`maxSubmits\`), and 2 are counted in a folder, those with an unknown outcome included. A higher limit lets it be sent.`,
      own: { ...facts, submission: "not_sent", maxSubmits: 3, used: 2 },
    },
  ],
  [
    () => new WaitTimeoutError(TEXT, { ...facts, cause, lastStatus: "IN_PROGRESS" }),
    { code: "wait_timeout", own: { ...facts, lastStatus: "IN_PROGRESS" } },
  ],
  [
    () => new WebhookError("replayed", TEXT, { webhookId: "msg_1", cause }),
    { code: "webhook_invalid", own: { fault: "replayed", webhookId: "msg_1" } },
  ],
];
const seen = new Set<unknown>();

for (const [make, { code, message: summary = TEXT, own = facts, name }] of CASES)
  it(`an error with the code ${code} has its facts and its cause, also as JSON and in a console`, () => {
    const error = make();
    seen.add(error.constructor);
    const shownName = name ?? error.constructor.name;
    expect(error).toBeInstanceOf(MagnificError);
    const message = `${summary}\nSee ${error.docs}`;
    expect(error).toMatchObject({ message, summary, cause });
    expect(error.docs).toMatch(new RegExp(`/docs/reference/errors\\.md#${code}-${code}$`));
    expect(String(error)).toBe(`${shownName}: ${message}`);
    expect(Object.fromEntries(Object.entries(error))).toStrictEqual({ name: shownName, code, ...own });
    expect(JSON.parse(JSON.stringify(error))).toEqual({ name: shownName, message, code, ...own });
    const shown = inspect(error);
    for (const text of [summary, error.docs, `code: '${code}'`, ...Object.keys(own).map((key) => `${key}: `)])
      expect(shown).toContain(text);
    expect(shown).toContain("[cause]: TypeError: what lies below");
  });

it("every error class that the package exports is in the table above", () => {
  const exported = Object.values<unknown>(entry).filter(
    (value) => typeof value === "function" && value.prototype instanceof MagnificError,
  );
  expect(exported.filter((type) => !seen.has(type))).toEqual([]);
});

it.each([
  ["left out", undefined],
  ["undefined", { status: undefined, taskId: undefined, cause: undefined }],
])("a fact that is %s is not a property of the error", (_how, nothing) => {
  const error = new ConfigurationError(TEXT, nothing);
  expect(Object.keys(error).sort()).toEqual(["code", "name"]);
  expect(Object.hasOwn(error, "cause")).toBe(false);
  expect(inspect(error)).not.toContain("undefined");
  const refused = new WebhookError("too_old", TEXT, { webhookId: nothing?.taskId, cause: nothing?.cause });
  expect(Object.keys(refused).sort()).toEqual(["code", "fault", "name"]);
  const late = new WaitTimeoutError(TEXT, { taskId: TASK_ID, lastStatus: undefined });
  expect(Object.keys(late).sort()).toEqual(["code", "name", "taskId"]);
  expect(new NotFoundError(TEXT, { status: 404 }).invalidParams).toBeUndefined();
});

it.each([null, 0, "", false])("a cause of %o is kept", (value) => {
  expect(new TimeoutError(TEXT, { cause: value })).toMatchObject({ cause: value });
});

it("facts cannot be changed afterwards", () => {
  const error = new TimeoutError(TEXT, facts);
  expect(() => Object.assign(error, { submission: "not_sent" })).toThrow(TypeError);
  expect(error.submission).toBe("rejected");
});

it("only a usage limit is a permanent RateLimitError", () => {
  expect(new RateLimitError("rate_limited", TEXT, { status: 429 }).permanent).toBe(false);
  expect(new RateLimitError("usage_limit_reached", TEXT, { status: 429 }).permanent).toBe(true);
});
