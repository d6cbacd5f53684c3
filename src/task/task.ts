/** A task as one response shows it. */
import { taskStatusValues } from "../../generated/upscaler-precision/schema.js";
import type { CheckedResponse } from "../api/wire.js";
import { UnexpectedResponseError } from "../errors/network-errors.js";
import { EmptyResultError } from "../errors/task-errors.js";
import { ResultImage } from "../result/result-image.js";
import type { ClientContext } from "./context.js";
import { READ_TASK } from "./task-id.js";
import { isTaskStatus, type UncheckedTask, urlsOf } from "./wire-task.js";

interface TaskFacts {
  readonly id: string;
  /** `x-request-id` of the response this was read from, where it had one. */
  readonly requestId?: string | undefined;
  /** The task as it arrived, with every field that the document does not declare. */
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
  /** The status as the provider sends it. */
  readonly wireStatus: string;
}

export type Task = PendingTask | CompletedTask | FailedTask | UnknownTask;

/** The status as the provider sends it. */
export function wireStatusOf(task: Task): string {
  return task.status === "UNKNOWN" ? task.wireStatus : task.status;
}

/**
 * @throws {EmptyResultError} when the task is COMPLETED but names no image.
 * @throws {UnexpectedResponseError} when the response contains no task or another one: its images would be somebody else's.
 */
export function parseTask(context: ClientContext, id: string, wire: UncheckedTask, requestId?: string): Task {
  const { task_id: answered, status } = wire ?? {};
  const facts = { taskId: id, requestId };
  if (typeof status !== "string")
    throw new UnexpectedResponseError(`The response for task ${id} contains no status.`, facts);
  if (typeof answered === "string" && answered.toLowerCase() !== id.toLowerCase())
    throw new UnexpectedResponseError(`The response for task ${id} is about another task.`, facts);

  const task = { id, ...(requestId === undefined ? {} : { requestId }), raw: { ...wire } };
  if (!isTaskStatus(status)) return { ...task, status: "UNKNOWN", wireStatus: status };
  if (status !== "COMPLETED") return { ...task, status };
  const [first, ...rest] = urlsOf(wire).map((url) => new ResultImage(context, url, id));
  if (first === undefined)
    throw new EmptyResultError(`Task ${id} is COMPLETED, but the response names no image.`, facts);
  return { ...task, status, images: [first, ...rest] };
}

/** Reports that the provider uses a status the document does not know. */
export function reportUnknownStatus(
  context: ClientContext,
  task: UnknownTask,
  { status, requestId }: CheckedResponse<unknown>,
): void {
  context.reportViolation({
    operation: READ_TASK,
    status,
    requestId,
    taskId: task.id,
    place: "/data/status",
    message: `is none of ${taskStatusValues.join(", ")}`,
  });
}
