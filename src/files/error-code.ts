import { causesOf } from "../util/causes.js";

/** The system's code of an error, or of what caused it, e.g. `ENOSPC`. */
export function errorCode(error: unknown): string | undefined {
  const codes = causesOf(error).map(({ code }) => code);
  return codes.find((code) => typeof code === "string" && /^E[A-Z\d]+$/.test(code)) as string | undefined;
}

/** Whether nothing more can be written for lack of space. */
export function isDiskFull(error: unknown): boolean {
  return ["ENOSPC", "EDQUOT", "EFBIG"].includes(errorCode(error) ?? "");
}
