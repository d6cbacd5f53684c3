/** A task that is known by its id: from a submit, or resumed. */
import { fetchTask } from "../api/operations.js";
import { readOf, type TaskFacts } from "../contract/contract.js";
import type { DefaultPending } from "../contract/default.js";
import { MagnificError } from "../errors/magnific-error.js";
import { AbortedError } from "../errors/network-errors.js";
import { InvalidRequestError } from "../errors/request-errors.js";
import { TaskFailedError } from "../errors/task-errors.js";
import { isTaskId } from "../http/api-error.js";
import type { CallEnvironment } from "../http/call.js";
import { type CallOptions, checkCall } from "../http/call-options.js";
import { withFacts } from "../http/failure.js";
import { type CompletedTask, parseTask, reportUnknownStatus, type Task } from "./task.js";
import { type StatusesOptions, type WaitOptions, watch } from "./watch.js";

/** What a submit knows of the task that it made. */
export interface Submitted {
  /** The status in the response. */
  readonly status?: string | undefined;
  /** `x-request-id` of the response. */
  readonly requestId?: string | undefined;
  /** Digest of image and parameters. */
  readonly digest?: string | undefined;
  /** The provider's response as it came. Absent where the task was not made by this call: of `magnific.task(id)`, or known to a store. */
  readonly response?: SubmitResponse | undefined;
}

/** The response to a submit. */
export interface SubmitResponse {
  readonly status: number;
  /** All headers, but for one that repeats the key. */
  readonly headers: Headers;
  /** `x-request-id` of the response. */
  readonly requestId?: string | undefined;
}

export interface TaskHandle<Pending extends string = DefaultPending> extends Submitted {
  /** Save this: with it, any process resumes the task by `magnific.task(id)`. */
  readonly id: string;

  /**
   * The task as it is now: one request, retried as `retry` allows.
   *
   * @throws {NotFoundError} when the key has no such task. @throws {EmptyResultError} when it is COMPLETED without an image.
   * @throws {MagnificError} any other failure of a request; always with the `taskId`.
   */
  get(options?: CallOptions): Promise<Task<Pending>>;

  /**
   * Waits until the task is COMPLETED. Polls by the client's `poll`, for a resumed task at once. Single failures and
   * unknown statuses do not end it.
   *
   * @throws {TaskFailedError} when it ends FAILED. @throws {EmptyResultError} when it stays COMPLETED without an image.
   * @throws {WaitTimeoutError} when `timeout` is over. @throws {AbortedError} when the signal fires.
   * @throws {MagnificError} when a poll fails for good (401, 402, 403, 404, a used-up limit). All with the `taskId`.
   */
  wait(options?: WaitOptions<Pending>): Promise<CompletedTask>;

  /** The task when it is first seen and on each change of its status, up to COMPLETED or FAILED. Throws as `wait`, but not for FAILED. */
  statuses(options?: StatusesOptions): AsyncIterable<Task<Pending>>;
}

const UUID = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i;

/** Checks an id of the caller before anything is sent. @throws {InvalidRequestError} */
function checkTaskId(contract: TaskFacts, id: string): void {
  const { parameter, uuid } = contract.read;
  if (uuid ? typeof id === "string" && UUID.test(id) : isTaskId(id)) return;
  const shown = typeof id === "string" ? JSON.stringify(id.slice(0, 60)) : String(id);
  const message = `must be the ${uuid ? "UUID" : "id"} of a task, not ${shown}; magnific.api.GET takes any id`;
  throw new InvalidRequestError(readOf(contract), [{ field: parameter, rule: "format", message }]);
}

/** A handle whose operation is loaded when it is used. */
export function lazyHandle(id: string, load: () => Promise<TaskHandle>): TaskHandle {
  return {
    id,
    get: async (options) => (await load()).get(options),
    wait: async (options) => (await load()).wait(options),
    async *statuses(options) {
      yield* (await load()).statuses(options);
    },
  };
}

/** @param submitted Passed by a submit; without it the id is the caller's. @throws {InvalidRequestError} when that is not a UUID. */
export function taskHandle(environment: CallEnvironment, id: string, submitted?: Submitted): TaskHandle {
  if (submitted === undefined) checkTaskId(environment.contract, id);
  const submission = submitted && { status: submitted.status, at: environment.settings.time.monotonic() };
  return {
    ...submitted,
    id,
    async get(options = {}) {
      checkCall(options, { taskId: id });
      try {
        const response = await fetchTask(environment, id, options);
        const task = parseTask(environment, id, response.data, response.requestId);
        if (task.status === "UNKNOWN") reportUnknownStatus(environment, task, response);
        return task;
      } catch (error) {
        throw error instanceof MagnificError ? withFacts(error, { taskId: id }) : error;
      }
    },
    async wait(options = {}) {
      for await (const task of watch(environment, id, submission, options, options?.onStatus)) {
        if (task.status === "COMPLETED") return task;
        const facts = { taskId: id, requestId: task.requestId };
        if (task.status === "FAILED")
          throw new TaskFailedError(`Task ${id} failed. The provider gives no reason.`, facts);
      }
      throw new AbortedError(`The wait for task ${id} ended without a result.`, { taskId: id });
    },
    statuses: (options = {}) => watch(environment, id, submission, options),
  };
}
