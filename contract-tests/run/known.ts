/** Tells what is known to be wrong from what is new, and notices what is no longer wrong. */
import { at } from "../../openapi/document/pointer.js";
import type { Violation } from "../checks/check.js";
import type { Contract } from "../contract.js";
import { type MockDefect, SEEN_IN } from "../targets/mock-defects.js";
import type { ExampleResult } from "./examples.js";
import type { KnownFinding } from "./findings.js";
import type { Result } from "./run.js";

export interface Known {
  readonly findings: readonly KnownFinding[];
  readonly defects: readonly MockDefect[];
}

export interface Sorted {
  readonly results: readonly Result[];
  /** Known things that should have shown and did not. */
  readonly vanished: readonly string[];
}

export function sortKnown(
  contract: Contract,
  results: readonly Result[],
  examples: readonly ExampleResult[],
  known: Known,
): Sorted {
  const shown = new Set<KnownFinding | MockDefect>();
  const met = new Set<MockDefect>();
  const findings = known.findings.filter(({ pointer }) => at(contract.document, pointer) !== undefined);
  const sorted = results.map((result): Result => {
    const defects = known.defects.filter((defect) => defect.meets(result.case, contract.document));
    if (result.outcome !== "untestable") for (const defect of defects) met.add(defect);
    const used = new Set<MockDefect>();
    const left = result.violations.filter((violation) => {
      const excuse = defects.find((each) => excuses(each, violation));
      if (excuse) used.add(excuse);
      return !excuse;
    });
    if (used.size === 0) return result;
    for (const one of used) shown.add(one);
    const reason = [...used].map((one) => `${one.what} (${SEEN_IN}, ${one.link})`);
    const all = { ...result, reason: reason.join(" ") };
    return left.length === 0 ? { ...all, outcome: "known" } : { ...all, violations: left };
  });
  for (const example of examples)
    for (const finding of findings)
      if (finding.pointer === example.pointer && example.violations.some((each) => excuses(finding, each)))
        shown.add(finding);
  const gone = [
    ...findings
      .filter((finding) => !shown.has(finding) && !finding.general)
      .map(({ pointer }) => `finding at ${pointer}`),
    ...[...met].filter((defect) => !shown.has(defect) && !defect.rare).map(({ id }) => `defect "${id}" of the mock`),
  ];
  return {
    results: sorted,
    vanished: gone.map((each) => `The known ${each} no longer shows: remove it from the list.`),
  };
}

function excuses(known: KnownFinding | MockDefect, { check, message }: Violation): boolean {
  return known.checks.includes(check) && (!("says" in known) || known.says === undefined || known.says.test(message));
}
