/** Contradictions inside a provider's own document that are known and have a reason: a list in a JSON file. */
import { readFileSync } from "node:fs";
import type { JsonObject } from "../../openapi/document/types.js";
import { examplesOf } from "../cases/examples.js";

/** A contradiction inside the provider's own document. */
export interface KnownFinding {
  /** JSON pointer of an example in the vendored document. A step `*` stands for any step: a flaw that many pages may have. */
  readonly pointer: string;
  /** Found by a pattern, which need not show in every document. */
  readonly general?: true;
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

/** The findings in one document: a pattern becomes a finding for each example that it matches. */
export function findingsIn(document: JsonObject, findings: readonly KnownFinding[]): readonly KnownFinding[] {
  const pointers = examplesOf(document).map(({ pointer }) => pointer);
  return findings.flatMap((finding) => {
    if (!/\/\*(?:\/|$)/.test(finding.pointer)) return [finding];
    const steps = finding.pointer.split("/");
    const matches = (pointer: string) => {
      const own = pointer.split("/");
      return own.length === steps.length && steps.every((step, index) => step === "*" || step === own[index]);
    };
    return pointers.filter(matches).map((pointer) => ({ ...finding, pointer, general: true as const }));
  });
}
