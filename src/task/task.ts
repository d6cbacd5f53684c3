/** A task as one answer shows it. */

import { EmptyResultError } from "../errors/empty-result-error.js";
import { UnexpectedResponseError } from "../errors/unexpected-response-error.js";
import { ResultImage } from "../result/result-image.js";
import type { ClientContext } from "./context.js";
import { isTaskStatus, type TaskDetail, urlsOf } from "./detail.js";

interface TaskFacts {
  readonly id: string;
  /** `x-request-id` of the answer this was read from, where it had one. */
  readonly requestId?: string | undefined;
  /** The task as it came over the wire, with every field that the document does not declare. */
  readonly raw: Readonly<Record<string, unknown>>;
}

/** Not worked on yet, or being worked on. */
export interface PendingTask extends TaskFacts {
  readonly status: "CREATED" | "IN_PROGRESS";
}

export interface CompletedTask extends TaskFacts {
  readonly status: "COMPLETED";
  readonly images: readonly [ResultImage, ...ResultImage[]];
}

/** Ended without a result. The provider gives no reason. */
export interface FailedTask extends TaskFacts {
  readonly status: "FAILED";
}

/** In a status that the document does not know. Not an error: the enum has grown before. */
export interface UnknownTask extends TaskFacts {
  readonly status: "UNKNOWN";
  /** The status as the provider says it. */
  readonly wireStatus: string;
}

export type Task = PendingTask | CompletedTask | FailedTask | UnknownTask;

/** The status as the provider says it. */
export function wireStatusOf(task: Task): string {
  return task.status === "UNKNOWN" ? task.wireStatus : task.status;
}

/**
 * @throws {EmptyResultError} when the task is COMPLETED but names no image.
 * @throws {UnexpectedResponseError} when the answer holds no task or another one: its images would be somebody else's.
 */
export function parseTask(context: ClientContext, id: string, detail: TaskDetail, requestId?: string): Task {
  const { task_id: answered, status } = detail ?? {};
  const facts = { taskId: id, requestId };
  if (typeof status !== "string")
    throw new UnexpectedResponseError(`The answer for task ${id} holds no status.`, facts);
  if (typeof answered === "string" && answered.toLowerCase() !== id.toLowerCase())
    throw new UnexpectedResponseError(`The answer for task ${id} is about another task.`, facts);

  const task = { id, ...(requestId === undefined ? {} : { requestId }), raw: { ...detail } };
  if (!isTaskStatus(status)) return { ...task, status: "UNKNOWN", wireStatus: status };
  if (status !== "COMPLETED") return { ...task, status };
  const [first, ...rest] = urlsOf(detail).map((url) => new ResultImage(context, url, id));
  if (first === undefined) throw new EmptyResultError(`Task ${id} is COMPLETED, but the answer names no image.`, facts);
  return { ...task, status, images: [first, ...rest] };
}
