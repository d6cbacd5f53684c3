/** Looks into a 2xx answer: what keeps to the contract, what is only reported, and what the call cannot go on without. */
import type { Validator } from "../../generated/upscaler-precision/validators.js";
import type { ErrorFacts } from "../errors/magnific-error.js";
import { type CallFacts, failureError } from "../http/call-errors.js";
import type { ContractViolation } from "../http/hooks.js";
import type { RawAnswer } from "../http/read-response.js";
import { submissionOf } from "../http/retry-policy.js";
import type { CheckedResponse } from "./wire.js";

export interface Look<T> {
  readonly call: CallFacts & { readonly kind: "submit" | "read" };
  readonly validate: Validator<unknown>;
  /** Rules that someone else reports. */
  readonly except?: (place: string, keyword: string) => boolean;
  /** The part of the answer that the call goes on with; `undefined` when it is not there. */
  readonly pick: (body: Record<string, unknown>) => T | undefined;
  /** What `pick` looks for, for the error. */
  readonly wanted: string;
  readonly report: (violation: ContractViolation) => void;
  readonly about: Pick<ErrorFacts, "attempts" | "digest">;
  readonly now: number;
}

/** More violations than this of one answer are not reported one by one. */
const MOST_VIOLATIONS = 20;

/** @throws {UnexpectedResponseError} when the answer holds nothing to go on with. */
export function lookInto<T>(answer: RawAnswer, look: Look<T>): CheckedResponse<T> {
  const { call, report } = look;
  const body = answer.cut ? undefined : parsed(answer.text);
  const data = isObject(body) ? look.pick(body) : undefined;
  if (data === undefined) throw unexpected(answer, look, describe(answer, body, look.wanted));

  const about = { operation: call.operation, status: answer.status, requestId: answer.requestId, taskId: call.taskId };
  for (const [place, message] of headerViolations(answer)) report({ ...about, place, message });
  if (!look.validate(body)) {
    const found = (look.validate.errors ?? []).filter((one) => look.except?.(one.instancePath, one.keyword) !== true);
    for (const { instancePath, message } of found.slice(0, MOST_VIOLATIONS))
      report({ ...about, place: instancePath, message: message ?? "is not valid" });
  }
  const { requestId, rate, status } = answer;
  return { data, status, requestId, rate };
}

function unexpected<T>(answer: RawAnswer, { call, about, now }: Look<T>, what: string): Error {
  const failure = { kind: "unreadable" } as const;
  const submission = call.kind === "submit" ? submissionOf({ phase: "answered", failure }) : undefined;
  const trouble = { kind: "unreadable", failure, answer, what } as const;
  return failureError(trouble, { ...call, ...about }, { again: false, submission, reason: what }, now);
}

/** Says what came instead, without repeating it. */
function describe(answer: RawAnswer, body: unknown, wanted: string): string {
  const { status } = answer;
  if (answer.cut) return `${status} and a body of more than ${answer.length} bytes`;
  if (answer.length === 0) return `${status} and an empty body`;
  if (body === undefined) {
    const html = answer.type.includes("html") || /^\s*<(?:!doctype|html)/i.test(answer.text.slice(0, 200));
    return html ? `${status} and an HTML page` : `${status} and a body that is no JSON`;
  }
  return `${status} and JSON that holds no ${wanted}`;
}

function* headerViolations({ status, type, charset }: RawAnswer): Generator<readonly [string, string]> {
  if (status !== 200) yield ["", `the status is ${status}, not 200`];
  if (!/^application\/(?:[\w.-]+\+)?json$/.test(type)) yield ["header:content-type", "is not application/json"];
  if (charset !== undefined) yield ["header:content-type", "names a charset other than UTF-8"];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
