/** One attempt of a call, within its deadline: key, body, fetch, answer. Never rejects: what went wrong is its outcome. */

import { ConfigurationError } from "../errors/configuration-error.js";
import { MagnificError } from "../errors/magnific-error.js";
import { StoreError } from "../errors/store-error.js";
import { checkedKey, type Settings } from "../options.js";
import { abortScope, orAborted } from "../util/abort-scope.js";
import { safeCause } from "../util/redact.js";
import type { Call, Exchanger } from "./call.js";
import type { Trouble } from "./call-errors.js";
import { tell } from "./hooks.js";
import type { RawAnswer } from "./read-response.js";
import type { Phase } from "./retry-policy.js";
import { type Fetch, keysOf, type Progress, payloadOf, sendingOf } from "./sending.js";
import { answerTrouble, failureTrouble } from "./trouble.js";

export interface Outcome {
  readonly answer: RawAnswer | undefined;
  /** Absent when the answer is 2xx. */
  readonly trouble: Trouble | undefined;
  readonly phase: Phase;
  /** Digest of the request, where its whole image was handed out. */
  readonly digest: string | undefined;
}

/** Milliseconds in which a source may close itself before nobody waits for it any more. */
const CLOSING = 1_000;

/** @param timeout Milliseconds. */
export async function attemptOnce(
  exchanger: Exchanger,
  call: Call,
  attempt: number,
  timeout: number,
): Promise<Outcome> {
  const { settings } = exchanger;
  const scope = abortScope(settings.time, timeout, call.options.signal);
  const body = call.body?.open();
  const state: Progress = { answer: undefined, answered: false, key: undefined };
  const outcome = (trouble: Trouble | undefined): Outcome => {
    const hash = body?.imageHash;
    return {
      answer: state.answer,
      trouble,
      phase: state.answered ? "answered" : (body?.phase ?? "waiting"),
      digest: hash === undefined ? undefined : call.digestOf?.(hash),
    };
  };
  try {
    const key = keyFor(settings);
    state.key = typeof key === "string" ? key : await orAborted(scope.signal, key);
    if (call.beforeSend) await orAborted(scope.signal, noted(call.beforeSend, attempt, keysOf(state)));
    // A call that waited for nothing has not heard yet that it is over.
    if (scope.signal.aborted) throw scope.signal.reason;
    const fetch: Fetch = settings.fetch();
    const made = body && payloadOf(body, fetch);
    const payload = made instanceof Promise ? await orAborted(scope.signal, made) : made;
    const { onRequest } = settings.hooks;
    if (onRequest !== undefined) {
      const { operation, taskId } = call;
      const facts = call.body && { type: "application/json", length: call.body.length };
      tell("onRequest", onRequest, { operation, taskId, attempt, body: facts });
    }
    await call.send(exchanger.api(), sendingOf(settings, fetch, call, scope, payload, state));
    return outcome(answerTrouble(state.answer, keysOf(state)));
  } catch (error) {
    return outcome(
      failureTrouble(error, { scope, timeout, signal: call.options.signal, body, secrets: keysOf(state) }),
    );
  } finally {
    // What nobody reads on would keep its connection: an early answer's request, a cut answer's rest.
    const complete = state.answer?.cut === false && (body === undefined || body.phase === "waiting");
    if (complete) scope.close();
    else scope.abort();
    const closing = body?.close();
    if (closing !== undefined) await closed(settings, closing);
  }
}

/** The key for one attempt. @throws {ConfigurationError} */
export function keyFor({ apiKey }: Settings): string | Promise<string> {
  return typeof apiKey === "string" ? apiKey : keyFrom(apiKey);
}

async function keyFrom(apiKey: () => string | Promise<string>): Promise<string> {
  let key: unknown;
  try {
    key = await apiKey();
  } catch (error) {
    throw new ConfigurationError("The function given as `apiKey` failed.", { cause: safeCause(error, []) });
  }
  return checkedKey(key);
}

/** Nothing is sent that could not be written down first. @throws {StoreError} */
async function noted(
  beforeSend: (attempt: number) => void | Promise<void>,
  attempt: number,
  secrets: readonly string[],
): Promise<void> {
  try {
    await beforeSend(attempt);
  } catch (error) {
    if (error instanceof MagnificError) throw error;
    throw new StoreError("The request was not sent: `beforeSend` failed.", { cause: safeCause(error, secrets) });
  }
}

/** Waits for a body's source to close; one that does not come to an end is left to itself. */
async function closed({ time }: Settings, closing: Promise<void>): Promise<void> {
  let cancel: (() => void) | undefined;
  const late = new Promise<void>((resolve) => {
    cancel = time.after(CLOSING, resolve);
  });
  await Promise.race([closing, late]);
  cancel?.();
}
