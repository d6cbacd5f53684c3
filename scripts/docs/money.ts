/**
 * What a failed submit means for the bill, worked out by the client's own rules: `decide` says whether it is sent again and
 * what is known of it, `failureError` which error it ends in. Pure.
 */

import type { ErrorCode, MagnificError, Submission } from "../../src/errors/magnific-error.js";
import { failureError, type Trouble } from "../../src/http/call-errors.js";
import type { RawAnswer } from "../../src/http/read-response.js";
import type { Attempt, Phase, RetryPolicy } from "../../src/http/retry-policy.js";
import { decide } from "../../src/http/retry-policy.js";
import type { Fault } from "../../src/sandbox/index.js";
import { cell, table } from "./markdown.js";

export interface Scenario {
  readonly what: string;
  readonly phase: Phase;
  readonly trouble: Trouble;
  /** What a reader does, where it is more than `submission` says. */
  readonly advice?: string;
  /** How the sandbox plays it, for the test that compares. */
  readonly fault?: Fault;
}

export interface Verdict {
  readonly error: MagnificError;
  readonly submission: Submission | undefined;
  readonly again: boolean;
}

export const SUBMIT = "POST /v1/ai/image-upscaler-precision";
const POLICY: RetryPolicy = { limit: 2, minDelay: 500, maxDelay: 8_000, maxRetryAfter: 60_000, total: 300_000 };

function answered(status: number, message?: string): Trouble {
  const answer: RawAnswer = {
    status,
    headers: new Headers(),
    requestId: undefined,
    rate: undefined,
    type: "application/json",
    text: "",
    length: 0,
    cut: false,
    charset: undefined,
  };
  if (status >= 300 && status < 400) return { kind: "redirect", failure: { kind: "redirect" }, answer };
  const permanent = message !== undefined;
  return {
    kind: "status",
    failure: { kind: "status", status, permanent },
    answer,
    complaint: message === undefined ? {} : { message },
  };
}

const network = (connect: boolean): Trouble => ({
  kind: "network",
  failure: { kind: "network", connect, transient: true },
  cause: undefined,
  code: undefined,
});
const timeout: Trouble = { kind: "timeout", failure: { kind: "timeout" }, timeout: 60_000 };
const aborted: Trouble = { kind: "aborted", failure: { kind: "aborted" }, reason: undefined };
const image: Trouble = { kind: "image", failure: { kind: "local" }, what: "", cause: undefined };
const unreadable: Trouble = { kind: "unreadable", failure: { kind: "unreadable" }, answer: undefined, what: "" };

const SLOWER = "Nothing, mostly. If it keeps coming: lower `rate` or `concurrency`.";

/** What can become of a submit, in the order in which it goes its way. */
export const SCENARIOS: readonly Scenario[] = [
  { what: "The image cannot be opened or read, and nothing was sent yet", phase: "connecting", trouble: image },
  { what: "No connection: DNS, refused, connect timeout", phase: "connecting", trouble: network(true) },
  { what: "Your signal fires before anything was sent", phase: "connecting", trouble: aborted },
  { what: "`timeout` is over before anything was sent", phase: "connecting", trouble: timeout },
  { what: "The image's source fails in the middle of the send", phase: "sending", trouble: image },
  { what: "The connection breaks while it is sent", phase: "sending", trouble: network(false) },
  {
    what: "The connection breaks before the answer",
    phase: "waiting",
    trouble: network(false),
    fault: { kind: "reset", on: "submit", handled: true, times: 9 },
  },
  {
    what: "No answer within `timeout`",
    phase: "waiting",
    trouble: timeout,
    fault: { kind: "stall", on: "submit", handled: true, times: 9 },
  },
  { what: "Your signal fires while it is sent or waited for", phase: "waiting", trouble: aborted },
  {
    what: "400: the provider finds the request invalid",
    phase: "answered",
    trouble: answered(400),
    advice: "Mend the request; `invalidParams` names the fields where the provider does.",
    fault: { kind: "error", on: "submit", status: 400, times: 9 },
  },
  {
    what: "401: wrong key",
    phase: "answered",
    trouble: answered(401),
    advice: "Check the key, and that it is one for this server.",
    fault: { kind: "error", on: "submit", status: 401, times: 9 },
  },
  {
    what: "402: no credits left",
    phase: "answered",
    trouble: answered(402),
    advice: "Buy credits, then submit again.",
    fault: { kind: "error", on: "submit", status: 402, times: 9 },
  },
  {
    what: "403: the plan does not allow it, or the address is blocked",
    phase: "answered",
    trouble: answered(403),
    advice: "Waiting does not help: look at the plan.",
    fault: { kind: "error", on: "submit", status: 403, times: 9 },
  },
  {
    what: "404: no such address",
    phase: "answered",
    trouble: answered(404),
    advice: "Check `baseUrl`.",
    fault: { kind: "error", on: "submit", status: 404, times: 9 },
  },
  {
    what: "408: the server gave up waiting",
    phase: "answered",
    trouble: answered(408),
    fault: { kind: "error", on: "submit", status: 408, times: 9 },
  },
  {
    what: "Any other 4xx",
    phase: "answered",
    trouble: answered(409),
    advice: "Look at `status` and `providerMessage`.",
    fault: { kind: "error", on: "submit", status: 409, times: 9 },
  },
  {
    what: "413: too large",
    phase: "answered",
    trouble: answered(413),
    advice: "Send a smaller image.",
    fault: { kind: "error", on: "submit", status: 413, times: 9 },
  },
  {
    what: "429: too many requests",
    phase: "answered",
    trouble: answered(429),
    advice: SLOWER,
    fault: { kind: "rate_limited", on: "submit", retryAfter: "", reset: 0, times: 9 },
  },
  {
    what: "429: the free trial is used up",
    phase: "answered",
    trouble: answered(429, "You have reached the usage limit of the free trial."),
    advice: "Waiting does not help: choose a plan.",
    fault: {
      kind: "rate_limited",
      on: "submit",
      message: "You have reached the usage limit of the free trial.",
      times: 9,
    },
  },
  {
    what: "5xx: the provider fails",
    phase: "answered",
    trouble: answered(503),
    fault: { kind: "error", on: "submit", status: 503, times: 9 },
  },
  {
    what: "A redirect, which is never followed",
    phase: "answered",
    trouble: answered(302),
    advice: "Check `baseUrl`; then look at `magnific.tasks()` before you submit again.",
    fault: { kind: "redirect", on: "submit", times: 9 },
  },
  {
    what: "An answer that cannot be read: cut off, no JSON, no task id",
    phase: "answered",
    trouble: unreadable,
    fault: { kind: "truncated", on: "submit", times: 9 },
  },
];

