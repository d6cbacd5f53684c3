/** The changeset of a spec change: which part of the version it moves, and what the change log will say. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { canonicalJson, sha256 } from "../document/hash.js";
import type { Plan } from "./plan.js";
import type { DocumentReport, Report } from "./report.js";
import type { Files } from "./transaction.js";

export type Bump = "major" | "minor" | "patch";

/** A breaking spec change asks for a major version, anything else that a program could notice for a minor one. */
export function bumpOf(report: Report): Bump | undefined {
  const changed = report.documents.filter((each) => each.status !== "unchanged" && each.status !== "page changed");
  if (changed.length === 0) return undefined;
  if (report.breaking.senders + report.breaking.readers > 0) return "major";
  const words = changed.every(
    ({ status, changes }) =>
      status === "changed" && changes.every(({ subject }) => subject === "text" || subject === "example"),
  );
  return words ? "patch" : "minor";
}

/** One file in `.changeset/`, where the repository has that folder. Named by what changed, so the same change is one file. */
export function changesetFiles(root: string, packageName: string, plan: Plan, report: Report): Files {
  const bump = bumpOf(report);
  if (bump === undefined || !existsSync(join(root, ".changeset", "config.json"))) return new Map();
  const key = sha256(canonicalJson(plan.documents.map(({ name, after }) => [name, after?.document ?? null]))).slice(
    0,
    12,
  );
  const lines = report.documents.filter((each) => each.status !== "unchanged").map(summary);
  return new Map([[`.changeset/spec-${key}.md`, `---\n"${packageName}": ${bump}\n---\n\n${lines.join("\n\n")}\n`]]);
}

function summary({ name, status, changes, operations }: DocumentReport): string {
  const document = name.replace(/\.yaml$/, "");
  if (status === "added") return `The document \`${document}\` is new: ${operations.count} operations.`;
  if (status === "removed") return `The document \`${document}\` is no longer vendored.`;
  const breaking = changes.filter((change) => change.breaks.length > 0);
  const told = (breaking.length > 0 ? breaking : changes.filter(({ subject }) => subject !== "text")).slice(0, 20);
  const items = told.map(
    ({ pointer, what, breaks }) =>
      `- ${breaks.length > 0 ? `**breaks ${breaks.join(" and ")}** ` : ""}\`#${pointer}\`: ${what}`,
  );
  return [`The provider changed \`${document}\`.`, ...(items.length > 0 ? ["", ...items] : [])].join("\n");
}
