/** The operation that a call is about: the default one, or by --operation that of another document. */
import { requestFields, taskOperations } from "../../generated/index.js";
import type { RequestFields, TaskContract } from "../contract/contract.js";
import { DEFAULT, DEFAULT_FIELDS } from "../contract/default.js";

export interface Operation {
  readonly contract: TaskContract;
  readonly fields: RequestFields;
}

/** By the path of the POST; each is loaded when it is needed. */
export type Operations = Readonly<Record<string, () => Promise<Operation>>>;

export const DEFAULT_OPERATION: Operation = { contract: DEFAULT, fields: DEFAULT_FIELDS };

/** Those of this package. */
export const OPERATIONS: Operations = Object.fromEntries(
  (Object.keys(taskOperations) as (keyof typeof taskOperations)[]).map((path) => [
    path,
    async () => ({ ...(await taskOperations[path]()), ...(await requestFields[path]()) }),
  ]),
);

/** The one that a call names, before the call is parsed: its fields are flags. One that does not exist is told by the parser. */
export async function operationIn(operations: Operations, argv: readonly string[]): Promise<Operation> {
  const at = argv.findIndex((argument) => /^--operation(?:=|$)/.test(argument));
  const path = argv[at]?.split("=")[1] ?? argv[at + 1] ?? "";
  return (Object.hasOwn(operations, path) && (await operations[path]?.())) || DEFAULT_OPERATION;
}
