/** Everything that must be known before a plan is written: lint, generated files, types, cases, and what to review. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { filesOf } from "../generate/files.js";
import { changesetFiles } from "./changeset.js";
import { type DocumentPlan, differing, type Plan } from "./plan.js";
import { type LintProblem, lint, majorChanges, newProblems, type SecondOpinion } from "./redocly.js";
import type { Report } from "./report.js";
import type { Files } from "./transaction.js";
import { typeErrors } from "./type-check.js";

/** Further files that follow from the documents, with a line each on what changed in them. */
export interface Derived {
  readonly files: Files;
  readonly lines: readonly string[];
}

export type Derive = (plan: Plan) => Derived;

export interface Verified {
  /** Everything to be written. */
  readonly files: Files;
  readonly lint: readonly LintProblem[];
  /** What `redocly diff` rates as major and the rules here do not. */
  readonly secondOpinion: readonly SecondOpinion[];
  readonly client: readonly string[];
  readonly review: readonly string[];
}

/** @throws {Error} when the plan cannot be written: the generator or the compiler refuses what it makes. */
export async function verify(root: string, plan: Plan, report: Report, derive?: Derive): Promise<Verified> {
  if (plan.clash !== undefined)
    throw new Error(`With the overlays applied: ${plan.clash} Delete the obsolete actions above.`);
  if (!plan.effective) {
    const count = plan.unmatched.length;
    throw new Error(
      `${count} overlay action${count === 1 ? "" : "s"} no longer match${count === 1 ? "es" : ""} (above): correct or delete, then run again.`,
    );
  }
  const generated = await filesOf(plan.effective);
  const wanted = new Map<string, string | null>();
  for (const [name, text] of generated) wanted.set(`generated/${name}`, text);
  const derived = derive?.(plan);
  const files = new Map([...plan.files, ...differing(root, wanted), ...differing(root, derived?.files ?? new Map())]);
  if (files.size === 0) return { files, lint: [], secondOpinion: [], client: [], review: [] };

  const types = typeErrors(root, generated);
  if (types.generated.length > 0)
    throw new Error(
      `The generated types do not compile, which is a fault of the generator:\n  ${types.generated.slice(0, 10).join("\n  ")}`,
    );
  const [problems, opinions] = [[] as LintProblem[], [] as SecondOpinion[]];
  for (const document of plan.documents) {
    problems.push(...(await lintOf(document)));
    opinions.push(...(await opinionOn(document, report)));
  }
  for (const [path, content] of differing(root, changesetFiles(root, packageName(root), plan, report)))
    files.set(path, content);
  return {
    files,
    lint: problems,
    secondOpinion: opinions,
    client: types.client,
    review: reviewOf(plan, files, types.client, derived?.lines ?? []),
  };
}

async function lintOf({ status, before, after }: DocumentPlan): Promise<LintProblem[]> {
  if (!after || status === "unchanged" || status === "page changed") return [];
  const now = await lint(after.text);
  return before ? newProblems(await lint(before.text), now) : now;
}

async function opinionOn({ status, before, after, name }: DocumentPlan, report: Report): Promise<SecondOpinion[]> {
  if (status !== "changed" || !before || !after) return [];
  const breaking =
    report.documents.find((each) => each.name === name)?.changes.filter((change) => change.breaks.length > 0) ?? [];
  const told = breaking.map((change) => `#${change.pointer}`);
  const opinions = await majorChanges(before.text, after.text);
  return opinions.filter(({ pointer }) => !told.some((each) => pointer.startsWith(each) || each.startsWith(pointer)));
}

function packageName(root: string): string {
  const path = join(root, "package.json");
  const { name } = existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as { name?: string }) : {};
  return name ?? "package";
}

function reviewOf(plan: Plan, files: Files, client: readonly string[], derived: readonly string[]): string[] {
  const has = (prefix: string) => [...files.keys()].some((path) => path.startsWith(prefix));
  const lines: string[] = [];
  if (has("openapi/")) lines.push("openapi/: the provider's page and document, as they came");
  if (has("generated/schema.ts")) lines.push("generated/schema.ts: what changed in the types");
  lines.push(...derived);
  if (client.length > 0)
    lines.push(`src/ no longer type-checks: ${client.length} error${client.length === 1 ? "" : "s"} to mend by hand`);
  if (plan.obsolete.length > 0) lines.push("openapi/overlays/: the obsolete actions above");
  if (has(".changeset/")) lines.push(".changeset/: the version this asks for, and the words of the change log");
  lines.push("npm test, and known findings of the contract suite that are gone");
  return lines;
}
