/** Common Test Report Format (https://ctrf.io): a test per case and column, with its time. */
import type { Contract } from "../contract.js";
import type { Result } from "../run/run.js";
import type { SuiteReport } from "../run/suite.js";
import { place } from "./words.js";

const STATUS = { conforms: "passed", known: "passed", untestable: "skipped", violates: "failed" } as const;

export function ctrfReport(contract: Contract, report: SuiteReport): string {
  const { started, milliseconds } = report;
  const ofDocument = report.violations.map(({ check, message }) => ({
    ...{ name: `${check}: ${message}`, suite: ["document"], status: "failed", duration: 0, message },
  }));
  const tests = [...report.results.map((each) => testOf(contract, each)), ...ofDocument];
  const count = (status: string): number => tests.filter((each) => each.status === status).length;
  const counts = { tests: tests.length, passed: count("passed"), failed: count("failed"), skipped: count("skipped") };
  const summary = { ...counts, pending: 0, other: 0, start: started, stop: started + milliseconds };
  const value = {
    reportFormat: "CTRF",
    specVersion: "0.0.0",
    results: { tool: { name: "contract" }, summary, tests },
  };
  return `${JSON.stringify(value, null, 2)}\n`;
}

function testOf(contract: Contract, result: Result) {
  const { case: one, column, outcome, violations, reason, started, milliseconds = 0 } = result;
  const message = violations.map(({ check, message }) => `${check}: ${message}`).join("; ") || reason;
  return {
    name: one.id,
    suite: [column, one.operation],
    status: STATUS[outcome],
    rawStatus: outcome,
    duration: milliseconds,
    ...(started === undefined ? {} : { start: started, stop: started + milliseconds }),
    ...(message ? { message } : {}),
    ...(outcome === "violates" ? { trace: `#${one.pointer}${place(contract, one.pointer)}` } : {}),
  };
}
