/** The matrix as one HTML page that needs nothing else: light and dark, by mouse and by keyboard, from a file. */
import type { Contract } from "../contract.js";
import type { SuiteReport } from "../run/suite.js";
import { PAGE_SCRIPT } from "./html-script.js";
import { PAGE_STYLE } from "./html-style.js";
import { type Cell, type Matrix, type Row, STATES, type State } from "./matrix.js";
import { countText, MARKS, outcomeText, sourceText, stateText, WORDS } from "./words.js";

export function htmlReport(contract: Contract, report: SuiteReport, matrix: Matrix): string {
  const operations = new Map(contract.operations.map((operation) => [operation.id, operation]));
  const title = report.conforms ? "The contract holds" : "The contract is broken";
  const total = STATES.reduce((sum, state) => sum + matrix.vendored[state], 0);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · contract matrix</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<a class="skip" href="#matrix">To the matrix</a>
<header>
<p class="eyebrow">Contract matrix · ${text(report.target.name)}</p>
<h1 class="${report.conforms ? "good" : "bad"}"><span aria-hidden="true">${report.conforms ? "✓" : "✗"}</span> ${title}</h1>
<p class="lead">${text(outcomeText(report.results))}.</p>
<div class="bar" role="img" aria-label="Vendored document: ${text(stateText(matrix.vendored))}">${STATES.map((state) => segment(state, matrix.vendored[state], total)).join("")}</div>
<dl>
<div><dt>Vendored document</dt><dd>${text(stateText(matrix.vendored))}</dd></div>
<div><dt>Our overlays</dt><dd>${text(stateText(matrix.ours))}</dd></div>
<div><dt>Its examples</dt><dd>${text(countText(report.counts.vendored))}</dd></div>
</dl>
${report.violations.length > 0 ? `<section class="alert"><h2>Beyond the cases</h2><ul>${report.violations.map((each) => `<li><strong>${text(each.check)}</strong> ${text(each.message)}</li>`).join("")}</ul></section>` : ""}
</header>
<main id="matrix">
<form class="tools" role="search" onsubmit="return false">
<label class="search"><span>Find</span><input id="find" type="search" placeholder="operation, status, field, constraint…" autocomplete="off"><kbd>/</kbd></label>
<fieldset><legend>Show</legend>${STATES.map(filter).join("")}
<label class="chip"><input type="checkbox" id="vendored"> vendored only</label></fieldset>
<output id="count" aria-live="polite"></output>
</form>
<div class="scroll">
<table>
<thead><tr><th scope="col">Operation</th><th scope="col">What the document declares</th><th scope="col">Written in</th>${matrix.columns.map((column) => `<th scope="col" class="cell">${text(column)}</th>`).join("")}</tr></thead>
<tbody>
${matrix.rows.map((row) => rowHtml(row, matrix.columns, operations)).join("\n")}
</tbody>
</table>
</div>
<p class="keys"><kbd>↑</kbd> <kbd>↓</kbd> or <kbd>j</kbd> <kbd>k</kbd> move · <kbd>Enter</kbd> opens the details · <kbd>/</kbd> finds · <kbd>Esc</kbd> clears</p>
</main>
<script>${PAGE_SCRIPT}</script>
</body>
</html>
`;
}

function segment(state: State, count: number, total: number): string {
  return count === 0
    ? ""
    : `<span class="${state}" style="flex:${((count / Math.max(1, total)) * 1000).toFixed(1)}" title="${count} ${WORDS[state]}"></span>`;
}

function filter(state: State): string {
  return `<label class="chip ${state}"><input type="checkbox" name="state" value="${state}" checked> <span aria-hidden="true">${MARKS[state]}</span> ${WORDS[state]}</label>`;
}

/** In a cell there is room for a word. */
const SHORT: Readonly<Record<State, string>> = { ...WORDS, untestable: "not here", known: "known", static: "static" };

function rowHtml(row: Row, columns: readonly string[], operations: ReadonlyMap<string, Named>): string {
  const states = [...new Set(columns.map((column) => row.cells[column]?.state ?? "untested"))];
  const [one = "", two = "", three = ""] = row.parts;
  const details = columns.flatMap((column) => (row.cells[column]?.details ?? []).map((each) => `${column}: ${each}`));
  const named = operations.get(row.operation);
  const operation = named
    ? `<span class="method">${named.method.toUpperCase()}</span> ${text(named.path).replaceAll("/", "/<wbr>")}`
    : "no single operation";
  const last = three.startsWith("/") ? `<code>${text(three).replaceAll("/", "/<wbr>")}</code>` : text(three);
  const what = [`<strong>${text(one)}</strong>`, text(two), last]
    .filter((part) => part !== "")
    .join(' <span class="dot">·</span> ');
  return `<tr tabindex="-1" data-states="${states.join(" ")}" data-vendored="${row.vendored}" data-find="${text(row.operation)}" data-pointer="${text(row.pointer)}"${details.length > 0 ? ` data-details="${text(details.join("\n"))}"` : ""}>
<th scope="row">${operation}</th><td>${what}</td><td class="source" title="${text(sourceText(row.source))}">${text(shortSource(row))}</td>${columns.map((column) => cellHtml(row.cells[column])).join("")}</tr>`;
}

interface Named {
  readonly method: string;
  readonly path: string;
}

/** `upscaler.30-statuses.overlay.yaml` → `30-statuses overlay`. */
function shortSource(row: Row): string {
  return sourceText(row.source)
    .replace(/^.*?\.(?=\d)/, "")
    .replace(".overlay.yaml", " overlay");
}

function cellHtml(cell: Cell | undefined): string {
  const state = cell?.state ?? "untested";
  const cases = cell?.cases ?? 0;
  return `<td class="cell"><span class="mark ${state}" title="${WORDS[state]}"><span aria-hidden="true">${MARKS[state]}</span><span class="word">${SHORT[state]}</span>${cases > 1 ? `<span class="n">${cases}</span>` : ""}</span></td>`;
}

function text(value: string): string {
  return value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
