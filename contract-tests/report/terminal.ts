/** The report for a terminal: what is wrong first, by check and cause, then what is known, then counts that add up. */
import { meaningOf } from "../checks/checks.js";
import type { Contract } from "../contract.js";
import { curlOf } from "../run/curl.js";
import { grouped } from "../run/group.js";
import type { Result } from "../run/run.js";
import type { SuiteReport } from "../run/suite.js";
import type { Matrix } from "./matrix.js";
import { countText, MARKS, outcomeText, place, sourceText, stateText } from "./words.js";

/** Cases that are listed of one cause. */
const LISTED = 5;
/** What else is wrong with the responses of one cause. */
const ALSO = 3;

export function terminalReport(contract: Contract, report: SuiteReport): string {
  const lines: string[] = [`Contract suite against the ${report.target.name} at ${report.target.url}`, ""];
  const wrong = report.results.filter((each) => each.outcome === "violates");
  // What is wrong with one response has one cause: the checks are in the order in which one leads to the next.
  for (const [check, own] of grouped(wrong, ({ violations: [first] }) => first?.check ?? "")) {
    lines.push(`✗ ${check}: ${meaningOf(check)}`);
    const causes = grouped(own, (each) => `${columnOf(report, each)}${each.violations[0]?.message}`);
    for (const [cause, all] of causes) {
      lines.push(`    ${cause}${all.length > 1 ? ` (${all.length} cases)` : ""}`);
      const others = all.flatMap((each) => each.violations.slice(1).map((one) => `${one.check}: ${one.message}`));
      lines.push(...[...new Set(others)].slice(0, ALSO).map((other) => `      also ${other}`));
      lines.push(...all.slice(0, LISTED).map((result) => `      ${label(contract, result)}`));
      if (all.length > LISTED) lines.push(`      and ${all.length - LISTED} more`);
      const replayed = all.find(({ sent }) => sent);
      if (replayed?.sent) lines.push(`      ${curlOf(replayed.case, replayed.sent)}`);
    }
    lines.push("");
  }
  for (const { check, message, remedy } of report.violations) {
    lines.push(`✗ ${check}: ${message}`);
    if (remedy !== undefined) lines.push(`    ${remedy}`);
  }
  if (report.violations.length > 0) lines.push("");
  const having = (outcome: Result["outcome"]): Map<string, Result[]> =>
    grouped(
      report.results.filter((each) => each.outcome === outcome),
      (each) => `${columnOf(report, each)}${each.reason ?? ""}`,
    );
  section(lines, "Known, with a reason:", having("known"), (reason, results) => [
    `  ! ${reason}`,
    ...results.map((result) => `      ${label(contract, result)}`),
  ]);
  section(lines, "Cannot be tested here:", having("untestable"), (reason, { length }) => [`  – ${length} × ${reason}`]);
  const strange = new Map(report.undeclared.map(({ message, cases }) => [message, cases]));
  section(
    lines,
    "Fields that the document does not declare (violations with --undeclared fail):",
    strange,
    (message, ids) => [`  · ${message} (${ids.length === 1 ? ids[0] : `${ids.length} cases, such as ${ids[0]}`})`],
  );
  const unreached = report.examples.filter((each) => each.state === "static" && each.vendored);
  if (report.target.ground === "mock" && unreached.length > 0) {
    lines.push("Examples that no request can reach, checked against their schema instead:");
    lines.push(...unreached.map((one) => `  · ${one.pointer}`), "");
  }
  lines.push(...report.notes.map((note) => `Note: ${note}`));
  lines.push(`Examples in the vendored document: ${countText(report.counts.vendored)}`);
  lines.push(`Examples in our overlays:          ${countText(report.counts.ours)}`);
  lines.push(`Cases: ${outcomeText(report.results)}, in ${(report.milliseconds / 1000).toFixed(1)} s`);
  const verdict = report.conforms ? "The contract holds." : "The contract is broken.";
  lines.push(report.inconclusive === undefined ? verdict : `No verdict: ${report.inconclusive}.`);
  return `${lines.join("\n")}\n`;
}

function section<T>(
  lines: string[],
  title: string,
  groups: ReadonlyMap<string, T>,
  write: (key: string, own: T) => readonly string[],
): void {
  if (groups.size === 0) return;
  lines.push(title);
  for (const [key, own] of groups) lines.push(...write(key, own));
  lines.push("");
}

/** The matrix: every row, with the reason where it could not be tested, and counts. */
export function matrixText(matrix: Matrix): string {
  const lines = [`Contract matrix (${matrix.columns.join(", ")})`];
  for (const row of matrix.rows) {
    const cells = matrix.columns.map((column) => row.cells[column]);
    const marks = cells.map((cell) => MARKS[cell?.state ?? "untested"]);
    const parts = [row.operation, ...row.parts].filter(Boolean).join(" · ");
    const [first] = cells;
    const why = first && /^un/.test(first.state) ? `: ${first.details[0]}` : "";
    lines.push(`  ${marks.join(" ")}  ${parts}${row.source ? ` (${sourceText(row.source)})` : ""}${why}`);
  }
  lines.push(`Vendored document: ${stateText(matrix.vendored)}`, `Our overlays:      ${stateText(matrix.ours)}`);
  return `${lines.join("\n")}\n`;
}

function columnOf(report: SuiteReport, { column }: Result): string {
  return column === report.target.name ? "" : `[${column}] `;
}

function label(contract: Contract, { case: one }: Result): string {
  return `${one.id}${place(contract, one.pointer)}`;
}
