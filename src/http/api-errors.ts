/** From an answer that is not 2xx to its typed error. Pure. */

import { ApiError, type ApiErrorFacts, type InvalidParam } from "../errors/api-error.js";
import { AuthenticationError } from "../errors/authentication-error.js";
import { BadRequestError } from "../errors/bad-request-error.js";
import { CreditsExhaustedError } from "../errors/credits-exhausted-error.js";
import { ForbiddenError } from "../errors/forbidden-error.js";
import type { ErrorFacts } from "../errors/magnific-error.js";
import { NotFoundError } from "../errors/not-found-error.js";
import { PayloadTooLargeError } from "../errors/payload-too-large-error.js";
import { RateLimitError } from "../errors/rate-limit-error.js";
import { ServerError } from "../errors/server-error.js";
import { redactCut, redactLong, redactText } from "../util/redact.js";
import type { RawAnswer } from "./read-response.js";

/** What an error's body says. */
export interface Complaint {
  readonly message?: string;
  readonly invalidParams?: readonly InvalidParam[];
}

/** More than this many are not kept. */
const MOST_PARAMS = 50;

/**
 * Reads every shape that a 4xx or 5xx was seen in: `{ message }`, problem+json nested as its schema says or flat as its
 * example does, `{ problem: … }` with a message beside it, plain text, HTML, nothing.
 */
export function complaintOf(answer: Pick<RawAnswer, "text" | "type" | "cut">, secrets: readonly string[]): Complaint {
  const body = objectOf(parsed(answer.text));
  const problem = objectOf(body?.problem);
  const message = [problem?.message, body?.message, body?.detail, body?.title, body?.error].find(isText);
  const params = [problem?.invalid_params, body?.invalid_params].find(Array.isArray) as unknown[] | undefined;
  const invalidParams = params?.slice(0, MOST_PARAMS).flatMap((entry) => {
    const { name, reason } = objectOf(entry) ?? {};
    return isText(name) && isText(reason)
      ? [{ name: redactText(name, secrets), reason: redactText(reason, secrets) }]
      : [];
  });
  const said = message === undefined ? undefined : redactText(message, secrets);
  const shown = said ?? (body === undefined ? plainText(answer, secrets) : undefined);
  return {
    ...(shown === undefined ? {} : { message: shown }),
    ...(invalidParams === undefined || invalidParams.length === 0 ? {} : { invalidParams }),
  };
}

/** A page of an edge server says little in its tags; its title or first words are enough to recognise it. */
function plainText(
  { text, type, cut }: Pick<RawAnswer, "text" | "type" | "cut">,
  secrets: readonly string[],
): string | undefined {
  const start = (cut ? redactCut(text, secrets) : redactLong(text, secrets)).slice(0, 4096);
  const html = type.includes("html") || /^\s*</.test(start);
  const title = html ? /<title[^>]{0,200}>([^<]{1,300})/i.exec(start)?.[1] : undefined;
  const words = title ?? (html ? start.replace(/<[^<>]{0,500}>/g, " ") : start);
  const clean = words
    .replace(/[\p{Cc}\ufffd\s]+/gu, " ")
    .trim()
    .slice(0, 200);
  return clean === "" ? undefined : clean;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function objectOf(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.trim() !== "";
}

/** Whether a 429 is no matter of waiting: the free trial is used up. */
export function isUsageLimit(status: number, complaint: Complaint): boolean {
  return status === 429 && /free[- ]?trial|usage limit|upgrade (?:your|to a) /i.test(complaint.message ?? "");
}

/** The error for a status, with what the provider says in its message. */
export function apiError(status: number, complaint: Complaint, about: Omit<ErrorFacts, "status">): ApiError {
  const facts: ApiErrorFacts = {
    ...about,
    status,
    providerMessage: complaint.message,
    invalidParams: complaint.invalidParams,
  };
  const text = `${about.operation} was answered with ${status}${complaint.message === undefined ? "" : `: ${complaint.message}`}`;
  const message = (hint: string): string => `${text}${/[.!?…]$/.test(text) ? "" : "."} ${hint}`.trim();
  const params = (complaint.invalidParams ?? []).map(({ name, reason }) => `${name}: ${reason}`).join("; ");
  switch (status) {
    case 400:
      return new BadRequestError(message(params), facts);
    case 401:
      return new AuthenticationError(message("Is the API key the right one for this server?"), facts);
    case 402:
      return new CreditsExhaustedError(message("The key has no credits left."), facts);
    case 403:
      return new ForbiddenError(
        message("The plan does not allow it, or the address is blocked; waiting does not help."),
        facts,
      );
    case 404:
      return new NotFoundError(
        message(about.taskId === undefined ? "Is `baseUrl` right?" : "This key has no such task."),
        facts,
      );
    case 413:
      return new PayloadTooLargeError(message("The image is larger than the provider takes."), facts);
    case 429:
      return isUsageLimit(status, complaint)
        ? new RateLimitError("usage_limit_reached", message("Waiting does not help."), facts)
        : new RateLimitError("rate_limited", message(""), facts);
    default:
      return status >= 500
        ? new ServerError(message(unsure(about)), facts)
        : new ApiError("unexpected_status", message(unsure(about)), facts);
  }
}

/** Said of a submit that may have made a task. */
export function unsure({ submission }: Pick<ErrorFacts, "submission">): string {
  return submission === "unknown"
    ? "A task may exist and be billed: look at `magnific.tasks()` before you submit again."
    : "";
}
