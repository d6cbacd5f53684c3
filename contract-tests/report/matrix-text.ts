/** The matrix for a terminal: what is not conforming row by row, the rest as counts. */
import { MARKS, sourceText, stateText } from "./markdown.js";
import type { Matrix } from "./matrix.js";

export function matrixText(matrix: Matrix): string {
  const lines = [`Contract matrix (${matrix.columns.join(", ")})`];
  for (const row of matrix.rows) {
    const marks = matrix.columns.map((column) => MARKS[row.cells[column]?.state ?? "untested"]);
    if (marks.every((mark) => mark === MARKS.conforms)) continue;
    // What a provider cannot be asked is no news where the mock was asked.
    if (
      marks[0] === MARKS.conforms &&
      marks.slice(1).every((mark) => mark === MARKS.conforms || mark === MARKS.untestable)
    )
      continue;
    lines.push(
      `  ${marks.join(" ")}  ${[row.operation, ...row.parts].filter(Boolean).join(" · ")}${row.source ? ` (${sourceText(row)})` : ""}`,
    );
  }
  lines.push(`Vendored document: ${stateText(matrix.vendored)}`, `Our overlays:      ${stateText(matrix.ours)}`);
  return `${lines.join("\n")}\n`;
}
