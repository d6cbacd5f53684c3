/** What a benchmark found, as Markdown and JSON in reports/bench/ and as text on the terminal. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../openapi/document/load.js";
import { machine } from "./machine.js";

export interface Table {
  readonly title: string;
  /** Under the title: what was measured, and how. */
  readonly about: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** One thing that must hold, with what was measured. */
export interface Limit {
  readonly what: string;
  readonly measured: string;
  readonly holds: boolean;
}

export interface Report {
  readonly name: string;
  readonly tables: readonly Table[];
  readonly limits?: readonly Limit[];
  /** What could not be measured here, and why. */
  readonly notRun?: readonly string[];
  /** All that was measured, unrounded. */
  readonly data: unknown;
}

export function tableText({ title, about, columns, rows }: Table): string {
  const all = [columns, ...rows];
  const widths = columns.map((_, i) => Math.max(...all.map((row) => (row[i] ?? "").length)));
  const line = (row: readonly string[]): string =>
    `| ${widths.map((width, i) => (i === 0 ? (row[i] ?? "").padEnd(width) : (row[i] ?? "").padStart(width))).join(" | ")} |`;
  const rule = `|${widths.map((width, i) => (i === 0 ? "-".repeat(width + 2) : `${"-".repeat(width + 1)}:`)).join("|")}|`;
  return [`### ${title}`, "", about, "", line(columns), rule, ...rows.map(line), ""].join("\n");
}

export function markdown(report: Report): string {
  const parts = [`## ${report.name}`, "", machine(), "", ...report.tables.map(tableText)];
  if (report.limits !== undefined && report.limits.length > 0)
    parts.push(
      tableText({
        title: "Limits",
        about: "What must hold, and what was measured.",
        columns: ["limit", "measured", "holds"],
        rows: report.limits.map((each) => [each.what, each.measured, each.holds ? "yes" : "NO"]),
      }),
    );
  if (report.notRun !== undefined && report.notRun.length > 0)
    parts.push("Not run:", ...report.notRun.map((each) => `- ${each}`), "");
  return parts.join("\n");
}

/** Prints the report and keeps it. Returns whether all limits hold. */
export function publish(report: Report): boolean {
  const folder = join(ROOT, "reports", "bench");
  mkdirSync(folder, { recursive: true });
  const text = markdown(report);
  console.log(text);
  writeFileSync(join(folder, `${report.name}.md`), text);
  writeFileSync(join(folder, `${report.name}.json`), `${JSON.stringify({ machine: machine(), ...report }, null, 2)}\n`);
  return (report.limits ?? []).every((each) => each.holds);
}

export const ratio = (value: number): string => (Number.isFinite(value) ? value.toFixed(2) : "–");
export const whole = (value: number): string => (Number.isFinite(value) ? String(Math.round(value)) : "–");
