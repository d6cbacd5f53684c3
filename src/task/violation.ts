import { taskStatusValues } from "../../generated/upscaler-precision/schema.js";
import type { CheckedResponse } from "../api/wire.js";
import type { ClientContext } from "./context.js";
import type { UnknownTask } from "./task.js";
import { READ_TASK } from "./task-id.js";

/** Says that the provider uses a status the document does not know. */
export function reportUnknownStatus(
  context: ClientContext,
  task: UnknownTask,
  answer: Pick<CheckedResponse<unknown>, "status" | "requestId">,
): void {
  context.reportViolation({
    operation: READ_TASK,
    status: answer.status,
    requestId: answer.requestId,
    taskId: task.id,
    place: "/data/status",
    message: `is none of ${taskStatusValues.join(", ")}`,
  });
}
