/** The page of errors by code. What is known of the bill is worked out by the client's own rules. Pure. */
import { StoreError } from "../../src/errors/store-error.js";
import { type ErrorCode, InvalidRequestError, type Submission, SubmissionUnknownError } from "../../src/index.js";
import type { ErrorFact } from "./error-classes.js";
import { cell, generatedFrom, plain, table } from "./markdown.js";
import { SCENARIOS, verdictOf } from "./money.js";

/** What a reader does about each. A new code does not compile without. */
const REMEDIES: Readonly<Record<ErrorCode, string>> = {
  configuration: "Mend the option that the message names. Nothing was sent.",
  invalid_request: "Mend what `error.faults` lists: every fault at once, each with its field and rule.",
  image_unreadable: "Look at the source: a file that is gone, a stream that failed, a size that was not true.",
  connection_failed: "Check network, `baseUrl` and proxy. Submitting again is safe.",
  connection_lost: "Of a submit: look at `magnific.tasks()` first. Of anything else: call again.",
  timeout:
    "Of a submit: look at `magnific.tasks()` first, and raise `timeout` for large images. Of anything else: call again.",
  aborted: "Your own signal. Of a submit, look at `submission`; of a wait, take the task up again by `taskId`.",
  redirect_refused: "Check `baseUrl`: the key and the image go to that origin only.",
  bad_request: "Mend the request; `invalidParams` and `providerMessage` say what the provider does not like.",
  authentication_failed: "Check the key, and that it is one for this server.",
  credits_exhausted: "Buy credits, then submit again.",
  forbidden: "Look at the plan, or at the address you call from. Waiting does not help.",
  not_found: "Check the task's id, and that the key is the one that made it.",
  payload_too_large: "Send a smaller image. `image.maxBytes` refuses such images before they are sent.",
  rate_limited:
    "Come back after `retryAfter` seconds. The client has tried as often as `retry.limit` allows; lower `rate`.",
  usage_limit_reached: "Choose a plan. Waiting does not help.",
  server_error: "Of a submit: look at `magnific.tasks()` first. Of anything else: call again.",
  unexpected_status: "Look at `status` and `providerMessage`. Of a submit, look at `submission` too.",
  unexpected_response: "Report it, with `requestId`. Of a submit: look at `magnific.tasks()` first.",
  submission_unknown: "Look at `magnific.tasks()`; then `store.forget(error.digest)` lets it be sent again.",
  store_failed: "Mend the store. Where there is a `taskId`, write it down: that task is paid.",
  task_failed: "Look at your credits; submitting again is a new paid task.",
  empty_result: "`magnific.task(error.taskId).get()` later; then ask the provider, with `requestId`.",
  wait_timeout: "`magnific.task(error.taskId).wait()` takes it up again, in another process too.",
  result_refused: "If you trust the host, add it to `results.hosts`.",
  result_expired: "`magnific.task(error.taskId).get()` gives fresh addresses.",
  download_failed: "Fetch it again; the task is not lost.",
  file_failed: "Look at path, rights and space. A result can be fetched again.",
  webhook_invalid: "Answer 400 and do nothing; `fault` says why. For `replayed` answer 2xx, and do nothing.",
  batch_failed: "`fault` says why, `path` which file. Mend it, and run the batch again: it goes on.",
};

const MEANING: Readonly<Record<Submission, string>> = {
  not_sent: "no byte of the request reached the provider; submitting again is safe",
  rejected: "the provider answered and made no task; submitting again is safe, if of use",
  unknown: "a task may exist and be billed; look at `magnific.tasks()` before submitting again",
};

/** What `submission` can be on an error with this code, by every way that a submit can fail. */
export function submissionsOf(code: ErrorCode): Submission[] {
  const others = [
    new InvalidRequestError("", []),
    new SubmissionUnknownError("", {}),
    ...(["not_sent", "unknown"] as const).map((submission) => new StoreError("", { submission })),
  ];
  const all = [...SCENARIOS.map((scenario) => verdictOf(scenario).error), ...others];
  const found = new Set(all.flatMap((error) => (error.code === code && error.submission ? [error.submission] : [])));
  return (["not_sent", "rejected", "unknown"] as const).filter((one) => found.has(one));
}

export function errorsPage(facts: readonly ErrorFact[]): string {
  const link = ({ name, entry }: ErrorFact): string => `[\`${name}\`](./api/${entry}/classes/${name}.md)`;
  const submissions = (code: ErrorCode): string =>
    submissionsOf(code)
      .map((one) => `\`${one}\``)
      .join(", ");
  return [
    "# Errors",
    generatedFrom("the error classes and the client's retry rules"),
    "Every error is a `MagnificError` with a stable `code`. Where they exist it carries `status`, `requestId`, `taskId`, `submission`, `retryAfter`, `attempts` and `digest`. None ever holds the API key or image data. [What each means for the bill](../guides/money.md).",
    "## `submission`",
    "On every error of a submit:",
    ...[
      Object.entries(MEANING)
        .map(([name, meaning]) => `- \`${name}\`: ${meaning}.`)
        .join("\n"),
    ],
    "## By code",
    table(
      ["code", "class", "`submission`"],
      facts.map((fact) => [`[\`${fact.code}\`](#${fact.code})`, link(fact), submissions(fact.code) || "–"]),
    ),
    ...facts.flatMap((fact) => [
      `### \`${fact.code}\` {#${fact.code}}`,
      `${plain(sentence(fact.when))}`,
      table(
        ["", ""],
        [
          ["class", `${link(fact)} of \`${fact.entry}\``],
          ...(submissionsOf(fact.code).length > 0 ? [["`submission`", submissions(fact.code)]] : []),
          ["what to do", cell(REMEDIES[fact.code])],
        ],
      ),
    ]),
    "",
  ].join("\n\n");
}

function sentence(text: string): string {
  const first = /^[a-z]/.test(text) ? `${text.charAt(0).toUpperCase()}${text.slice(1)}` : text;
  return first.replace(/ \*\*?$/, "").replace(/([^.])$/, "$1.");
}
