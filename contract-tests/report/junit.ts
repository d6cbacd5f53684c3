/** JUnit XML: a test case per case and column, for CI systems that list tests. */
import type { Contract } from "../contract.js";
import { curlOf } from "../run/curl.js";
import type { Result } from "../run/run.js";
import type { SuiteReport } from "../run/suite.js";
import { place } from "./terminal.js";

export function junitReport(contract: Contract, report: SuiteReport): string {
  const columns = [...new Set(report.results.map((result) => result.column))];
  const suites = columns.map((column) =>
    suite(
      contract,
      report,
      column,
      report.results.filter((result) => result.column === column),
    ),
  );
  const document = report.violations.map(
    (violation) =>
      `    <testcase classname="document" name="${text(violation.check)}"><failure message="${text(violation.message)}"/></testcase>`,
  );
  const own = `  <testsuite name="document" tests="${document.length}" failures="${document.length}">\n${document.join("\n")}\n  </testsuite>`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="contract">\n${[...suites, ...(document.length > 0 ? [own] : [])].join("\n")}\n</testsuites>\n`;
}

function suite(contract: Contract, report: SuiteReport, column: string, results: readonly Result[]): string {
  const count = (outcome: Result["outcome"]): number => results.filter((result) => result.outcome === outcome).length;
  const cases = results.map((result) => {
    const open = `    <testcase classname="${text(`${column}.${result.case.operation}`)}" name="${text(result.case.id)}"`;
    if (result.outcome === "untestable") return `${open}><skipped message="${text(result.reason ?? "")}"/></testcase>`;
    if (result.outcome !== "violates") return `${open}/>`;
    const message = result.violations.map((each) => `${each.check}: ${each.message}`).join("; ");
    const body = `#${result.case.pointer}${place(contract, result.case.pointer)}\n${curlOf(report.target.url, result.case, report.target.ground === "mock")}`;
    return `${open}><failure message="${text(message)}">${text(body)}</failure></testcase>`;
  });
  return `  <testsuite name="${text(column)}" tests="${results.length}" failures="${count("violates")}" skipped="${count("untestable")}">\n${cases.join("\n")}\n  </testsuite>`;
}

/** Text for XML: what XML has no way to say is left out. */
function text(value: string): string {
  return value
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("\n", "&#10;");
}
