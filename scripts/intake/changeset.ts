/** The changeset of a spec change: which part of the version it moves, and what the change log will say. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { canonicalJson, sha256 } from "../../openapi/document/hash.js";
import type { JsonObject } from "../../openapi/document/types.js";
import type { Files } from "../generate/write.js";
import type { DocumentPlan } from "./plan.js";
import { changeLine, type DocumentReport } from "./report.js";

export type Bump = "major" | "minor" | "patch";

/** A breaking change of the provider asks for a major version, anything else that a program could notice for a minor one. */
export function bumpOf(documents: readonly DocumentReport[]): Bump | undefined {
  const bumps = documents.map(({ status, changes }): Bump | undefined => {
    if (status === "unchanged" || status === "page changed") return undefined;
    if (changes.some(({ breaks }) => breaks.length > 0)) return "major";
    const texts = changes.every(({ subject }) => subject === "text" || subject === "example");
    return status === "changed" && texts ? "patch" : "minor";
  });
  return (["major", "minor", "patch"] as const).find((bump) => bumps.includes(bump));
}

/**
 * A file in `.changeset/` for each document that changed, where the repository has that folder; `null` for one that is no
 * longer needed. Its name says from what to what the document went: what is reverted before a release leaves no trace.
 */
export function changesetFiles(root: string, packageName: string, documents: readonly DocumentPlan[]): Files {
  const folder = join(root, ".changeset");
  const files = new Map<string, string | null>();
  if (!existsSync(join(folder, "config.json"))) return files;
  const pending = readdirSync(folder);
  for (const own of documents) {
    const bump = bumpOf([own]);
    if (!bump) continue;
    const [from, to] = [keyOf(own.before?.document), keyOf(own.after?.document)];
    const title = `spec-${own.name.replace(/\.yaml$/, "")}`;
    const reverted = wayBack(pending, title, from, to);
    if (reverted) for (const each of reverted) files.set(`.changeset/${each}`, null);
    else files.set(`.changeset/${title}-${from}-${to}.md`, `---\n"${packageName}": ${bump}\n---\n\n${summary(own)}\n`);
  }
  return files;
}

function keyOf(document: JsonObject | undefined): string {
  return document === undefined ? "none" : sha256(canonicalJson(document)).slice(0, 8);
}

/** The changesets, none of them released, that brought the document from where it goes now to where it was. */
function wayBack(pending: readonly string[], title: string, from: string, to: string): string[] | undefined {
  const way: string[] = [];
  for (let current = from; current !== to || way.length === 0; ) {
    const step = new RegExp(`^${title.replaceAll(".", "\\.")}-(none|[0-9a-f]{8})-${current}\\.md$`);
    const name = pending.find((each) => !way.includes(each) && step.test(each));
    if (name === undefined) return undefined;
    way.push(name);
    current = step.exec(name)?.[1] ?? to;
  }
  return way;
}

function summary({ name, status, changes, operations }: DocumentReport): string {
  const document = name.replace(/\.yaml$/, "");
  if (status === "added") return `The document \`${document}\` is new: ${operations.count} operations.`;
  if (status === "removed") return `The document \`${document}\` is no longer vendored.`;
  const breaking = changes.filter((change) => change.breaks.length > 0);
  const listed = (breaking.length > 0 ? breaking : changes.filter(({ subject }) => subject !== "text")).slice(0, 20);
  const items = listed.map((change) => {
    const parties = change.breaks.length > 0 ? `**breaks ${change.breaks.join(" and ")}** ` : "";
    return `\n- ${parties}${changeLine(change)}`;
  });
  return `The provider changed \`${document}\`.\n${items.join("")}`.trimEnd();
}
