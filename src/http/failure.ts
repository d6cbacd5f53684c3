/** Why an attempt did not succeed: one union, where it comes from, and the error it becomes. */
import type { TaskFacts } from "../contract/contract.js";
import { type ErrorFacts, MagnificError } from "../errors/magnific-error.js";
import {
  AbortedError,
  ConnectionError,
  RedirectError,
  TimeoutError,
  UnexpectedResponseError,
} from "../errors/network-errors.js";
import { ImageReadError } from "../errors/request-errors.js";
import type { OpenBody } from "../image/body.js";
import { SourceFailure } from "../image/reader.js";
import type { AbortScope } from "../util/abort-scope.js";
import { retryAfterOf } from "../util/headers.js";
import { redactText, safeCause } from "../util/redact.js";
import { apiError, type ErrorBody, isUsageLimit, readErrorBody, taskIdIn } from "./api-error.js";
import { type NetworkFacts, networkFailure, type ProxiedFetch, targetOf } from "./network-error.js";
import type { HttpResponse } from "./read-response.js";

export type Failure =
  | {
      readonly kind: "status";
      readonly response: HttpResponse;
      readonly said: ErrorBody;
      /** Waiting does not help, although the status says so. */
      readonly permanent: boolean;
      /** A task that was made all the same. */
      readonly taskId: string | undefined;
    }
  | { readonly kind: "redirect"; readonly status: number | undefined }
  | (NetworkFacts & {
      readonly kind: "network";
      readonly cause: Error | undefined;
      readonly target?: string | undefined;
    })
  | { readonly kind: "timeout"; readonly timeout: number }
  | { readonly kind: "aborted"; readonly cause: unknown }
  /** The response is not what the contract says. */
  | {
      readonly kind: "unreadable";
      readonly what: string;
      readonly response?: HttpResponse;
      readonly taskId?: string | undefined;
    }
  /** The image's source failed. */
  | { readonly kind: "image"; readonly what: string; readonly cause: Error | undefined }
  /** An error of this client's, from before the request was sent. */
  | { readonly kind: "own"; readonly error: MagnificError };

export class Failed extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.kind);
    this.failure = failure;
  }
}

/** What is known of an attempt that threw. `timeout`: the milliseconds that it had. */
interface Throw {
  readonly scope: Pick<AbortScope, "endedBy" | "signal">;
  readonly timeout: number;
  readonly body?: OpenBody | undefined;
  readonly secrets: readonly string[];
  /** Whose network it was. */
  readonly settings?: { readonly origin: string; readonly fetch: () => unknown } | undefined;
}

export function failureOf(error: unknown, { scope, timeout, body, secrets, settings }: Throw): Failure {
  // The body's failure is why the fetch failed, whatever it says itself.
  if (body?.failure !== undefined) return imageFailure(body.failure, secrets);
  if (scope.endedBy === "signal") return { kind: "aborted", cause: scope.signal.reason };
  if (scope.endedBy === "deadline") return { kind: "timeout", timeout };
  if (error instanceof Failed) return error.failure;
  if (error instanceof SourceFailure) return imageFailure(error, secrets);
  if (error instanceof MagnificError) return { kind: "own", error };
  const facts = networkFailure(error);
  if (facts === "redirect") return { kind: "redirect", status: undefined };
  const target = settings && targetOf(settings.origin, settings.fetch() as ProxiedFetch);
  const [code, tried] = [facts.code, facts.tried].map((text) => text && redactText(text, secrets));
  return { kind: "network", ...facts, code, tried, target, cause: safeCause(error, secrets) };
}

/** What is wrong with a response by its status; `undefined` for 2xx. */
export function failureOfResponse(
  response: HttpResponse,
  secrets: readonly string[],
  task: Pick<TaskFacts, "id" | "wrapper">,
): Failure | undefined {
  const { status, body } = response;
  if (status >= 200 && status < 300) return undefined;
  const said = readErrorBody(response, secrets);
  return { kind: "status", response, said, permanent: isUsageLimit(status, said), taskId: taskIdIn(body, task) };
}

/** A source's failure, without what hangs on its error. */
function imageFailure(failure: SourceFailure, secrets: readonly string[]): Extract<Failure, { kind: "image" }> {
  const cause = safeCause(failure.cause, secrets);
  const why = cause === undefined || cause.message === "" ? "" : ` (${cause.message})`;
  return { kind: "image", what: redactText(failure.message, secrets) + why, cause };
}

const REDIRECTED =
  "was answered with a redirect, which is never followed: the key goes to `baseUrl` only. Is `baseUrl` right?";

/** @param facts Of the call: `operation` always, and for a submit what is known of its `submission`. */
export function toError(failure: Failure, facts: ErrorFacts, now: number): MagnificError {
  const about = { ...facts, ...factsOf(failure, facts, now) };
  const message = (text: string): string => `${facts.operation} ${text} ${outlook(about)}`.trim();
  switch (failure.kind) {
    case "status":
      return apiError(failure.response.status, failure.said, about, unsure(about));
    case "redirect":
      return new RedirectError(message(REDIRECTED), about);
    case "network": {
      const lost = !failure.unconnected && facts.submission !== "not_sent";
      const { code, tried, target } = failure;
      const to = target === undefined ? "" : ` to ${target}`;
      const why = code === undefined ? "" : ` (${code}${tried === undefined ? "" : ` at ${tried}`})`;
      return lost
        ? new ConnectionError("connection_lost", message(`lost its connection${to}${why}.`), about)
        : new ConnectionError("connection_failed", message(`could not connect${to}${why}.`), about);
    }
    case "timeout":
      return new TimeoutError(message(`took longer than ${failure.timeout} ms.`), about);
    case "aborted":
      return new AbortedError(message("was aborted."), about);
    case "unreadable":
      return new UnexpectedResponseError(message(`was answered with ${failure.what}.`), about);
    case "image":
      return new ImageReadError(message(`failed because the image could not be read: ${failure.what}.`), about);
    case "own":
      return withFacts(failure.error, about);
  }
}

function factsOf(failure: Failure, { taskId }: ErrorFacts, now: number): ErrorFacts {
  if (failure.kind === "redirect") return { status: failure.status };
  if ("cause" in failure) return { cause: failure.cause };
  if (failure.kind !== "status" && failure.kind !== "unreadable") return {};
  const { response } = failure;
  return {
    taskId: taskId ?? failure.taskId,
    status: response?.status,
    requestId: response?.requestId,
    retryAfter: response && retryAfterOf(response.headers, now),
  };
}

function outlook(facts: ErrorFacts): string {
  return facts.submission === "not_sent" ? "Nothing was sent: submitting again is safe." : unsure(facts);
}

function unsure({ submission, taskId }: ErrorFacts): string {
  if (submission !== "unknown") return "";
  return taskId === undefined
    ? "A task may exist and be billed: look at `tasks()` before you submit again."
    : `The response names a task, ${taskId}: get it with \`task()\` before you submit again.`;
}

/** Adds what the error does not say itself. */
export function withFacts<E extends MagnificError>(error: E, facts: ErrorFacts): E {
  for (const [name, value] of Object.entries(facts))
    if (value !== undefined && Reflect.get(error, name) === undefined)
      Object.defineProperty(error, name, { value, enumerable: true });
  return error;
}
