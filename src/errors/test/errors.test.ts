/** Every class by itself: what a program asks an error for, and what a person reads of it. */
import { readdirSync } from "node:fs";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { TASK_ID } from "../../test-support/client-context.js";
import { AbortedError } from "../aborted-error.js";
import { ApiError } from "../api-error.js";
import { AuthenticationError } from "../authentication-error.js";
import { BadRequestError } from "../bad-request-error.js";
import { ConfigurationError } from "../configuration-error.js";
import { ConnectionError } from "../connection-error.js";
import { CreditsExhaustedError } from "../credits-exhausted-error.js";
import { EmptyResultError } from "../empty-result-error.js";
import { FileError } from "../file-error.js";
import { ForbiddenError } from "../forbidden-error.js";
import { ImageReadError } from "../image-read-error.js";
import { InvalidRequestError } from "../invalid-request-error.js";
import { MagnificError } from "../magnific-error.js";
import { NotFoundError } from "../not-found-error.js";
import { PayloadTooLargeError } from "../payload-too-large-error.js";
import { RateLimitError } from "../rate-limit-error.js";
import { RedirectError } from "../redirect-error.js";
import { ResultError } from "../result-error.js";
import { ServerError } from "../server-error.js";
import { StoreError } from "../store-error.js";
import { SubmissionUnknownError } from "../submission-unknown-error.js";
import { TaskFailedError } from "../task-failed-error.js";
import { TimeoutError } from "../timeout-error.js";
import { UnexpectedResponseError } from "../unexpected-response-error.js";
import { WaitTimeoutError } from "../wait-timeout-error.js";
import { WebhookError } from "../webhook-error.js";

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
const given = { ...facts, cause };
const api = { ...facts, providerMessage: "no", invalidParams: [{ name: "sharpen", reason: "too much" }] };
const fault = { field: "sharpen", rule: "maximum", message: "must be at most 100" };

interface Row {
  readonly type: { readonly name: string };
  /** Makes one within a test: mutants of the source are awake only there. */
  readonly make: () => MagnificError;
  /** Where it is not the class's own. */
  readonly name?: string;
  readonly code: string;
  readonly message?: string;
  /** What it says besides, all of it. */
  readonly own?: object;
}

const ROWS: readonly Row[] = [
  {
    type: MagnificError,
    make: () => new MagnificError("unexpected_response", TEXT, given),
    code: "unexpected_response",
  },
  { type: AbortedError, make: () => new AbortedError(TEXT, given), name: "AbortError", code: "aborted" },
  { type: ConfigurationError, make: () => new ConfigurationError(TEXT, given), code: "configuration" },
  {
    type: ConnectionError,
    make: () => new ConnectionError("connection_failed", TEXT, given),
    code: "connection_failed",
  },
  { type: ConnectionError, make: () => new ConnectionError("connection_lost", TEXT, given), code: "connection_lost" },
  { type: EmptyResultError, make: () => new EmptyResultError(TEXT, given), code: "empty_result" },
  { type: FileError, make: () => new FileError(TEXT, given), code: "file_failed" },
  { type: ImageReadError, make: () => new ImageReadError(TEXT, given), code: "image_unreadable" },
  { type: RedirectError, make: () => new RedirectError(TEXT, given), code: "redirect_refused" },
  { type: ResultError, make: () => new ResultError("result_refused", TEXT, given), code: "result_refused" },
  { type: ResultError, make: () => new ResultError("result_expired", TEXT, given), code: "result_expired" },
  { type: ResultError, make: () => new ResultError("download_failed", TEXT, given), code: "download_failed" },
  { type: StoreError, make: () => new StoreError(TEXT, given), code: "store_failed" },
  { type: TaskFailedError, make: () => new TaskFailedError(TEXT, given), code: "task_failed" },
  { type: TimeoutError, make: () => new TimeoutError(TEXT, given), code: "timeout" },
  { type: UnexpectedResponseError, make: () => new UnexpectedResponseError(TEXT, given), code: "unexpected_response" },

  {
    type: ApiError,
    make: () => new ApiError("unexpected_status", TEXT, { ...api, cause }),
    code: "unexpected_status",
    own: api,
  },
  {
    type: AuthenticationError,
    make: () => new AuthenticationError(TEXT, { ...api, cause }),
    code: "authentication_failed",
    own: api,
  },
  { type: BadRequestError, make: () => new BadRequestError(TEXT, { ...api, cause }), code: "bad_request", own: api },
  {
    type: CreditsExhaustedError,
    make: () => new CreditsExhaustedError(TEXT, { ...api, cause }),
    code: "credits_exhausted",
    own: api,
  },
  { type: ForbiddenError, make: () => new ForbiddenError(TEXT, { ...api, cause }), code: "forbidden", own: api },
  { type: NotFoundError, make: () => new NotFoundError(TEXT, { ...api, cause }), code: "not_found", own: api },
  {
    type: PayloadTooLargeError,
    make: () => new PayloadTooLargeError(TEXT, { ...api, cause }),
    code: "payload_too_large",
    own: api,
  },
  {
    type: RateLimitError,
    make: () => new RateLimitError("rate_limited", TEXT, { ...api, cause }),
    code: "rate_limited",
    own: api,
  },
  {
    type: RateLimitError,
    make: () => new RateLimitError("usage_limit_reached", TEXT, { ...api, cause }),
    code: "usage_limit_reached",
    own: api,
  },
  { type: ServerError, make: () => new ServerError(TEXT, { ...api, cause }), code: "server_error", own: api },

  {
    type: InvalidRequestError,
    make: () => new InvalidRequestError(SUBMIT, [fault], { requestId: "ak-1", cause }),
    code: "invalid_request",
    message: `${SUBMIT} was not sent: sharpen: must be at most 100.`,
    own: { requestId: "ak-1", operation: SUBMIT, submission: "not_sent", faults: [fault] },
  },
  {
    // Whatever else is said of it: the outcome of the earlier send is not known.
    type: SubmissionUnknownError,
    make: () => new SubmissionUnknownError(TEXT, given),
    code: "submission_unknown",
    own: { ...facts, submission: "unknown" },
  },
  {
    type: WaitTimeoutError,
    make: () => new WaitTimeoutError(TEXT, { ...given, lastStatus: "IN_PROGRESS" }),
    code: "wait_timeout",
    own: { ...facts, lastStatus: "IN_PROGRESS" },
  },
  {
    type: WebhookError,
    make: () => new WebhookError("replayed", TEXT, { webhookId: "msg_1", cause }),
    code: "webhook_invalid",
    own: { fault: "replayed", webhookId: "msg_1" },
  },
];

