/** The result of a benchmark: printed, and written to reports/bench/ as Markdown and JSON. */
import { mkdirSync, writeFileSync } from "node:fs";
import os from "node:os";
import { join } from "node:path";
import { ROOT } from "../../openapi/document/load.js";

/** Few measurements, to see that a benchmark works. Limits are not checked. */
export const QUICK: boolean = process.argv.includes("--quick");

export interface Table {
  readonly title: string;
  /** What was measured, and how. */
  readonly about: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface Limit {
  readonly what: string;
  readonly measured: string;
  readonly holds: boolean;
}

export interface Report {
  readonly name: string;
  readonly tables: readonly Table[];
  readonly limits: readonly Limit[];
  /** Every measurement, unrounded. */
  readonly data: unknown;
}

export const ratio = (value: number): string => (Number.isFinite(value) ? value.toFixed(2) : "–");
export const whole = (value: number): string => (Number.isFinite(value) ? String(Math.round(value)) : "–");

/** A measurement that could not be made (`NaN`) does not hold. */
export function atMost(most: number, what: string, value: number, unit = ""): Limit {
  return { what: `${what}: at most ${most}${unit}`, measured: ratio(value) + unit, holds: value <= most };
}

export function atLeast(least: number, what: string, value: number): Limit {
  return { what: `${what}: at least ${least}`, measured: ratio(value), holds: value >= least };
}

/** Prints and keeps the report. The process exits with 1 when a limit does not hold. */
export function publish(report: Report): void {
  const { name, tables, limits } = report;
  const text = ["## ", name, "\n\n", machine(), "\n", ...tables.map(tableText), limitsText(limits)].join("");
  console.log(text);
  const folder = join(ROOT, "reports", "bench");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.md`), text);
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify({ machine: machine(), ...report }, null, 2)}\n`);
  if (!QUICK && limits.some(({ holds }) => !holds)) process.exitCode = 1;
}

function limitsText(limits: readonly Limit[]): string {
  if (QUICK) return "\nA quick run: too few measurements to check the limits.\n";
  const rows = limits.map(({ what, measured, holds }) => [what, measured, holds ? "yes" : "NO"]);
  return tableText({ title: "Limits", about: "What must hold.", columns: ["limit", "measured", "holds"], rows });
}

function tableText({ title, about, columns, rows }: Table): string {
  const widths = columns.map((_, i) => Math.max(...[columns, ...rows].map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[]): string => {
    const cells = widths.map((width, i) => (i === 0 ? row[i]?.padEnd(width) : row[i]?.padStart(width)));
    return `| ${cells.join(" | ")} |`;
  };
  const rule = widths.map((width, i) => (i === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`));
  return ["", `### ${title}`, "", about, "", line(columns), line(rule), ...rows.map(line), ""].join("\n");
}

function machine(): string {
  const cpus = os.cpus();
  const memory = Math.round(os.totalmem() / 1024 ** 3);
  return `${cpus[0]?.model.trim()}, ${cpus.length} cores, ${memory} GB, ${os.type()} ${os.release()}, Node ${process.versions.node}; load average ${os.loadavg()[0]?.toFixed(1)}.`;
}
