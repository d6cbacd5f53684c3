import { readOf, type TaskFacts } from "../contract/contract.js";
import { InvalidRequestError } from "../errors/request-errors.js";
import { isTaskId } from "../http/api-error.js";

const UUID = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i;

/** Checks an id of the caller before anything is sent. @throws {InvalidRequestError} */
export function checkTaskId(contract: TaskFacts, id: string): void {
  const { parameter, uuid } = contract.read;
  if (uuid ? typeof id === "string" && UUID.test(id) : isTaskId(id)) return;
  const shown = typeof id === "string" ? JSON.stringify(id.slice(0, 60)) : String(id);
  const message = `must be the ${uuid ? "UUID" : "id"} of a task, not ${shown}; magnific.api.GET takes any id`;
  throw new InvalidRequestError(readOf(contract), [{ field: parameter, rule: "format", message }]);
}
