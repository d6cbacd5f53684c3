/** The committed lock: what the provider's documents say, fact by fact, and which cases follow from them. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../openapi/document/load.js";
import { mergeDocuments } from "../../openapi/document/merge.js";
import type { Json, JsonObject } from "../../openapi/document/types.js";
import type { Violation } from "../checks/check.js";
import { changedFacts, factsOf } from "./facts.js";

const FACTS = "contract-tests/lock/document.lock.json";
const CASES = "contract-tests/lock/cases.txt";

type Named = readonly { readonly name: string; readonly document: JsonObject }[];

export function lockedFacts(): ReadonlyMap<string, Json> {
  const path = join(ROOT, FACTS);
  return new Map(existsSync(path) ? Object.entries(JSON.parse(readFileSync(path, "utf8")) as JsonObject) : []);
}

/** What differs from the lock, a violation each. Finds what no exchange can show: a default, an unreachable example, a narrowed enum. */
export function lockViolations(documents: Named, locked: ReadonlyMap<string, Json> = lockedFacts()): Violation[] {
  return changedFacts(locked, factsOf(mergeDocuments(documents))).map((message) => ({ check: "lock", message }));
}

export function lockedCases(root: string = ROOT): readonly string[] {
  const path = join(root, CASES);
  return existsSync(path) ? readFileSync(path, "utf8").split("\n").filter(Boolean) : [];
}

/** The files of the lock, by path below the root. */
function lockFiles(documents: Named, cases: readonly { readonly id: string }[]): ReadonlyMap<string, string> {
  const facts = Object.fromEntries(factsOf(mergeDocuments(documents)));
  return new Map([
    [FACTS, `${JSON.stringify(facts, null, 2)}\n`],
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
