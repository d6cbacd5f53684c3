/** The report for a terminal: what is wrong first, then what is known, then counts that add up. */
import type { Contract } from "../contract.js";
import { curlOf } from "../run/curl.js";
import type { ExampleCount } from "../run/examples.js";
import type { Result } from "../run/run.js";
import type { SuiteReport } from "../run/suite.js";

export function terminalReport(contract: Contract, report: SuiteReport): string {
  const lines: string[] = [`Contract suite against the ${report.target.name} at ${report.target.url}`, ""];
  for (const result of report.results.filter((each) => each.outcome === "violates"))
    lines.push(...violationLines(contract, report, result), "");
  for (const violation of report.violations) lines.push(`✗ ${violation.check}: ${violation.message}`);
  if (report.violations.length > 0) lines.push("");
  const known = report.results.filter((each) => each.outcome === "known");
  if (known.length > 0) {
    lines.push("Known, with a reason:");
    for (const [reason, results] of grouped(known)) {
      lines.push(`  ! ${reason}`);
      for (const result of results) lines.push(`      ${result.case.id}${place(contract, result.case.pointer)}`);
    }
    lines.push("");
  }
  const untestable = report.results.filter((each) => each.outcome === "untestable");
  if (untestable.length > 0) {
    lines.push("Cannot be tested here:");
    for (const [reason, results] of grouped(untestable))
      lines.push(`  – ${results[0]?.column}: ${results.length} × ${reason}`);
    lines.push("");
  }
  const unreached = report.examples.filter((each) => each.state === "static" && each.vendored);
  if (report.target.ground === "mock" && unreached.length > 0) {
    lines.push("Examples that no request can reach, checked against their schema instead:");
    for (const one of unreached) lines.push(`  · ${one.pointer}`);
    lines.push("");
  }
  lines.push(...report.notes.map((note) => `Note: ${note}`));
  lines.push(`Examples in the vendored document: ${countText(report.counts.vendored)}`);
  lines.push(`Examples in our overlays:          ${countText(report.counts.ours)}`);
  lines.push(`Cases: ${outcomeText(report.results)}, in ${(report.milliseconds / 1000).toFixed(1)} s`);
  lines.push(report.conforms ? "The contract holds." : "The contract is broken.");
  return `${lines.join("\n")}\n`;
}

function violationLines(contract: Contract, report: SuiteReport, result: Result): string[] {
  return [
    `✗ ${result.column === report.target.name ? "" : `[${result.column}] `}${result.case.id}${place(contract, result.case.pointer)}`,
    ...result.violations.map((violation) => `    ${violation.check}: ${violation.message}`),
    `    at #${result.case.pointer}`,
    // The other columns' servers are gone by now.
    ...(result.column === report.target.name
      ? [`    ${curlOf(report.target.url, result.case, report.target.ground === "mock")}`]
      : []),
  ];
}

export function place(contract: Contract, pointer: string): string {
  const source = contract.source(pointer);
  return source ? ` (${source.file}${source.line === undefined ? "" : `:${source.line}`})` : "";
}

export function grouped(results: readonly Result[]): Map<string, Result[]> {
  const groups = new Map<string, Result[]>();
  for (const result of results) {
    const reason = result.reason ?? "";
    groups.set(reason, [...(groups.get(reason) ?? []), result]);
  }
  return groups;
}

export function countText(count: ExampleCount): string {
  return `${count.total} (${count.named} named in responses, ${count.schema} in schemas, ${count.other} elsewhere) = ${count.run} run + ${count.static} checked statically + ${count.known} known findings`;
}

export function outcomeText(results: readonly Result[]): string {
  const count = (outcome: Result["outcome"]): number => results.filter((each) => each.outcome === outcome).length;
  return `${results.length} = ${count("conforms")} conform + ${count("known")} known + ${count("untestable")} cannot be tested here + ${count("violates")} violate`;
}
