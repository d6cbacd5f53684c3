/** A submit as a whole: check, store, send, and the handle of the task. */

import { submitTask } from "../api/operations.js";
import type { Exchanger } from "../http/call.js";
import { type CallOptions, checkCall } from "../http/call-options.js";
import { A_STORE } from "../options.js";
import type { TaskStore } from "../store/task-store.js";
import type { ClientContext } from "../task/context.js";
import { type TaskHandle, taskHandle } from "../task/handle.js";
import { checkWait, type WaitOptions } from "../task/watch.js";
import { abortScope } from "../util/abort-scope.js";
import { A_FUNCTION, A_SIGNAL, AN_OBJECT, about, type Kinds, orFalse } from "../util/check-options.js";
import { prepareRequest, SUBMIT, type UpscaleRequest } from "./request.js";
import { replayableDigest, submitOnce } from "./submit-once.js";

export interface SubmitOptions extends CallOptions {
  /**
   * Ends the submit where nothing of it is under way: before it is sent, and in the pause before it is sent again. What is
   * being sent goes on to its answer, which `signal` would cut off, and nobody would know whether there is a task. For a
   * shutdown. The promise rejects with an `AbortedError` whose `submission` is `not_sent` or `rejected`; `unknown` where a
   * store had it wait for another call's send of the same. Default: none.
   */
  readonly stop?: AbortSignal | undefined;
  /** Remembers what was submitted. Default: the client's `store`. `false`: this request is sent whatever the store knows, and not written down. */
  readonly store?: TaskStore | false | undefined;
  /**
   * Called and waited for before each attempt, when its turn in the rate budget has come and nothing of it is sent yet:
   * the moment to write down that a send begins. When it throws, nothing is sent and the submit ends.
   */
  readonly beforeSend?: ((attempt: number) => void | Promise<void>) | undefined;
}

const KINDS: Kinds = {
  stop: A_SIGNAL,
  beforeSend: A_FUNCTION,
  store: orFalse(A_STORE),
};
const NOT_SENT = { operation: SUBMIT, submission: "not_sent" } as const;

/** How an upscale is waited for, and how it is sent. */
export interface UpscaleOptions extends WaitOptions {
  /** How the submit is sent; its `signal` is that of the whole. */
  readonly submit?: Omit<SubmitOptions, "signal"> | undefined;
}

/** What would end the wait at its start is said before the submit is paid for. @throws {ConfigurationError} */
export function checkUpscale(options: UpscaleOptions): void {
  about(NOT_SENT, () => {
    checkWait(options, { submit: AN_OBJECT });
  });
}

/** The digest of a request that is not sent. The image is read to its end. */
export async function requestDigest(
  exchanger: Exchanger,
  request: UpscaleRequest,
  options: Pick<CallOptions, "signal">,
): Promise<string> {
  checkCall(options, {});
  const prepared = await prepareRequest(request, exchanger.settings, options);
  return replayableDigest({ exchanger, prepared, options });
}

export async function submit(
  exchanger: Exchanger,
  context: ClientContext,
  request: UpscaleRequest,
  options: SubmitOptions,
): Promise<TaskHandle> {
  checkCall(options, NOT_SENT, KINDS);
  const { signal, stop } = options;
  const scope = stop ? abortScope(context.time, Number.POSITIVE_INFINITY, signal, stop) : undefined;
  try {
    return await submitWithin(scope?.signal ?? signal, { exchanger, context, request, options });
  } finally {
    scope?.close();
  }
}

interface Submit {
  readonly exchanger: Exchanger;
  readonly context: ClientContext;
  readonly request: UpscaleRequest;
  readonly options: SubmitOptions;
}

/** @param idle Ends it where nothing of it is under way. */
async function submitWithin(
  idle: AbortSignal | undefined,
  { exchanger, context, request, options }: Submit,
): Promise<TaskHandle> {
  const { settings } = exchanger;
  const waiting = { ...options, signal: idle };
  const prepared = await prepareRequest(request, settings, waiting);
  const store = options.store ?? settings.store;
  const send = async (): Promise<TaskHandle> => {
    const { data, requestId, digest } = await submitTask(exchanger, prepared, { ...options, idle });
    return taskHandle(context, data.task_id, { status: data.status, requestId, digest });
  };
  if (store === undefined || store === false) return send();
  return submitOnce({ exchanger, context, prepared, store, options: waiting, send });
}
