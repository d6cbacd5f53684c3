/** Checks a 2xx response: what keeps to the contract, what is only reported, and what the call cannot continue without. */
import type { Validator } from "../contract/contract.js";
import { taskIdIn } from "../http/api-error.js";
import type { Call, CallEnvironment } from "../http/call.js";
import { toError } from "../http/failure.js";
import { tell } from "../http/hooks.js";
import type { HttpResponse } from "../http/read-response.js";
import { isObject } from "../util/json.js";

/** A response that was checked against the document, with the facts around it. */
export interface CheckedResponse<T> extends Partial<Pick<HttpResponse, "requestId" | "rate">> {
  readonly data: T;
  readonly status: number;
  readonly headers: Headers;
}

export interface Expectation<T> {
  readonly validate: Validator;
  /** Rules that are reported elsewhere. */
  readonly except?: (place: string, keyword: string) => boolean;
  /** The part of the body that the call continues with; `undefined` when it is not there. */
  readonly pick: (body: Record<string, unknown>) => T | undefined;
  /** What `pick` looks for, for the error. */
  readonly wanted: string;
}

/** More violations than this of one response are not reported one by one. */
const MOST_VIOLATIONS = 20;

/** @throws {UnexpectedResponseError} when the response holds nothing to continue with. */
export function checkResponse<T>(
  response: HttpResponse,
  expected: Expectation<T>,
  { operation, kind, taskId, digest, attempts }: Call & { readonly attempts: number },
  { contract, settings: { hooks, time } }: CallEnvironment,
): CheckedResponse<T> {
  const { body, truncated, requestId, rate, status, type, charset, headers } = response;
  const data = isObject(body) && !truncated ? expected.pick(body) : undefined;
  if (data === undefined) {
    const submission = kind === "submit" ? "unknown" : undefined;
    const what = describe(response, expected.wanted);
    const failure = { kind: "unreadable", what, response, taskId: taskIdIn(body, contract) } as const;
    throw toError(failure, { operation, taskId, digest, attempts, submission }, time.now());
  }
  const report = (place: string, message: string): void =>
    tell("onContractViolation", hooks.onContractViolation, { operation, status, requestId, taskId, place, message });
  if (status !== 200) report("", `the status is ${status}, not 200`);
  if (!/^application\/(?:[\w.-]+\+)?json$/.test(type)) report("header:content-type", "is not application/json");
  if (charset !== undefined) report("header:content-type", "names a charset other than UTF-8");
  if (!expected.validate(body)) {
    const found = expected.validate.errors ?? [];
    const reported = found.filter(({ instancePath, keyword }) => !expected.except?.(instancePath, keyword));
    for (const { instancePath, message = "is not valid" } of reported.slice(0, MOST_VIOLATIONS))
      report(instancePath, message);
  }
  return { data, status, requestId, rate, headers };
}

/** Says what came instead, without repeating it. */
function describe({ status, body, length, truncated, type }: HttpResponse, wanted: string): string {
  if (truncated) return `${status} and a body of more than ${length} bytes`;
  if (body === undefined || body === "") return `${status} and an empty body`;
  if (typeof body !== "string") return `${status} and JSON without a ${wanted}`;
  const html = type.includes("html") || /^\s*<(?:!doctype|html)/i.test(body.slice(0, 200));
  return html ? `${status} and an HTML page` : `${status} and a body that is not JSON`;
}
