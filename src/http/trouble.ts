/** What an attempt failed of, told from its answer or from what was thrown. */

import { MagnificError } from "../errors/magnific-error.js";
import type { OpenBody } from "../image/body.js";
import type { AbortScope } from "../util/abort-scope.js";
import { redactText, safeCause } from "../util/redact.js";
import { complaintOf, isUsageLimit } from "./api-errors.js";
import { imageTrouble, type Trouble } from "./call-errors.js";
import { networkFailure } from "./network-error.js";
import type { RawAnswer } from "./read-response.js";

/** What is wrong with an answer by its status; `undefined` for 2xx. */
export function answerTrouble(answer: RawAnswer | undefined, secrets: readonly string[]): Trouble | undefined {
  if (answer === undefined)
    return { kind: "unreadable", failure: { kind: "unreadable" }, answer, what: "nothing at all" };
  const { status } = answer;
  if (status >= 200 && status < 300) return undefined;
  // 0 is what browsers make of a redirect that is not followed.
  if (status === 0 || (status >= 300 && status < 400 && status !== 304))
    return { kind: "redirect", failure: { kind: "redirect" }, ...(status === 0 ? {} : { answer }) };
  const complaint = complaintOf(answer, secrets);
  return {
    kind: "status",
    failure: { kind: "status", status, permanent: isUsageLimit(status, complaint) },
    answer,
    complaint,
  };
}

/** What is known of an attempt that was not answered. */
export interface Circumstances {
  readonly scope: AbortScope;
  /** Milliseconds that it had. */
  readonly timeout: number;
  /** The caller's. */
  readonly signal: AbortSignal | undefined;
  readonly body: OpenBody | undefined;
  readonly secrets: readonly string[];
}

/** What an attempt failed of. */
export function failureTrouble(error: unknown, { scope, timeout, signal, body, secrets }: Circumstances): Trouble {
  // The body's failure is what the fetch failed of, whatever it says itself.
  if (body?.failure !== undefined) return imageTrouble(body.failure, secrets);
  if (scope.endedBy === "signal") return { kind: "aborted", failure: { kind: "aborted" }, reason: signal?.reason };
  if (scope.endedBy === "deadline") return { kind: "timeout", failure: { kind: "timeout" }, timeout };
  if (error instanceof MagnificError) return { kind: "own", failure: { kind: "local" }, error };
  const { connect, transient, redirect: redirected, code } = networkFailure(error);
  if (redirected) return { kind: "redirect", failure: { kind: "redirect" } };
  return {
    kind: "network",
    failure: { kind: "network", connect, transient },
    cause: safeCause(error, secrets),
    code: code === undefined ? undefined : redactText(code, secrets),
  };
}
