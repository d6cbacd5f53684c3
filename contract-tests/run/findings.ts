/** Contradictions inside a provider's own document that are known and have a reason: a list in a JSON file. */
import { readFileSync, writeFileSync } from "node:fs";
import { matching } from "../../openapi/document/pointer.js";
import type { JsonObject } from "../../openapi/document/types.js";
import { examplesOf } from "../cases/examples.js";
import type { Flaws } from "../cases/flaws.js";

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
    return pointers
      .filter(matching(finding.pointer))
      .map((pointer) => ({ ...finding, pointer, general: true as const }));
  });
}

/** One pointer for all: a `*` for each step in which they differ; the first where they are of different lengths. */
export function commonPointer(pointers: readonly string[]): string {
  const [first = [], ...others] = pointers.map((pointer) => pointer.split("/"));
  if (others.some((each) => each.length !== first.length)) return first.join("/");
  return first.map((step, index) => (others.every((each) => each[index] === step) ? step : "*")).join("/");
}

/**
 * Takes what is wrong at a pointer, or at all that a pattern matches, into the list.
 *
 * @throws {Error} when nothing is wrong there, or it is on the list already.
 */
export function acceptFinding(
  file: string,
  flaws: Flaws,
  { pointer, reason }: Omit<KnownFinding, "checks">,
): KnownFinding {
  const known = readFindings(file);
  if (known.some((each) => each.pointer === pointer)) throw new Error(`${pointer} is a known finding already.`);
  const found = flaws.all.filter((flaw) => matching(pointer)(flaw.pointer));
  if (found.length === 0) {
    const there = flaws.all.map((flaw) => `\n  ${flaw.pointer}`).join("");
    throw new Error(`The document states nothing wrong at ${pointer}.${there && ` It does at:${there}`}`);
  }
  const checks = [...new Set(found.flatMap(({ faults }) => faults.map(({ check }) => check)))];
  const finding = { pointer, checks, reason };
  writeFileSync(file, `${JSON.stringify([...known, finding], null, 2)}\n`);
  return finding;
}
