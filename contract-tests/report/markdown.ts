/** The matrix as Markdown: for reviews, and as GitHub's job summary. */
import type { SuiteReport } from "../run/suite.js";
import { type Cell, type Matrix, type Row, STATES, type State } from "./matrix.js";
import { countText, outcomeText } from "./terminal.js";

export const MARKS: Readonly<Record<State, string>> = {
  violates: "✗",
  untested: "○",
  untestable: "–",
  known: "!",
  static: "·",
  conforms: "✓",
};
export const WORDS: Readonly<Record<State, string>> = {
  violates: "violates",
  untested: "untested",
  untestable: "cannot be tested here",
  known: "known, with a reason",
  static: "checked statically",
  conforms: "conforms",
};

export function markdownReport(report: SuiteReport, matrix: Matrix): string {
  const lines = [`# Contract matrix: ${report.conforms ? "the contract holds" : "the contract is broken"}`, ""];
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
  return `| ${[row.operation, one, two, three, sourceText(row), ...cells].map(escaped).join(" | ")} |`;
}

function cellText(cell: Cell | undefined): string {
  if (!cell) return "";
  const details = cell.state === "violates" ? ` ${cell.details.slice(0, 3).join("; ")}` : "";
  return `${MARKS[cell.state]}${cell.cases > 1 ? ` ${cell.cases}` : ""}${details}`;
}

export function sourceText({ source }: Row): string {
  if (!source) return "";
  return source.line === undefined ? source.file : `${source.file}:${source.line}`;
}

export function stateText(counts: Readonly<Record<State, number>>): string {
  const total = STATES.reduce((sum, state) => sum + counts[state], 0);
  return `${total} rows = ${[...STATES]
    .reverse()
    .map((state) => `${counts[state]} ${WORDS[state]}`)
    .join(" + ")}`;
}

function escaped(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ").replaceAll("<", "&lt;");
}
