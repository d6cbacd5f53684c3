/** The system's code of an error, or of what caused it, e.g. `ENOSPC`. */
export function errorCode(error: unknown): string | undefined {
  for (let one = error; one instanceof Error; one = one.cause) {
    const { code } = one as { code?: unknown };
    if (typeof code === "string" && /^E[A-Z\d]+$/.test(code)) return code;
  }
  return undefined;
}

/** Whether nothing more can be written for lack of space. */
export function isDiskFull(error: unknown): boolean {
  return ["ENOSPC", "EDQUOT", "EFBIG"].includes(errorCode(error) ?? "");
}
