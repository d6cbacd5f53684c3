/** What a response that is not 2xx says, and its typed error. Pure. */

import type { TaskFacts } from "../contract/contract.js";
import * as errors from "../errors/api-error.js";
import type { ErrorFacts } from "../errors/magnific-error.js";
import { isObject } from "../util/json.js";
import { redactCut, redactLong, redactText } from "../util/redact.js";
import type { HttpResponse } from "./read-response.js";

export type ErrorBody = Pick<errors.ApiErrorFacts, "providerMessage" | "invalidParams">;

const MOST_PARAMS = 50;
/** A text of so many letters may have been truncated. */
const LONG_TEXT = 16 * 1024;

/** Every shape that was seen: `{ message }`, problem+json nested or flat, `{ problem: … }` next to a message, text, HTML. */
export function readErrorBody({ body, type }: HttpResponse, secrets: readonly string[]): ErrorBody {
  if (!isObject(body))
    return { providerMessage: typeof body === "string" ? plainText(body, type, secrets) : undefined };
  const problem = isObject(body.problem) ? body.problem : {};
  const message = [problem.message, body.message, body.detail, body.title, body.error].find(isText);
  const params = [problem.invalid_params, body.invalid_params].find(Array.isArray) as unknown[] | undefined;
  const invalidParams = params?.slice(0, MOST_PARAMS).flatMap((entry): errors.InvalidParam[] => {
    const { name, reason } = isObject(entry) ? entry : {};
    return isText(name) && isText(reason)
      ? [{ name: redactText(name, secrets), reason: redactText(reason, secrets) }]
      : [];
  });
  return {
    providerMessage: message === undefined ? undefined : redactText(message, secrets),
    invalidParams: invalidParams?.length === 0 ? undefined : invalidParams,
  };
}

/** A page of an edge server says little in its tags; its title or first words are enough to recognise it. */
function plainText(text: string, type: string, secrets: readonly string[]): string | undefined {
  const safe = text.length >= LONG_TEXT ? redactCut(text, secrets) : redactLong(text, secrets);
  const start = safe.slice(0, 4096);
  const html = type.includes("html") || /^\s*</.test(start);
  const title = html ? /<title[^>]{0,200}>([^<]{1,300})/i.exec(start)?.[1] : undefined;
  const words = title ?? (html ? start.replace(/<[^<>]{0,500}>/g, " ") : start);
  const clean = words.replace(/[\p{Cc}\ufffd\s]+/gu, " ").trim();
  return clean === "" ? undefined : clean.slice(0, 200);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.trim() !== "";
}

/** Usable as a part of a path. The document says UUID; another form is reported, but a paid task is not lost for it. */
export function isTaskId(id: unknown): id is string {
  return typeof id === "string" && /^[A-Za-z0-9][\w.~-]{0,199}$/.test(id);
}

/** The id of a task that a response names, wherever the provider puts one. */
export function taskIdIn(body: unknown, { id, wrapper }: Pick<TaskFacts, "id" | "wrapper">): string | undefined {
  if (!isObject(body)) return undefined;
  return [body[wrapper], body.data, body.task, body].map((place) => isObject(place) && place[id]).find(isTaskId);
}

/** Whether a 429 is not a matter of waiting: the free trial is used up. */
export function isUsageLimit(status: number, { providerMessage = "" }: ErrorBody): boolean {
  return status === 429 && /free[- ]?trial|usage limit|upgrade (?:your|to a) /i.test(providerMessage);
}

type ErrorClass = new (message: string, facts: errors.ApiErrorFacts) => errors.ApiError;

const BY_STATUS: Readonly<Record<number, readonly [ErrorClass, string]>> = {
  400: [errors.BadRequestError, ""],
  401: [errors.AuthenticationError, "Is the API key the right one for this server?"],
  402: [errors.CreditsExhaustedError, "The key has no credits left."],
  403: [errors.ForbiddenError, "The plan does not allow it, or the address is blocked; waiting does not help."],
  404: [errors.NotFoundError, "Is `baseUrl` right?"],
  413: [errors.PayloadTooLargeError, "The image is larger than the provider accepts."],
};

/** The error for a status, with what the provider says in its message. */
export function apiError(status: number, said: ErrorBody, about: ErrorFacts, hint: string): errors.ApiError {
  const facts: errors.ApiErrorFacts = { ...about, status, ...said };
  const { providerMessage, invalidParams = [] } = said;
  const text = `${about.operation} was answered with ${status}${providerMessage === undefined ? "" : `: ${providerMessage}`}`;
  const [Known = status >= 500 ? errors.ServerError : errors.ApiError, usual = ""] = BY_STATUS[status] ?? [];
  const limited = isUsageLimit(status, said);
  const details = [
    `${text}${/[.!?…]$/.test(text) ? "" : "."}`,
    status === 400 ? invalidParams.map(({ name, reason }) => `${name}: ${reason}`).join("; ") : "",
    status === 404 && about.taskId !== undefined ? "This key has no such task." : usual,
    limited ? "Waiting does not help." : "",
    hint,
  ];
  const message = details.filter((part) => part !== "").join(" ");
  if (status === 429)
    return new errors.RateLimitError(limited ? "usage_limit_reached" : "rate_limited", message, facts);
  return new Known(message, facts);
}
