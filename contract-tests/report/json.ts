/** The report as data, for other programs. */
import type { Contract } from "../contract.js";
import { curlOf } from "../run/curl.js";
import type { SuiteReport } from "../run/suite.js";

export function jsonReport(contract: Contract, report: SuiteReport): string {
  const value = {
    target: report.target,
    conforms: report.conforms,
    milliseconds: report.milliseconds,
    counts: report.counts,
    violations: report.violations,
    notes: report.notes,
    examples: report.examples.map(({ pointer, vendored, state, cases, violations }) => ({
      pointer,
      vendored,
      state,
      cases,
      violations,
    })),
    results: report.results.map((result) => ({
      id: result.case.id,
      column: result.column,
      kind: result.case.kind,
      operation: result.case.operation,
      pointer: result.case.pointer,
      source: contract.source(result.case.pointer),
      outcome: result.outcome,
      violations: result.violations,
      ...(result.reason === undefined ? {} : { reason: result.reason }),
      ...(result.outcome === "violates"
        ? { curl: curlOf(report.target.url, result.case, report.target.ground === "mock") }
        : {}),
    })),
  };
  return `${JSON.stringify(value, null, 2)}\n`;
}
