/** The diagnosis in words. */
import type { Contract } from "../contract.js";
import { place } from "../report/terminal.js";
import type { Diagnosis } from "./doctor.js";

export function doctorReport(contract: Contract, { known, fresh, vanished }: Diagnosis): string {
  const lines = ["Flaws of the vendored documents", ""];
  for (const { rule, pointer, message } of fresh)
    lines.push(`✗ ${rule}${place(contract, pointer)}: ${message}`, `    at #${pointer}`);
  for (const { rule, pointers, says } of vanished) {
    lines.push(`✗ ${rule}: known, and not there any more (${(says ?? pointers).join(", ")}): take it off the list`);
  }
  const byReason = new Map<string, typeof known>();
  for (const each of known) byReason.set(each.reason, [...(byReason.get(each.reason) ?? []), each]);
  for (const [reason, flaws] of byReason) {
    lines.push(
      `! ${flaws[0]?.flaw.rule}: ${reason}`,
      ...flaws.map(({ flaw }) => `    ${flaw.message}${place(contract, flaw.pointer)}`),
    );
  }
  lines.push("", `${known.length} known, ${fresh.length} new, ${vanished.length} no longer there.`);
  return `${lines.join("\n")}\n`;
}
