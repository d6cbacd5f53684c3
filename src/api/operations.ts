/** The three operations of the provider, each as one call: sent, retried, checked. */
import { OPERATIONS } from "../../generated/upscaler-precision/constants.js";
import {
  getAiImageUpscalerPrecisionTaskResponse200,
  getAiImageUpscalerPrecisionTasksResponse200,
  postAiImageUpscalerPrecisionResponse200,
} from "../../generated/upscaler-precision/validators.js";
import { isTaskId } from "../http/api-error.js";
import type { Call, CallEnvironment } from "../http/call.js";
import type { CallOptions } from "../http/call-options.js";
import { retryLoop } from "../http/retry-loop.js";
import { isObject } from "../util/json.js";
import { checkResponse, type Expectation } from "./check-response.js";
import type { CheckedResponse, WireTaskDetail } from "./wire.js";

type Checked<T> = Promise<CheckedResponse<T>>;

const POST = OPERATIONS.postAiImageUpscalerPrecision;
const GET = OPERATIONS.getAiImageUpscalerPrecisionTask;
const LIST = OPERATIONS.getAiImageUpscalerPrecisionTasks;

const SUBMITTED: Expectation<WireTaskDetail> = {
  validate: postAiImageUpscalerPrecisionResponse200,
  // All that a paid task needs is its id: with it, everything else can be asked for.
  pick: ({ data }) => (isObject(data) && isTaskId(data.task_id) ? (data as WireTaskDetail) : undefined),
  wanted: "task id",
};
const TASK: Expectation<WireTaskDetail> = {
  validate: getAiImageUpscalerPrecisionTaskResponse200,
  // A status that is not in the enum is a matter of the task, which knows whether it was reported before.
  except: (place, keyword) => place === "/data/status" && keyword === "enum",
  pick: ({ data }) => (isObject(data) ? (data as WireTaskDetail) : undefined),
  wanted: "task",
};
const TASKS: Expectation<readonly unknown[]> = {
  validate: getAiImageUpscalerPrecisionTasksResponse200,
  pick: ({ data }) => (Array.isArray(data) ? data : undefined),
  wanted: "list of tasks",
};

/** Sends a request that was checked. Its body is closed on every way out. */
export function submitTask(
  environment: CallEnvironment,
  call: Pick<Call, "options" | "idle" | "body" | "beforeSend" | "unchecked" | "digest">,
): Checked<WireTaskDetail> {
  return callApi(environment, SUBMITTED, {
    ...call,
    operation: `${POST.method} ${POST.path}`,
    kind: "submit",
    // The serializer of an attempt streams the image; what stands here is only not nothing.
    send: (api, init) => api.POST(POST.path, { ...init, body: { image: "" } }),
  });
}

export function fetchTask(environment: CallEnvironment, taskId: string, options: CallOptions): Checked<WireTaskDetail> {
  return callApi(environment, TASK, {
    operation: `${GET.method} ${GET.path}`,
    kind: "read",
    taskId,
    options,
    send: (api, init) => api.GET(GET.path, { ...init, params: { path: { "task-id": taskId } } }),
  });
}

export function listTasks(environment: CallEnvironment, options: CallOptions): Checked<readonly unknown[]> {
  return callApi(environment, TASKS, {
    operation: `${LIST.method} ${LIST.path}`,
    kind: "read",
    options,
    send: (api, init) => api.GET(LIST.path, init),
  });
}

async function callApi<T>(environment: CallEnvironment, expected: Expectation<T>, call: Call): Checked<T> {
  const [response, attempts] = await retryLoop(environment, call);
  return checkResponse(response, expected, { ...call, attempts }, environment.settings);
}
