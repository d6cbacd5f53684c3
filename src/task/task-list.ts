/** The provider's list of tasks. */
import type { CheckedResponse, WireTask } from "../api/wire.js";
import type { RateFacts } from "../util/headers.js";

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
}

export function taskList({ data, requestId, rate }: CheckedResponse<readonly WireTask[]>): TaskList {
  const tasks = data.map(({ task_id: id, status }) => ({ id, status }));
  // Not enumerable: the list compares and prints as a plain array.
  return Object.defineProperties(tasks, { requestId: { value: requestId }, rate: { value: rate } });
}
