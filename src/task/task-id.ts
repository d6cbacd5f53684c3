import { InvalidRequestError } from "../errors/request-errors.js";

/** The operation that reads one task, as the document names it. */
export const READ_TASK = "GET /v1/ai/image-upscaler-precision/{task-id}";

const UUID = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i;

/** Checks an id of the caller before anything is sent; the document has it as a UUID. @throws {InvalidRequestError} */
export function checkTaskId(id: string): void {
  if (typeof id === "string" && UUID.test(id)) return;
  const shown = typeof id === "string" ? JSON.stringify(id.slice(0, 60)) : String(id);
  const message = `must be the UUID of a task, not ${shown}; magnific.api.GET takes any id`;
  throw new InvalidRequestError(READ_TASK, [{ field: "task-id", rule: "format", message }]);
}
