/** A submit as a whole: check, store, send, and the handle of the task. */
import type { CallOptions, ClientContext } from "./context.js";
import type { Exchanger } from "./exchange.js";
import { submitTask } from "./operations.js";
import { prepareRequest, type UpscaleRequest } from "./request.js";
import { submitOnce } from "./store/submit-once.js";
import type { TaskStore } from "./store/task-store.js";
import { type TaskHandle, taskHandle } from "./task/handle.js";

export interface SubmitOptions extends CallOptions {
  /** Remembers what was submitted. Default: the client's `store`. `false`: this request is sent whatever the store knows, and not written down. */
  readonly store?: TaskStore | false | undefined;
}

export async function submit(
  exchanger: Exchanger,
  context: ClientContext,
  request: UpscaleRequest,
  options: SubmitOptions,
): Promise<TaskHandle> {
  const { settings } = exchanger;
  const prepared = await prepareRequest(request, settings);
  const store = options.store ?? settings.store;
  const send = async (): Promise<TaskHandle> => {
    const { data, requestId, digest } = await submitTask(exchanger, prepared, options);
    return taskHandle(context, data.task_id, { status: data.status, requestId, digest });
  };
  if (store === undefined || store === false) return send();
  return submitOnce({ exchanger, context, prepared, store, options, send });
}
