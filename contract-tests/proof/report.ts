/** The proof in words. */
import { grouped } from "../run/group.js";
import type { FaultResult } from "./provider-faults.js";
import type { DocumentScore, Score } from "./score.js";
import { percent } from "./score.js";

export function documentReport(score: DocumentScore): string {
  const lines = [
    "Mutants of the vendored document, behind the mock",
    "",
    "  group                 mutants   by cases        by lock     equivalent",
  ];
  for (const group of [...score.groups, score.all]) lines.push(row(group));
  lines.push("");
  for (const id of score.survivors) lines.push(`  SURVIVES: ${id}`);
  if (score.lockOnly.size > 0) lines.push("  Seen by the lock alone, and why:");
  for (const [reason, ids] of score.lockOnly) {
    lines.push(`    ${reason} (${ids.length})`, ...ids.map((id) => `      ${id}`));
  }
  if (score.equivalents.length > 0) lines.push("  Equivalent to the document:");
  for (const { id, reason } of score.equivalents) lines.push(`    ${id}`, `      ${reason}`);
  return `${lines.join("\n")}\n`;
}

function row({ group, total, byCases, byLock, equivalent }: Score): string {
  const share = total === 0 ? "" : ` (${percent(byCases / total)})`;
  return `  ${group.padEnd(20)} ${String(total).padStart(8)}   ${`${byCases}${share}`.padEnd(14)} ${String(byLock).padStart(8)} ${String(equivalent).padStart(14)}`;
}

export function faultReport(results: readonly FaultResult[]): string {
  const lines = ["Faults of a provider, one at a time", ""];
  for (const [group, own] of grouped(results, (each) => each.fault.group)) {
    lines.push(`  ${group.padEnd(20)} ${own.filter((each) => each.found).length} of ${own.length} found`);
    for (const each of own.filter((one) => !one.found)) lines.push(`    MISSED: ${each.fault.id}: ${each.fault.what}`);
  }
  const found = results.filter((each) => each.found).length;
  lines.push(
    `  ${"all".padEnd(20)} ${found} of ${results.length} found (${percent(found / Math.max(1, results.length))})`,
  );
  return `${lines.join("\n")}\n`;
}
