/** The provider's list of tasks. */
import type { CheckedResponse, WireTask } from "../api/wire.js";
import { isTaskId } from "../http/api-error.js";
import type { RateFacts } from "../util/headers.js";
import { isObject } from "../util/json.js";

/** One task of the list. `magnific.task(id).get()` has its images. */
export interface ListedTask {
  readonly id: string;
  /** As the provider sends it; one of the document's, unless the provider has added one. */
  readonly status: WireTask["status"] | (string & {});
}

/** The tasks, with the facts of the response they were in. */
export interface TaskList extends ReadonlyArray<ListedTask> {
  /** `x-request-id`, where the provider sent one. */
  readonly requestId?: string | undefined;
  /** `x-ratelimit-*`, where the provider sent them. */
  readonly rate?: RateFacts | undefined;
  /** How many entries of the response are left out here, because they have no id or no status. */
  readonly unreadable: number;
}

export function taskList({ data, requestId, rate }: CheckedResponse<readonly unknown[]>): TaskList {
  // An entry without an id says nothing; it was reported.
  const isTask = (one: unknown): one is WireTask =>
    isObject(one) && isTaskId(one.task_id) && typeof one.status === "string";
  const tasks = data.filter(isTask).map(({ task_id: id, status }) => ({ id, status }));
  const unreadable = data.length - tasks.length;
  // Not enumerable: the list compares and prints as a plain array.
  return Object.defineProperties(tasks, {
    requestId: { value: requestId },
    rate: { value: rate },
    unreadable: { value: unreadable },
  }) as ListedTask[] & Pick<TaskList, "unreadable">;
}
