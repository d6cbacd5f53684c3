/** The provider's list of tasks. */
import type { CheckedResponse } from "../api/check-response.js";
import type { TaskFacts } from "../contract/contract.js";
import type { TaskStatus } from "../contract/default.js";
import { isTaskId } from "../http/api-error.js";
import type { RateFacts } from "../util/headers.js";
import { isObject } from "../util/json.js";

/** One task of the list. `magnific.task(id).get()` has its images. */
export interface ListedTask {
  readonly id: string;
  /** As the provider sends it; one of the document's, unless the provider has added one. */
  readonly status: TaskStatus | (string & {});
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

export function taskList(contract: TaskFacts, response: CheckedResponse<readonly unknown[]>): TaskList {
  const { data, requestId, rate } = response;
  // An entry without an id says nothing; it was reported.
  const tasks = data.flatMap((one): ListedTask[] => {
    const { [contract.id]: id, [contract.status]: status } = isObject(one) ? one : {};
    return isTaskId(id) && typeof status === "string" ? [{ id, status }] : [];
  });
  const unreadable = data.length - tasks.length;
  // Not enumerable: the list compares and prints as a plain array.
  return Object.defineProperties(tasks, {
    requestId: { value: requestId },
    rate: { value: rate },
    unreadable: { value: unreadable },
  }) as ListedTask[] & Pick<TaskList, "unreadable">;
}
