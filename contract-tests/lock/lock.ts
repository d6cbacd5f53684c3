/** The committed lock: what the provider's documents say, fact by fact, and which cases follow from them. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../openapi/document/load.js";
import type { NamedDocument } from "../../openapi/document/merge.js";
import type { Json } from "../../openapi/document/types.js";
import type { Violation } from "../checks/check.js";
import { changedFacts, factsOf } from "./facts.js";

const FACTS = "contract-tests/lock/document.lock.json";
const CASES = "contract-tests/lock/cases.txt";

type Named = readonly NamedDocument[];
/** By pointer, by the name of the document. */
type Facts = Readonly<Record<string, Readonly<Record<string, Json>>>>;

export const factsIn = (documents: Named): Facts =>
  Object.fromEntries(documents.map(({ name, document }) => [name, Object.fromEntries(factsOf(document))]));

export function lockedFacts(): Facts {
  const path = join(ROOT, FACTS);
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Facts) : {};
}

/**
 * What differs from the lock of these documents, a violation each. Finds what no exchange can show: a default, an
 * unreachable example, a narrowed enum.
 */
export function lockViolations(documents: Named, locked: Facts = lockedFacts()): Violation[] {
  const differences = documents.flatMap(({ name, document }) =>
    changedFacts(new Map(Object.entries(locked[name] ?? {})), factsOf(document)),
  );
  return differences.map((message) => ({ check: "lock", message }));
}

export function lockedCases(root: string = ROOT): readonly string[] {
  const path = join(root, CASES);
  return existsSync(path) ? readFileSync(path, "utf8").split("\n").filter(Boolean) : [];
}

/** Whether the list of cases in the lock is what follows from the documents. */
export function caseViolations(cases: readonly { readonly id: string }[]): Violation[] {
  if (cases.map(({ id }) => id).join("\n") === lockedCases().join("\n")) return [];
  return [{ check: "lock", message: `${CASES} does not list the cases that follow: npm run contract -- --accept` }];
}

/** The files of the lock, by path below the root. */
function lockFiles(documents: Named, cases: readonly { readonly id: string }[]): ReadonlyMap<string, string> {
  return new Map([
    [FACTS, `${JSON.stringify(factsIn(documents), null, 2)}\n`],
    [CASES, `${cases.map((one) => one.id).join("\n")}\n`],
  ]);
}

/** The same for a folder's lock, and how many cases come and go. */
export function changedLock(root: string, documents: Named, cases: readonly { readonly id: string }[]) {
  const old = new Set(lockedCases(root));
  const added = cases.filter(({ id }) => !old.has(id)).length;
  const removed = old.size - (cases.length - added);
  const line = `${CASES}: ${added} contract cases more, ${removed} fewer`;
  return { files: lockFiles(documents, cases), lines: added + removed > 0 ? [line] : [] };
}

/** Takes the documents and their cases in on purpose. */
export function writeLock(documents: Named, cases: readonly { readonly id: string }[]): void {
  for (const [path, text] of lockFiles(documents, cases)) writeFileSync(join(ROOT, path), text);
}
