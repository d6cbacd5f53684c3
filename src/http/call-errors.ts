/** From an attempt that failed to its typed error. Pure. */

import { AbortedError } from "../errors/aborted-error.js";
import { ConnectionError } from "../errors/connection-error.js";
import { ImageReadError } from "../errors/image-read-error.js";
import type { ErrorFacts, MagnificError } from "../errors/magnific-error.js";
import { RedirectError } from "../errors/redirect-error.js";
import { TimeoutError } from "../errors/timeout-error.js";
import { UnexpectedResponseError } from "../errors/unexpected-response-error.js";
import type { SourceFailure } from "../image/reader.js";
import { retryAfterOf } from "../util/headers.js";
import { redactText, safeCause } from "../util/redact.js";
import { apiError, type Complaint, unsure } from "./api-errors.js";
import type { RawAnswer } from "./read-response.js";
import type { Decision, Failure } from "./retry-policy.js";

/** Which call, for messages and facts. */
export interface CallFacts {
  /** Method and path template. */
  readonly operation: string;
  readonly taskId?: string | undefined;
}

/** An attempt's failure with what its error needs. */
export type Trouble =
  | { readonly kind: "status"; readonly failure: Failure; readonly answer: RawAnswer; readonly complaint: Complaint }
  | { readonly kind: "redirect"; readonly failure: Failure; readonly answer?: RawAnswer }
  | {
      readonly kind: "network";
      readonly failure: Failure;
      readonly cause: Error | undefined;
      readonly code: string | undefined;
    }
  | { readonly kind: "timeout"; readonly failure: Failure; readonly timeout: number }
  | { readonly kind: "aborted"; readonly failure: Failure; readonly reason: unknown }
  | {
      readonly kind: "unreadable";
      readonly failure: Failure;
      readonly answer: RawAnswer | undefined;
      readonly what: string;
    }
  | { readonly kind: "image"; readonly failure: Failure; readonly what: string; readonly cause: Error | undefined }
  /** Already an error of this client's. */
  | { readonly kind: "own"; readonly failure: Failure; readonly error: MagnificError };

export function failureError(
  trouble: Trouble,
  about: CallFacts & Pick<ErrorFacts, "attempts" | "digest">,
  { submission }: Decision,
  now: number,
): MagnificError {
  const { operation } = about;
  const facts: ErrorFacts = {
    operation,
    taskId: about.taskId,
    attempts: about.attempts,
    digest: about.digest,
    submission,
    ...("answer" in trouble && trouble.answer !== undefined ? answerFacts(trouble.answer, now) : {}),
  };
  const message = (text: string): string => `${operation} ${text} ${outlook(facts)}`.trim();

  switch (trouble.kind) {
    case "status":
      return apiError(trouble.answer.status, trouble.complaint, facts);
    case "redirect":
      return new RedirectError(
        message(
          "was answered with a redirect, which is never followed: the key goes to `baseUrl` only. Is `baseUrl` right?",
        ),
        facts,
      );
    case "network": {
      const { failure, cause } = trouble;
      const code = trouble.code === undefined ? "" : ` (${trouble.code})`;
      return failure.kind === "network" && failure.connect && submission !== "unknown"
        ? new ConnectionError("connection_failed", message(`could not connect${code}.`), { ...facts, cause })
        : new ConnectionError("connection_lost", message(`lost its connection${code}.`), { ...facts, cause });
    }
    case "timeout":
      return new TimeoutError(message(`took longer than ${trouble.timeout} ms.`), facts);
    case "aborted":
      return new AbortedError(message("was aborted."), { ...facts, cause: trouble.reason });
    case "unreadable":
      return new UnexpectedResponseError(message(`was answered with ${trouble.what}.`), facts);
    case "image":
      return new ImageReadError(message(`failed because the image could not be read: ${trouble.what}.`), {
        ...facts,
        cause: trouble.cause,
      });
    case "own":
      return withFacts(trouble.error, facts);
  }
}

export function answerFacts(answer: RawAnswer, now: number): Pick<ErrorFacts, "status" | "requestId" | "retryAfter"> {
  return { status: answer.status, requestId: answer.requestId, retryAfter: retryAfterOf(answer.headers, now) };
}

function outlook(facts: ErrorFacts): string {
  if (facts.submission === "not_sent") return "Nothing was sent: submitting again is safe.";
  return unsure(facts);
}

/** Adds what the error does not say itself. */
export function withFacts<E extends MagnificError>(error: E, facts: ErrorFacts): E {
  for (const [name, value] of Object.entries(facts))
    if (value !== undefined && (error as unknown as Record<string, unknown>)[name] === undefined)
      Object.defineProperty(error, name, { value, enumerable: true });
  return error;
}

/** A source's failure, without what hangs on its error. */
export function imageTrouble(failure: SourceFailure, secrets: readonly string[]): Extract<Trouble, { kind: "image" }> {
  const inner = safeCause(failure.cause, secrets);
  const what =
    redactText(failure.message, secrets) + (inner === undefined || inner.message === "" ? "" : ` (${inner.message})`);
  return { kind: "image", failure: { kind: "local" }, what, cause: inner };
}

/** The error of a request whose image could not be read, before anything was sent. */
export function unreadImage(
  operation: string,
  failure: SourceFailure,
  secrets: readonly string[],
  facts: ErrorFacts,
): ImageReadError {
  const { what, cause } = imageTrouble(failure, secrets);
  const message = `${operation} was not sent because the image could not be read: ${what}.`;
  return new ImageReadError(message, { ...facts, operation, cause });
}
