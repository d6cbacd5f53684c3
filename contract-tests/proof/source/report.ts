/** What became of the source's mutants, in words. */
import { percent } from "../score.js";
import type { SourceMutant } from "./mutants.js";
import { type GroupScore, rangeOf, type SourceScore } from "./score.js";

export function sourceReport(score: SourceScore): string {
  const lines = [
    "Mutants of the source, under the unit and contract tests",
    "",
    "  group              files   mutants   seen               of these by timeout   same meaning",
  ];
  for (const group of score.groups.length === 1 ? score.groups : [...score.groups, score.all]) lines.push(row(group));
  lines.push("");
  if (score.every > 1) {
    const [from, to] = rangeOf(score.all, score.every);
    lines.push(
      `  One mutant in ${score.every} was taken. Of all, ${percent(from)} to ${percent(to)} are seen, with 95 % confidence.`,
      "",
    );
  }
  for (const survivor of score.survivors) lines.push(`  SURVIVES: ${told(survivor)}`);
  for (const [reason, count] of score.skipped) lines.push(`  Not judged: ${count}, ${reason}`);
  if (score.equivalents.length > 0) lines.push("  Of the same meaning:");
  for (const { file, from, to, reason } of score.equivalents)
    lines.push(`    ${file}: ${short(from)} → ${short(to)}`, `      ${reason}`);
  return `${lines.join("\n")}\n`;
}

function row({ group, files, total, seen, byTimeout, equivalent }: GroupScore): string {
  const share = total === 0 ? "" : ` (${percent(seen / total)})`;
  return `  ${group.padEnd(16)} ${String(files).padStart(7)} ${String(total).padStart(9)}   ${`${seen}${share}`.padEnd(18)} ${String(byTimeout).padStart(19)} ${String(equivalent).padStart(14)}`;
}

function told({ file, line, fate, mutator, from, to }: SourceMutant): string {
  const reached = fate === "not covered" ? ", which no test reaches" : "";
  return `${file}:${line}: ${short(from)} → ${short(to)} (${mutator}${reached})`;
}

const short = (text: string): string => (text.length > 90 ? `${text.slice(0, 89)}…` : text);
