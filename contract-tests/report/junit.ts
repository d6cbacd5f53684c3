/** JUnit XML: a test case per case and column, for CI systems that list tests. */
import type { Contract } from "../contract.js";
import { curlOf } from "../run/curl.js";
import type { Result } from "../run/run.js";
import type { SuiteReport } from "../run/suite.js";
import { place } from "./words.js";

export function junitReport(contract: Contract, report: SuiteReport): string {
  const columns = [...new Set(report.results.map((result) => result.column))];
  const suites = columns.map((column) => {
    const own = report.results.filter((result) => result.column === column);
    return suite(
      column,
      own.map((result) => testCase(contract, result)),
    );
  });
  if (report.violations.length > 0)
    suites.push(
      suite(
        "document",
        report.violations.map(({ check, message }) => element("document", check, failure(message, ""))),
      ),
    );
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="contract">\n${suites.join("\n")}\n</testsuites>\n`;
}

function suite(name: string, cases: readonly string[]): string {
  const count = (mark: string): number => cases.filter((each) => each.includes(mark)).length;
  return `  <testsuite name="${text(name)}" tests="${cases.length}" failures="${count("<failure ")}" skipped="${count("<skipped ")}">\n${cases.join("\n")}\n  </testsuite>`;
}

function testCase(contract: Contract, result: Result): string {
  const { case: one, column, outcome, violations, reason = "", sent, milliseconds = 0 } = result;
  const make = (inside: string): string => element(`${column}.${one.operation}`, one.id, inside, milliseconds);
  if (outcome === "untestable") return make(`<skipped message="${text(reason)}"/>`);
  if (outcome !== "violates") return make("");
  const message = violations.map((each) => `${each.check}: ${each.message}`).join("; ");
  const lines = [`#${one.pointer}${place(contract, one.pointer)}`, ...(sent ? [curlOf(one, sent)] : [])];
  return make(failure(message, lines.join("\n")));
}

function element(className: string, name: string, inside: string, milliseconds = 0): string {
  const open = `    <testcase classname="${text(className)}" name="${text(name)}" time="${(milliseconds / 1000).toFixed(3)}"`;
  return inside === "" ? `${open}/>` : `${open}>${inside}</testcase>`;
}

function failure(message: string, details: string): string {
  return `<failure message="${text(message)}">${text(details)}</failure>`;
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