export function verdictOf({ phase, trouble }: Pick<Scenario, "phase" | "trouble">): Verdict {
  const attempt: Attempt = {
    operation: "submit",
    phase,
    failure: trouble.failure,
    attempt: 1,
    replayable: true,
    elapsed: 0,
  };
  const decision = decide(attempt, POLICY, 0.5, 0);
  const error = failureError(trouble, { operation: SUBMIT, attempts: 1 }, decision, 0);
  return { error, submission: decision.submission, again: decision.again };
}

const GROUPS: readonly { readonly submission: Submission; readonly title: string; readonly about: string }[] = [
  {
    submission: "not_sent",
    title: "Not sent: not paid",
    about: "No byte of the request reached the provider. Submitting again is safe.",
  },
  {
    submission: "rejected",
    title: "Refused: not paid",
    about: "The provider answered and made no task. Submitting again is safe, if of use.",
  },
  {
    submission: "unknown",
    title: "Nobody knows: perhaps paid",
    about:
      "The request went out, or a part of it, and no answer says what became of it. A task may exist and be billed. The client never sends such a request again.",
  },
];

const YOU: Readonly<Record<Submission, string>> = {
  not_sent: "Mend the cause and submit again.",
  rejected: "Mend the cause and submit again.",
  unknown: "Look at `magnific.tasks()` before you submit again.",
};

/** The tables of submits that failed, by what that means for the bill. */
export function moneyTables(): string {
  return GROUPS.map(({ submission, title, about }) => {
    const rows = SCENARIOS.map((scenario) => ({ scenario, verdict: verdictOf(scenario) }));
    const own = rows.filter(({ verdict }) => verdict.submission === submission);
    const cells = own.map(({ scenario, verdict: { error, again } }) => [
      cell(scenario.what),
      scenario.advice ?? YOU[submission],
      again ? "yes, `retry.limit` times" : "no",
      `[\`${error.code}\`](../reference/errors.md#${error.code})`,
    ]);
    const columns = ["what happens", "what you do", "sent again?", "error"];
    return `### ${title}\n\n\`submission: "${submission}"\`. ${about}\n\n${table(columns, cells)}`;
  }).join("\n\n");
}

export interface After {
  readonly code: ErrorCode;
  readonly what: string;
  readonly client: string;
  readonly you: string;
}

/** What can go wrong once there is a task: it is paid, the error carries `taskId`, and nothing is sent a second time. */
export const AFTER: readonly After[] = [
  {
    code: "connection_lost",
    what: "A question about the task fails: network, 408, 429, 5xx",
    client: "Asks again. A `wait` goes on until its deadline.",
    you: "Nothing. Where it was one `task.get()`: ask again.",
  },
  {
    code: "wait_timeout",
    what: "The task takes longer than the wait's deadline",
    client: "Stops asking. The task goes on at the provider.",
    you: "`magnific.task(error.taskId).wait()`, now or tomorrow.",
  },
  {
    code: "aborted",
    what: "Your signal fires during the wait",
    client: "Stops asking. The task goes on: the provider knows no cancel.",
    you: "`magnific.task(error.taskId).wait()` takes it up again.",
  },
  {
    code: "task_failed",
    what: "The task ends FAILED",
    client: "Says so. The provider gives no reason, and does not say whether it bills such a task.",
    you: "Look at your credits. Submitting again is a new paid task.",
  },
  {
    code: "empty_result",
    what: "The task is COMPLETED but names no image",
    client: "Asks three more times, then says so.",
    you: "`magnific.task(error.taskId).get()` later; then ask the provider, with `requestId`.",
  },
  {
    code: "download_failed",
    what: "The result cannot be fetched whole, or is no image",
    client: "Takes a broken download up where it broke.",
    you: "Fetch it again: `magnific.task(error.taskId).get()` gives fresh addresses.",
  },
  {
    code: "file_failed",
    what: "The result cannot be written",
    client: "Leaves no half file under the final name.",
    you: "Make room, then fetch it again.",
  },
  {
    code: "store_failed",
    what: "The task was made, and the task store cannot be written",
    client: "Gives you the id that it could not write down.",
    you: "Write `error.taskId` down yourself.",
  },
];

export function afterTable(): string {
  return table(
    ["what happens", "what you do", "the client", "error"],
    AFTER.map(({ code, what, client, you }) => [
      cell(what),
      you,
      client,
      `[\`${code}\`](../reference/errors.md#${code})`,
    ]),
  );
}
