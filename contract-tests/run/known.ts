/** Sets what is known apart from what is new, and notices what is known no longer. */
import { at } from "../../openapi/document/pointer.js";
import type { Contract } from "../contract.js";
import type { KnownFinding, MockDefect } from "../known/known.js";
import type { Violation } from "../oracle/verdict.js";
import type { ExampleResult } from "./examples.js";
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
  mock: boolean,
): Sorted {
  const shown = new Set<KnownFinding | MockDefect>();
  const met = new Set<MockDefect>();
  const findings = known.findings.filter((finding) => at(contract.document, finding.pointer) !== undefined);
  const defects = mock ? known.defects : [];
  const sorted = results.map((result) => {
    const own = defects.filter((defect) => defect.meets(result.case, contract.document));
    for (const defect of own) met.add(defect);
    const excuses = [...own, ...findings.filter((finding) => within(result.case.pointer, finding.pointer))];
    const used = new Set<KnownFinding | MockDefect>();
    const left = result.violations.filter((violation) => {
      const excuse = excuses.find((each) => excused(each, violation));
      if (excuse) used.add(excuse);
      return !excuse;
    });
    for (const one of used) shown.add(one);
    if (used.size === 0) return result;
    const reason = [...used]
      .map((one) => ("reason" in one ? one.reason : `${one.what} (${one.tool} ${one.version}, ${one.link})`))
      .join(" ");
    return {
      ...result,
      outcome: left.length === 0 ? ("known" as const) : result.outcome,
      violations: left.length === 0 ? result.violations : left,
      reason,
    };
  });
  for (const example of examples) {
    const finding = findings.find((each) => each.pointer === example.pointer);
    if (finding && example.violations.some((violation) => excused(finding, violation))) shown.add(finding);
  }
  return {
    results: sorted,
    vanished: [
      ...findings
        .filter((finding) => !shown.has(finding))
        .map((finding) => `The known finding at ${finding.pointer} no longer shows: take it off the list.`),
      ...[...met]
        .filter((defect) => !shown.has(defect) && !defect.rare)
        .map((defect) => `The known defect "${defect.id}" of ${defect.tool} no longer shows: take it off the list.`),
    ],
  };
}

function excused(known: KnownFinding | MockDefect, violation: Violation): boolean {
  return (
    known.checks.includes(violation.check) &&
    (!("says" in known) || known.says === undefined || known.says.test(violation.message))
  );
}

/** A case about a media type plays the example that stands in it. */
function within(pointer: string, finding: string): boolean {
  return finding === pointer || finding.startsWith(`${pointer}/`);
}
