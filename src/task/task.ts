/** A task as one response shows it. */
import type { CheckedResponse } from "../api/check-response.js";
import { readOf, statusPlace, type UncheckedTask } from "../contract/contract.js";
import type { DefaultPending } from "../contract/default.js";
import { UnexpectedResponseError } from "../errors/network-errors.js";
import { EmptyResultError } from "../errors/task-errors.js";
import type { CallEnvironment } from "../http/call.js";
import { tell } from "../http/hooks.js";
import { ResultImage } from "../result/result-image.js";
import { statusOf, urlsOf } from "./task-status.js";

interface Facts {
  readonly id: string;
  /** `x-request-id` of the response this was read from, where it had one. */
  readonly requestId?: string | undefined;
  /** The task as it arrived, with every field that the document does not declare. */
  readonly raw: Readonly<Record<string, unknown>>;
}

/** Not worked on yet, or being worked on; the statuses are those of the operation's document. */
export interface PendingTask<Pending extends string = DefaultPending> extends Facts {
  readonly status: Pending;
}

export interface CompletedTask extends Facts {
  readonly status: "COMPLETED";
  /** The results, whatever they are: images, and videos or others where the operation makes those. */
  readonly images: readonly [ResultImage, ...ResultImage[]];
}

/** Ended without a result. The provider gives no reason. */
export interface FailedTask extends Facts {
  readonly status: "FAILED";
}

/** In a status that the document does not know. Not an error: the enum has grown before. */
export interface UnknownTask extends Facts {
  readonly status: "UNKNOWN";
  /** The status as the provider sends it. */
  readonly wireStatus: string;
}

/** COMPLETED and FAILED are the same for every operation, whatever its document calls them; `raw` has the words of the document. */
export type Task<Pending extends string = DefaultPending> =
  | PendingTask<Pending>
  | CompletedTask
  | FailedTask
  | UnknownTask;

/**
 * @throws {EmptyResultError} when the task is COMPLETED but names no image.
 * @throws {UnexpectedResponseError} when the response contains no task or another one: its images would be somebody else's.
 */
export function parseTask(
  { contract, settings }: CallEnvironment,
  id: string,
  wire: UncheckedTask,
  requestId?: string,
): Task {
  const { [contract.id]: answered, [contract.status]: sent } = wire ?? {};
  const facts = { taskId: id, requestId };
  if (typeof sent !== "string")
    throw new UnexpectedResponseError(`The response for task ${id} contains no status.`, facts);
  if (typeof answered === "string" && answered.toLowerCase() !== id.toLowerCase())
    throw new UnexpectedResponseError(`The response for task ${id} is about another task.`, facts);

  const task = { id, ...(requestId === undefined ? {} : { requestId }), raw: { ...wire } };
  const status = statusOf(contract, sent);
  if (status === "UNKNOWN") return { ...task, status, wireStatus: sent };
  if (status !== "COMPLETED") return { ...task, status };
  const [first, ...rest] = urlsOf(contract, wire).map((url) => new ResultImage(settings, url, id));
  if (first === undefined)
    throw new EmptyResultError(`Task ${id} is COMPLETED, but the response names no image.`, facts);
  return { ...task, status, images: [first, ...rest] };
}

export function reportUnknownStatus(
  { contract, settings: { hooks } }: CallEnvironment,
  task: UnknownTask,
  { status, requestId }: CheckedResponse<unknown>,
): void {
  tell("onContractViolation", hooks.onContractViolation, {
    operation: readOf(contract),
    status,
    requestId,
    taskId: task.id,
    place: statusPlace(contract),
    message: `is none of ${contract.statuses.join(", ")}`,
  });
}
