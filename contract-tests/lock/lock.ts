/** The committed lock: what the provider's documents say, fact by fact, and which cases follow from them. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../openapi/document/load.js";
import { mergeDocuments } from "../../openapi/document/merge.js";
import type { Json, JsonObject } from "../../openapi/document/types.js";
import type { Violation } from "../checks/check.js";
import { changedFacts, factsOf } from "./facts.js";

const FACTS = join(ROOT, "contract-tests", "lock", "document.lock.json");
const CASES = join(ROOT, "contract-tests", "lock", "cases.txt");

type Named = readonly { readonly name: string; readonly document: JsonObject }[];

export function lockedFacts(): ReadonlyMap<string, Json> {
  if (!existsSync(FACTS)) return new Map();
  return new Map(Object.entries(JSON.parse(readFileSync(FACTS, "utf8")) as JsonObject));
}

/** What differs from the lock, a violation each. Finds what no exchange can show: a default, an unreachable example, a narrowed enum. */
export function lockViolations(documents: Named, locked: ReadonlyMap<string, Json> = lockedFacts()): Violation[] {
  return changedFacts(locked, factsOf(mergeDocuments(documents))).map((message) => ({ check: "lock", message }));
}

export function factsText(documents: Named): string {
  return `${JSON.stringify(Object.fromEntries(factsOf(mergeDocuments(documents))), null, 2)}\n`;
}

export function lockedCases(): readonly string[] {
  return existsSync(CASES) ? readFileSync(CASES, "utf8").split("\n").filter(Boolean) : [];
}

/** Takes the documents and their cases in on purpose. */
export function writeLock(documents: Named, cases: readonly { readonly id: string }[]): void {
  writeFileSync(FACTS, factsText(documents));
  writeFileSync(CASES, `${cases.map((one) => one.id).join("\n")}\n`);
}
