/** Everything that must be known before a plan is written: generated files, types, cases, and what to review. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { effectiveDocuments, ownersOf } from "../../openapi/document/load.js";
import { allFiles, staleFiles } from "../generate/files.js";
import { differing, type Files } from "../generate/write.js";
import { outdatedPlaces } from "./by-hand.js";
import { changesetFiles } from "./changeset.js";
import type { LintProblem } from "./lint.js";
import type { Plan } from "./plan.js";
import { type TypeErrors, typeErrors } from "./type-check.js";

/** Further files that follow from the documents, with a line each on what changed in them. */
export interface Derived {
  readonly files: Files;
  readonly lines: readonly string[];
}

const NONE: TypeErrors = { generated: [], client: [] };

/** Begins it; what it returns waits for the end. */
export type Derive = (root: string, plan: Plan) => Promise<() => Promise<Derived>>;

export interface Verified {
  readonly files: Files;
  readonly lint: readonly LintProblem[];
  /** What people wrote that does not fit the documents any more, as `file:line, line why`. */
  readonly client: readonly string[];
  readonly review: readonly string[];
}

/** @throws {Error} when the plan cannot be written: the generator or the compiler refuses what it makes. */
export async function verify(root: string, plan: Plan, derive: Derive): Promise<Verified> {
  if (!plan.effective)
    throw new Error("Overlay actions no longer match (above): correct or delete them, then run again.");
  const deriving = await derive(root, plan);
  const generated = await allFiles(plan.effective, ownersOf(plan.vendored));
  const stale = [...staleFiles(join(root, "generated"), generated)];
  // Nothing depends on a document that is new but what was generated of it.
  const isChange = plan.documents.some(({ status }) => status !== "added");
  const before = plan.documents.flatMap((each) => (each.before === undefined ? [] : [each.before]));
  const types = plan.files.size + stale.length > 0 ? typeErrors(root, generated, isChange) : NONE;
  const derived = await deriving();
  const files = new Map([
    ...plan.files,
    ...stale.map(([name, text]) => [`generated/${name}`, text] as const),
    ...differing(root, derived.files),
  ]);
  if (files.size === 0) return { files, lint: [], client: [], review: [] };

  if (types.generated.length > 0) {
    const list = types.generated.slice(0, 10).join("\n  ");
    throw new Error(`The generated types do not compile, which is a fault of the generator:\n  ${list}`);
  }
  const old = [...plan.vendored.filter(({ name }) => !before.some((each) => each.name === name)), ...before];
  const client = [
    ...types.client,
    ...outdatedPlaces(root, effectiveDocuments(old, plan.applied).documents, plan.effective),
  ];
  for (const [path, content] of changesetFiles(root, packageName(root), plan.documents)) files.set(path, content);
  return {
    files,
    lint: plan.documents.flatMap((each) => each.lint),
    client,
    review: reviewOf(plan, files, client, derived.lines),
  };
}

function packageName(root: string): string {
  const path = join(root, "package.json");
  const { name } = existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as { name?: string }) : {};
  return name ?? "package";
}

function reviewOf(plan: Plan, files: Files, client: readonly string[], derived: readonly string[]): string[] {
  const has = (prefix: string) => [...files.keys()].some((path) => path.startsWith(prefix));
  return [
    ...(has("openapi/") ? ["openapi/: the provider's page and document, unchanged"] : []),
    ...(has("generated/") ? ["generated/: what changed in the types (schema.ts)"] : []),
    ...derived,
    ...(client.length > 0 ? [`${client.length} places above that were written by hand`] : []),
    ...(plan.overlays.obsolete.length > 0 ? ["openapi/overlays/: delete the obsolete actions above"] : []),
    ...(has(".changeset/") ? [".changeset/: the version this asks for, and the text of the change log"] : []),
    "npm test, and known findings of the contract suite that are gone",
  ];
}
