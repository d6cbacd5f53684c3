/** What is read of a task on the wire, without trust: a response or a webhook may contain less or more than the document says. */
import type { TaskFacts, UncheckedTask } from "../contract/contract.js";
import type { TaskStatus } from "../contract/default.js";

/** What a status on the wire means: how a task ended, itself while it has not, `UNKNOWN` where the document does not have it. */
export function statusOf({ statuses, completed, failed }: TaskFacts, wire: string): TaskStatus | "UNKNOWN" {
  if (completed.includes(wire)) return "COMPLETED";
  if (failed.includes(wire)) return "FAILED";
  // Of another operation it is one of the statuses that its own types name.
  return statuses.includes(wire) ? (wire as TaskStatus) : "UNKNOWN";
}

export function urlsOf({ results }: TaskFacts, task: UncheckedTask): readonly string[] {
  const found = task[results];
  return Array.isArray(found) ? found.filter((url) => typeof url === "string" && url !== "") : [];
}

/** The status as the provider sends it, but for one that ends a task. */
export function wireStatusOf({ status, wireStatus = status }: { status: string; wireStatus?: string }): string {
  return wireStatus;
}
