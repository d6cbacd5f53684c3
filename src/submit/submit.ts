/** A submit as a whole: check, store, send, and the handle of the task. */
import { submitTask } from "../api/operations.js";
import { submitOf, type TaskContract } from "../contract/contract.js";
import type { DefaultPending } from "../contract/default.js";
import type { CallEnvironment } from "../http/call.js";
import { type CallOptions, checkCall } from "../http/call-options.js";
import { A_STORE, checkCounting } from "../options.js";
import type { TaskStore } from "../store/task-store.js";
import { type TaskHandle, taskHandle } from "../task/handle.js";
import { checkWait, type WaitOptions } from "../task/watch.js";
import { abortScope } from "../util/abort-scope.js";
import { A_FUNCTION, A_SIGNAL, AN_OBJECT, about, type Kinds, orFalse } from "../util/check-options.js";
import { prepareRequest } from "./request.js";

export interface SubmitOptions extends CallOptions {
  /**
   * For a shutdown: cancels before sending or between retries; a request in flight finishes. The promise rejects with an
   * `AbortedError` whose `submission` is `not_sent` or `rejected`; `unknown` where a store had it wait for another call that
   * sends the same. Default: none.
   */
  readonly stop?: AbortSignal | undefined;
  /** Remembers what was submitted. Default: the client's `store`. `false`: this request is sent without asking the store, and not recorded. */
  readonly store?: TaskStore | false | undefined;
  /**
   * Fields that the provider takes but its document does not name yet. They are sent as they are, unchecked, and `onRequest`
   * and the log name them. A field that the document has is refused here, and so is the key in a value. Default: none.
   */
  readonly extraBody?: Readonly<Record<string, unknown>> | undefined;
  /** Called and waited for before each attempt, when its turn in the rate limit has come and nothing has been sent. When it throws, nothing is sent and the submit ends. */
  readonly beforeSend?: ((attempt: number) => void | Promise<void>) | undefined;
}

const KINDS: Kinds = { stop: A_SIGNAL, beforeSend: A_FUNCTION, extraBody: AN_OBJECT, store: orFalse(A_STORE) };
const notSent = (contract: TaskContract) => ({ operation: submitOf(contract), submission: "not_sent" }) as const;

/** How a task is waited for, and how it is sent. */
export interface RunOptions<Pending extends string = DefaultPending> extends WaitOptions<Pending> {
  /** How the submit is sent; its `signal` is that of the whole. */
  readonly submit?: Omit<SubmitOptions, "signal"> | undefined;
}

/** How an upscale is waited for, and how it is sent. */
export type UpscaleOptions = RunOptions;

/** What would end the wait at its start is said before the submit is paid for. @throws {ConfigurationError} */
export function checkRun(contract: TaskContract, options: object): void {
  about(notSent(contract), () => checkWait(options, { submit: AN_OBJECT }));
}

export async function submit(
  environment: CallEnvironment,
  request: object,
  options: SubmitOptions,
): Promise<TaskHandle> {
  const { contract, settings } = environment;
  checkCall(options, notSent(contract), KINDS);
  const { signal, stop, beforeSend } = options;
  const store = options.store ?? settings.store;
  const { maxSubmits } = settings;
  // A request that is not recorded is counted all the same.
  const counting: TaskStore | undefined = store || settings.store;
  about(notSent(contract), () => checkCounting(maxSubmits, counting));
  // Ends it before it is sent and between retries; a request in flight finishes unless `signal` fires.
  const scope = stop && abortScope(settings.time, Number.POSITIVE_INFINITY, signal, stop);
  const idle = scope?.signal ?? signal;
  try {
    const prepared = await prepareRequest(request, environment, { ...options, signal: idle });
    const sendNow = async (digest?: string): Promise<TaskHandle> => {
      const call = { options, idle, body: prepared.body, unchecked: prepared.unchecked, beforeSend, digest };
      const { data, status, headers, requestId } = await submitTask(environment, call);
      const response = { status, headers, requestId };
      const { [contract.id]: id, [contract.status]: sent } = data;
      const facts = { status: typeof sent === "string" ? sent : undefined, requestId, digest, response };
      return taskHandle(environment, String(id), facts);
    };
    const send = async (digest?: string): Promise<TaskHandle> => {
      if (maxSubmits === undefined) return sendNow(digest);
      const { submitWithin } = await import("./submit-limit.js");
      return submitWithin({ contract, settings, prepared, options, idle, maxSubmits, counting, digest, send: sendNow });
    };
    if (store === undefined || store === false) return await send();
    // Loaded when there is a store: it brings SHA-256 along.
    const { submitOnce } = await import("./submit-once.js");
    return await submitOnce({ ...environment, prepared, store, options, idle, send });
  } finally {
    scope?.close();
  }
}
