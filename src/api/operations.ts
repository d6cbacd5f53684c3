/** The operations of a task, each as one call: sent, retried, checked. */
import {
  readOf,
  statusPlace,
  submitOf,
  type TaskContract,
  type UncheckedTask,
  unwrapped,
} from "../contract/contract.js";
import { ConfigurationError } from "../errors/request-errors.js";
import { isTaskId } from "../http/api-error.js";
import type { Call, CallEnvironment } from "../http/call.js";
import type { CallOptions } from "../http/call-options.js";
import { retryLoop } from "../http/retry-loop.js";
import { isObject } from "../util/json.js";
import { type CheckedResponse, checkResponse, type Expectation } from "./check-response.js";

type Checked<T> = Promise<CheckedResponse<T>>;

function taskIn(contract: TaskContract, body: Readonly<Record<string, unknown>>): UncheckedTask | undefined {
  const found = unwrapped(contract, body);
  return isObject(found) ? found : undefined;
}

/** Sends a request that was checked. Its body is closed on every way out. */
export function submitTask(
  environment: CallEnvironment,
  call: Pick<Call, "options" | "idle" | "body" | "beforeSend" | "unchecked" | "digest">,
): Checked<UncheckedTask> {
  const { contract } = environment;
  const expected: Expectation<UncheckedTask> = {
    validate: contract.validateSubmit,
    // All that a paid task needs is its id: with it, everything else can be asked for.
    pick: (body) => {
      const task = taskIn(contract, body);
      return isTaskId(task?.[contract.id]) ? task : undefined;
    },
    wanted: "task id",
  };
  return callApi(environment, expected, {
    ...call,
    operation: submitOf(contract),
    kind: "submit",
    // The serializer of an attempt streams the body; what stands here is only not nothing.
    send: (api, init) => api.POST(contract.submit.path, { ...init, body: {} }),
  });
}

export function fetchTask(environment: CallEnvironment, taskId: string, options: CallOptions): Checked<UncheckedTask> {
  const { contract } = environment;
  const { path, parameter } = contract.read;
  const status = statusPlace(contract);
  const expected: Expectation<UncheckedTask> = {
    validate: contract.validateTask,
    // A status that is not in the enum is a matter of the task, which knows whether it was reported before.
    except: (place, keyword) => place === status && keyword === "enum",
    pick: (body) => taskIn(contract, body),
    wanted: "task",
  };
  return callApi(environment, expected, {
    operation: readOf(contract),
    kind: "read",
    taskId,
    options,
    send: (api, init) => api.GET(path, { ...init, params: { path: { [parameter]: taskId } } }),
  });
}

/** @throws {ConfigurationError} when the operation has no list. */
export async function listTasks(environment: CallEnvironment, options: CallOptions): Checked<readonly unknown[]> {
  const { contract } = environment;
  const path = contract.list?.path;
  if (path === undefined) throw new ConfigurationError(`${submitOf(contract)} has no operation that lists its tasks.`);
  const expected: Expectation<readonly unknown[]> = {
    validate: contract.validateList ?? ((_body): _body is unknown => true),
    pick: (body) => {
      const found = unwrapped(contract, body);
      return Array.isArray(found) ? found : undefined;
    },
    wanted: "list of tasks",
  };
  const operation = `GET ${path}`;
  return callApi(environment, expected, { operation, kind: "read", options, send: (api, init) => api.GET(path, init) });
}

async function callApi<T>(environment: CallEnvironment, expected: Expectation<T>, call: Call): Checked<T> {
  const [response, attempts] = await retryLoop(environment, call);
  return checkResponse(response, expected, { ...call, attempts }, environment);
}
