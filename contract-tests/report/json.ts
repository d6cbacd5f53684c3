/** The report as data, for other programs. */
import type { Contract } from "../contract.js";
import { curlOf } from "../run/curl.js";
import type { SuiteReport } from "../run/suite.js";

export function jsonReport(contract: Contract, report: SuiteReport): string {
  const value = {
    target: report.target,
    conforms: report.conforms,
    inconclusive: report.inconclusive,
    milliseconds: report.milliseconds,
    counts: report.counts,
    violations: report.violations,
    undeclared: report.undeclared,
    notes: report.notes,
    examples: report.examples.map(({ value: _, ...example }) => example),
    results: report.results.map(({ case: one, column, outcome, violations, reason, sent, milliseconds }) => ({
      id: one.id,
      column,
      kind: one.kind,
      operation: one.operation,
      pointer: one.pointer,
      source: contract.source(one.pointer),
      outcome,
      violations,
      reason,
      milliseconds,
      /** Ids of the run, for `--replay`. */
      known: one.request.template.includes("{") ? sent?.known : undefined,
      curl: outcome === "violates" && sent ? curlOf(one, sent) : undefined,
    })),
  };
  return `${JSON.stringify(value, null, 2)}\n`;
}
