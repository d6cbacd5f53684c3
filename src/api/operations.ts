/** The three operations of the provider, each as one call: sent, retried, looked into. */
import { OPERATIONS } from "../../generated/upscaler-precision/constants.js";
import {
  getAiImageUpscalerPrecisionTaskResponse200,
  getAiImageUpscalerPrecisionTasksResponse200,
  postAiImageUpscalerPrecisionResponse200,
} from "../../generated/upscaler-precision/validators.js";
import type { Call, Exchanger } from "../http/call.js";
import type { CallOptions } from "../http/call-options.js";
import type { ContractViolation } from "../http/hooks.js";
import { tell } from "../http/hooks.js";
import { exchange } from "../http/retry-loop.js";
import { digestOf, type PreparedRequest, SUBMIT } from "../submit/request.js";
import { isObject, lookInto } from "./check-response.js";
import type { CheckedResponse, WireTask, WireTaskDetail } from "./wire.js";

const { getAiImageUpscalerPrecisionTask: GET, getAiImageUpscalerPrecisionTasks: LIST } = OPERATIONS;
const { postAiImageUpscalerPrecision: POST } = OPERATIONS;

/** openapi-fetch says where a body goes and never sees it: the attempt itself hands it to the fetch. */
const UNSEEN = undefined as unknown as { image: string };

export interface SubmitAnswer extends CheckedResponse<WireTaskDetail> {
  readonly digest: string | undefined;
}

/** Sends a request that was checked. Its body is closed on every way out. */
export async function submitTask(
  exchanger: Exchanger,
  { body, fields }: PreparedRequest,
  options: CallOptions & Pick<Call, "beforeSend" | "idle">,
): Promise<SubmitAnswer> {
  const { settings } = exchanger;
  const call: Call = {
    operation: SUBMIT,
    kind: "submit",
    options,
    idle: options.idle,
    body,
    beforeSend: options.beforeSend,
    digestOf: (imageHash) => digestOf(settings.origin, fields, imageHash),
    send: (api, sending) => api.POST(POST.path, { ...sending, body: UNSEEN }),
  };
  const { answer, attempts, digest } = await exchange(exchanger, call);
  const { data, status, requestId, rate } = lookInto(answer, {
    call,
    validate: postAiImageUpscalerPrecisionResponse200,
    // All that a paid task needs is its id: with it, everything else can be asked for.
    pick: ({ data }) => (isObject(data) && isTaskId(data.task_id) ? (data as unknown as WireTaskDetail) : undefined),
    wanted: "task id",
    report: (violation) => report(exchanger, violation),
    about: { attempts, digest },
    now: settings.time.now(),
  });
  return { data, status, requestId, rate, digest };
}

/** `GET /v1/ai/image-upscaler-precision/{task-id}`. */
export async function fetchTask(
  exchanger: Exchanger,
  id: string,
  options: CallOptions,
): Promise<CheckedResponse<WireTaskDetail>> {
  const call: Call = {
    operation: `${GET.method} ${GET.path}`,
    kind: "read",
    taskId: id,
    options,
    send: (api, sending) => api.GET(GET.path, { ...sending, params: { path: { "task-id": id } } }),
  };
  const { answer, attempts } = await exchange(exchanger, call);
  return lookInto(answer, {
    call,
    validate: getAiImageUpscalerPrecisionTaskResponse200,
    // A status that is not in the enum is a matter of the task, which knows whether it said so before.
    except: (place, keyword) => place === "/data/status" && keyword === "enum",
    pick: ({ data }) => (isObject(data) ? (data as unknown as WireTaskDetail) : undefined),
    wanted: "task",
    report: (violation) => report(exchanger, violation),
    about: { attempts },
    now: exchanger.settings.time.now(),
  });
}

/** `GET /v1/ai/image-upscaler-precision`. */
export async function listTasks(
  exchanger: Exchanger,
  options: CallOptions,
): Promise<CheckedResponse<readonly WireTask[]>> {
  const call: Call = {
    operation: `${LIST.method} ${LIST.path}`,
    kind: "read",
    options,
    send: (api, sending) => api.GET(LIST.path, { ...sending }),
  };
  const { answer, attempts } = await exchange(exchanger, call);
  return lookInto(answer, {
    call,
    validate: getAiImageUpscalerPrecisionTasksResponse200,
    pick: ({ data }) => (Array.isArray(data) ? (data.filter(isListed) as unknown as WireTask[]) : undefined),
    wanted: "list of tasks",
    report: (violation) => report(exchanger, violation),
    about: { attempts },
    now: exchanger.settings.time.now(),
  });
}

export function report({ settings }: Pick<Exchanger, "settings">, violation: ContractViolation): void {
  tell("onContractViolation", settings.hooks.onContractViolation, violation);
}

/** Usable as a part of a path. The document says UUID; another form is reported, but a paid task is not lost for it. */
function isTaskId(id: unknown): boolean {
  return typeof id === "string" && /^[A-Za-z0-9][\w.~-]{0,199}$/.test(id);
}

/** An entry without an id tells nothing; it was reported. */
function isListed(entry: unknown): boolean {
  return isObject(entry) && isTaskId(entry.task_id) && typeof entry.status === "string";
}
