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
import { type ContractViolation, tell } from "../http/hooks.js";
import { retryLoop } from "../http/retry-loop.js";
import { isObject } from "../util/json.js";
import { checkResponse, type Expectation } from "./check-response.js";
import type { CheckedResponse, WireTask, WireTaskDetail } from "./wire.js";

const { getAiImageUpscalerPrecisionTask: GET, getAiImageUpscalerPrecisionTasks: LIST } = OPERATIONS;
const { postAiImageUpscalerPrecision: POST } = OPERATIONS;

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
const TASKS: Expectation<readonly WireTask[]> = {
  validate: getAiImageUpscalerPrecisionTasksResponse200,
  // An entry without an id says nothing; it was reported.
  pick: ({ data }) => (Array.isArray(data) ? data.filter(isListed) : undefined),
  wanted: "list of tasks",
};

function isListed(entry: unknown): entry is WireTask {
  return isObject(entry) && isTaskId(entry.task_id) && typeof entry.status === "string";
}

/** Sends a request that was checked. Its body is closed on every way out. */
export function submitTask(
  environment: CallEnvironment,
  call: Pick<Call, "options" | "idle" | "body" | "beforeSend" | "digest">,
): Promise<CheckedResponse<WireTaskDetail>> {
  return callApi(environment, SUBMITTED, {
    ...call,
    operation: `${POST.method} ${POST.path}`,
    kind: "submit",
    // The serializer of an attempt streams the image; what stands here is only not nothing.
    send: (api, init) => api.POST(POST.path, { ...init, body: { image: "" } }),
  });
}

/** `GET /v1/ai/image-upscaler-precision/{task-id}`. */
export function fetchTask(
  environment: CallEnvironment,
  taskId: string,
  options: CallOptions,
): Promise<CheckedResponse<WireTaskDetail>> {
  return callApi(environment, TASK, {
    operation: `${GET.method} ${GET.path}`,
    kind: "read",
    taskId,
    options,
    send: (api, init) => api.GET(GET.path, { ...init, params: { path: { "task-id": taskId } } }),
  });
}

/** `GET /v1/ai/image-upscaler-precision`. */
export function listTasks(
  environment: CallEnvironment,
  options: CallOptions,
): Promise<CheckedResponse<readonly WireTask[]>> {
  return callApi(environment, TASKS, {
    operation: `${LIST.method} ${LIST.path}`,
    kind: "read",
    options,
    send: (api, init) => api.GET(LIST.path, init),
  });
}

async function callApi<T>(
  environment: CallEnvironment,
  expected: Expectation<T>,
  call: Call,
): Promise<CheckedResponse<T>> {
  const { response, attempts } = await retryLoop(environment, call);
  const found = (violation: ContractViolation): void => report(environment, violation);
  return checkResponse(response, expected, { ...call, attempts }, found, environment.settings.time.now());
}

export function report({ settings }: Pick<CallEnvironment, "settings">, violation: ContractViolation): void {
  tell("onContractViolation", settings.hooks.onContractViolation, violation);
}
