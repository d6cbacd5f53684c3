import { isObject } from "../util/json.js";

/** The system's code of an error, or of what caused it, e.g. `ENOSPC`. */
export function errorCode(error: unknown): string | undefined {
  // By shape: under Jest an error of Node is an instance of another `Error`.
  for (
    let one = error as { code?: unknown; cause?: unknown } | undefined;
    isObject(one);
    one = one.cause as typeof one
  ) {
    const { code } = one;
    if (typeof code === "string" && /^E[A-Z\d]+$/.test(code)) return code;
  }
  return undefined;
}

/** Whether nothing more can be written for lack of space. */
export function isDiskFull(error: unknown): boolean {
  return ["ENOSPC", "EDQUOT", "EFBIG"].includes(errorCode(error) ?? "");
}
