/** A task on the wire, read without trust: a response or a webhook may contain less or more than the document says. */
import { taskStatusValues } from "../../generated/upscaler-precision/schema.js";
import type { WireTask } from "../api/wire.js";

/** The statuses of the vendored document: `#/components/schemas/task`. */
export type TaskStatus = WireTask["status"];

/** The fields that are read; all others are kept as they arrive. */
export interface UncheckedTask {
  readonly task_id?: unknown;
  readonly status?: unknown;
  readonly generated?: unknown;
}

/** Whether a status is one of the document's. */
export function isTaskStatus(status: string): status is TaskStatus {
  return (taskStatusValues as readonly string[]).includes(status);
}

/** The URLs of a wire task's images. */
export function urlsOf({ generated }: UncheckedTask): readonly string[] {
  return Array.isArray(generated) ? generated.filter((url) => typeof url === "string" && url !== "") : [];
}