describe.each(ROWS)("$type.name: $code", ({ type, make, name = type.name, code, message = TEXT, own = facts }) => {
  it("has name, code, message, facts and cause, and prints them as JSON", () => {
    const error = make();
    expect(error).toBeInstanceOf(MagnificError);
    expect(error.constructor).toBe(type);
    expect(error).toMatchObject({ name, code, message, cause });
    expect(String(error)).toBe(`${name}: ${message}`);
    expect(Object.fromEntries(Object.entries(error))).toStrictEqual({ name, code, ...own });
    expect(JSON.parse(JSON.stringify(error))).toStrictEqual({ name, message, code, ...own });
  });

  it("shows them in a console, with the cause", () => {
    const shown = inspect(make());
    expect(shown).toContain(message);
    expect(shown).toContain(`code: '${code}'`);
    for (const key of Object.keys(own)) expect(shown).toContain(`${key}: `);
    expect(shown).toContain("[cause]: TypeError: what lies below");
  });
});

it("every class is looked at", () => {
  const files = readdirSync(new URL("..", import.meta.url)).filter((file) => /(?<!\.test)\.ts$/.test(file));
  const classes = files.map((file) =>
    file.replaceAll(/(?:^|-)([a-z])|\.ts$/g, (_, letter = "") => letter.toUpperCase()),
  );
  expect(classes.length).toBeGreaterThan(0);
  expect([...new Set(ROWS.map(({ type }) => type.name))].sort()).toEqual(classes.sort());
});

describe("what is not known", () => {
  it.each([
    ["not given", undefined],
    ["undefined", { status: undefined, taskId: undefined, cause: undefined }],
  ])("does not stand on an error: %s", (_how, nothing) => {
    const error = new MagnificError("timeout", TEXT, nothing);
    expect(Object.keys(error).sort()).toEqual(["code", "name"]);
    expect(Object.hasOwn(error, "cause")).toBe(false);
    expect(inspect(error)).not.toContain("undefined");
  });

  it("stands on one as little where a class has fields of its own", () => {
    expect(Object.keys(new ConfigurationError(TEXT)).sort()).toEqual(["code", "name"]);
    const refused = new WebhookError("too_old", TEXT);
    expect(Object.keys(refused).sort()).toEqual(["code", "fault", "name"]);
    expect(Object.hasOwn(refused, "cause")).toBe(false);
    const late = new WaitTimeoutError(TEXT, { taskId: TASK_ID, lastStatus: undefined });
    expect(Object.keys(late).sort()).toEqual(["code", "name", "taskId"]);
    expect(new NotFoundError(TEXT, { status: 404 }).invalidParams).toBeUndefined();
  });

  it("a cause that says nothing is one all the same", () => {
    for (const said of [null, 0, "", false])
      expect(new MagnificError("aborted", TEXT, { cause: said })).toMatchObject({ cause: said });
  });

  it("facts cannot be changed afterwards", () => {
    const error = new MagnificError("timeout", TEXT, facts);
    expect(() => Object.assign(error, { submission: "not_sent" })).toThrow(TypeError);
    expect(error.submission).toBe("rejected");
  });
});

describe("InvalidRequestError", () => {
  it("lists every fault, those of the whole request without a field", () => {
    const faults = [fault, { field: "", rule: "type", message: "must be an object" }];
    const error = new InvalidRequestError(SUBMIT, faults);
    expect(error.message).toBe(`${SUBMIT} was not sent: sharpen: must be at most 100; must be an object.`);
    expect(error.faults).toBe(faults);
    expect(error).toMatchObject({ operation: SUBMIT, submission: "not_sent" });
  });
});

it.each([
  ["rate_limited", false],
  ["usage_limit_reached", true],
] as const)("RateLimitError: %s is permanent: %s", (code, permanent) => {
  expect(new RateLimitError(code, TEXT, { status: 429 }).permanent).toBe(permanent);
});
