/** The matrix as Markdown: for reviews, and as GitHub's job summary. */
import type { SuiteReport } from "../run/suite.js";
import { type Cell, type Matrix, type Row, STATES } from "./matrix.js";
import { countText, MARKS, outcomeText, sourceText, stateText, WORDS } from "./words.js";

export function markdownReport(report: SuiteReport, matrix: Matrix): string {
  const lines = [
    `# Contract matrix: ${report.inconclusive ?? (report.conforms ? "the contract holds" : "the contract is broken")}`,
    "",
  ];
  lines.push(`- Vendored document: ${stateText(matrix.vendored)}`, `- Our overlays: ${stateText(matrix.ours)}`);
  lines.push(
    `- Examples in the vendored document: ${countText(report.counts.vendored)}`,
    `- Cases: ${outcomeText(report.results)}`,
    "",
  );
  for (const violation of report.violations) lines.push(`- **${violation.check}**: ${escaped(violation.message)}`);
  if (report.violations.length > 0) lines.push("");
  lines.push(`Legend: ${STATES.map((state) => `${MARKS[state]} ${WORDS[state]}`).join(" · ")}`, "");
  lines.push(
    `| operation | status or field | media type or constraint | example | written in | ${matrix.columns.join(" | ")} |`,
  );
  lines.push(`|${"---|".repeat(5 + matrix.columns.length)}`);
  for (const row of matrix.rows) lines.push(line(row, matrix.columns));
  return `${lines.join("\n")}\n`;
}

function line(row: Row, columns: readonly string[]): string {
  const [one = "", two = "", three = ""] = row.parts;
  const cells = columns.map((column) => cellText(row.cells[column]));
  return `| ${[row.operation, one, two, three, sourceText(row.source), ...cells].map(escaped).join(" | ")} |`;
}

function cellText(cell: Cell | undefined): string {
  if (!cell) return "";
  // A row whose case never ran says why.
  const shown = { violates: 3, untested: 1, untestable: 1, known: 0, static: 0, conforms: 0 }[cell.state];
  const details = cell.details
    .slice(0, shown)
    .map((each) => ` ${each}`)
    .join(";");
  return `${MARKS[cell.state]}${cell.cases > 1 ? ` ${cell.cases}` : ""}${details}`;
}

function escaped(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ").replaceAll("<", "&lt;");
}
