/** Contradictions inside a provider's own document that are known and have a reason: a list in a JSON file. */
import { readFileSync } from "node:fs";

/** A contradiction inside the provider's own document. */
export interface KnownFinding {
  /** JSON pointer of an example in the vendored document. */
  readonly pointer: string;
  /** The checks that fail because of it. */
  readonly checks: readonly string[];
  readonly reason: string;
}

/** @throws {Error} for a file that cannot be read, is not JSON, or has an entry without pointer, checks and reason. */
export function readFindings(file: string): readonly KnownFinding[] {
  const entries: unknown = JSON.parse(readFileSync(file, "utf8"));
  if (!Array.isArray(entries)) throw new Error(`${file} is not a list of known findings.`);
  return entries.map((entry: Partial<KnownFinding> | null, index) => {
    const { pointer, checks, reason } = entry ?? {};
    if (typeof pointer === "string" && Array.isArray(checks) && typeof reason === "string" && reason.trim() !== "")
      return { pointer, checks, reason };
    throw new Error(`${file}: entry ${index} needs "pointer", "checks" (a list) and "reason".`);
  });
}
