/** Finds the contract of an operation other than the default one. Loaded when it is first used, as each of them is. */
import { ConfigurationError } from "../errors/request-errors.js";
import type { TaskContract } from "./contract.js";

type Modules = Readonly<Record<string, () => Promise<{ readonly contract: TaskContract }>>>;

/** @param own The contract that the caller passed. @throws {ConfigurationError} saying why there is none of this path. */
export async function loadContract(path: string, own: TaskContract | undefined): Promise<TaskContract> {
  if (own !== undefined) return checkContract(path, own);
  const { taskOperations } = await import("../../generated/index.js");
  const modules: Modules = taskOperations;
  const load = Object.hasOwn(modules, path) ? modules[path] : undefined;
  if (load !== undefined) return (await load()).contract;
  const known = Object.keys(modules).sort().join(", ");
  throw new ConfigurationError(
    `POST ${String(path)} is not an operation of this package that makes tasks; there are: ${known}. For another one, pass the \`contract\` that your own build generated as the second argument of \`operation\`.`,
  );
}

function checkContract(path: string, contract: Partial<TaskContract> | null): TaskContract {
  const { submit, read, validateRequest } = contract ?? {};
  if (submit?.path === path && typeof read?.path === "string" && typeof validateRequest === "function")
    return contract as TaskContract;
  const found = submit === undefined ? "" : `, not that of POST ${String(submit.path)}`;
  const message = `The second argument of \`operation\` must be the \`contract\` of the generated module of POST ${String(path)}${found}.`;
  throw new ConfigurationError(message);
}
