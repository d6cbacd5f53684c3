/** A task as it stands on the wire, read without trust: an answer or a webhook may hold less or more than the document says. */
import { taskStatusValues } from "../../generated/upscaler-precision/schema.js";
import type { WireTask } from "../api/wire.js";

/** The statuses of the vendored document: `#/components/schemas/task`. */
export type TaskStatus = WireTask["status"];

/** The fields of a wire task that anything is read from. The rest of it is kept as it came. */
export interface TaskDetail {
  readonly task_id?: unknown;
  readonly status?: unknown;
  readonly generated?: unknown;
}

/** Whether a status is one of the document's. */
export function isTaskStatus(status: string): status is TaskStatus {
  return (taskStatusValues as readonly string[]).includes(status);
}

/** The URLs of a wire task's images. */
export function urlsOf(detail: TaskDetail): readonly string[] {
  const { generated } = detail;
  return Array.isArray(generated) ? generated.filter((url) => typeof url === "string" && url !== "") : [];
}
