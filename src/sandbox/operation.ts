/** An operation as a sandbox plays it, from what its document says. */
import type { RequestFields, TaskFacts, Validator } from "../contract/contract.js";
import { DEFAULT_ACCEPTS, DEFAULT_FIELDS, DEFAULT_TASK } from "../contract/default.js";
import type { LifeCycleStatus } from "./life-cycle.js";

/**
 * An operation that makes tasks: the exports of its two generated modules, `{ ...operation, ...fields }`. What it accepts, the
 * names and statuses of its tasks and its defaults follow from them.
 */
export interface SandboxOperation {
  readonly task: TaskFacts;
  readonly fields: RequestFields;
  /** Whether a body is a request of it. */
  readonly accepts: Validator;
}

export const DEFAULT_OPERATION: SandboxOperation = {
  task: DEFAULT_TASK,
  fields: DEFAULT_FIELDS,
  accepts: DEFAULT_ACCEPTS,
};

/** The operation's own word for a status of a life cycle, which may be one of its own words too. */
export function wireStatus({ statuses, completed, failed }: TaskFacts, status: string): string {
  if (statuses.includes(status)) return status;
  const pending = statuses.filter((one) => !completed.includes(one) && !failed.includes(one));
  const words: Readonly<Record<LifeCycleStatus, string | undefined>> = {
    CREATED: pending[0],
    IN_PROGRESS: pending[1] ?? pending[0],
    COMPLETED: completed[0],
    FAILED: failed[0],
  };
  return (Object.hasOwn(words, status) ? words[status as LifeCycleStatus] : undefined) ?? status;
}

/** COMPLETED or FAILED for the operation's own words for these; any other status as it is. */
export function lifeCycleStatus({ completed, failed }: TaskFacts, status: string): string {
  if (completed.includes(status)) return "COMPLETED";
  return failed.includes(status) ? "FAILED" : status;
}
