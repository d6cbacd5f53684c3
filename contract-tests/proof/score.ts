/** Counts what the proof found, by group, and judges it against the gate. */
import type { MutantResult } from "./document-mutants.js";
import { EQUIVALENTS, type Equivalent, LOCK_ONLY } from "./equivalents.js";
import type { FaultResult } from "./provider-faults.js";

/** Least shares, from 0 to 1. */
export const GATE = { documents: 1, documentsByCases: 0.8, faults: 1, source: 0.9 } as const;

export interface Score {
  readonly group: string;
  readonly total: number;
  readonly byCases: number;
  readonly byLock: number;
  readonly equivalent: number;
}

export interface DocumentScore {
  readonly groups: readonly Score[];
  readonly all: Score;
  /** Neither a case nor the lock sees them, and nobody said that they mean the same. */
  readonly survivors: readonly string[];
  /** Seen by the lock alone, by the reason why. */
  readonly lockOnly: ReadonlyMap<string, readonly string[]>;
  /** Seen by the lock alone, and no class of the list explains it. */
  readonly unexplained: readonly string[];
  readonly equivalents: readonly Equivalent[];
  /** Listed as meaning the same, and either seen by a case or no mutant at all. */
  readonly wrongEquivalents: readonly string[];
}

export function scoreDocuments(results: readonly MutantResult[], complete: boolean): DocumentScore {
  const equivalentIds = new Map(EQUIVALENTS.map((each) => [each.id, each]));
  const groups = new Map<string, MutantResult[]>();
  for (const result of results) {
    const group = groupOf(result.operator);
    groups.set(group, [...(groups.get(group) ?? []), result]);
  }
  const score = (group: string, own: readonly MutantResult[]): Score => {
    const real = own.filter((each) => !equivalentIds.has(each.id));
    return {
      group,
      total: real.length,
      byCases: real.filter((each) => each.killed === "case").length,
      byLock: real.filter((each) => each.killed === "lock").length,
      equivalent: own.length - real.length,
    };
  };
  const lockOnly = new Map<string, string[]>();
  const unexplained: string[] = [];
  for (const result of results) {
    if (result.killed !== "lock" || equivalentIds.has(result.id)) continue;
    const known = LOCK_ONLY.find((each) => each.operator.test(result.operator) && each.pointer.test(result.pointer));
    if (known) lockOnly.set(known.reason, [...(lockOnly.get(known.reason) ?? []), result.id]);
    else unexplained.push(result.id);
  }
  return {
    groups: [...groups].map(([group, own]) => score(group, own)),
    all: score("all", results),
    survivors: results.filter((each) => each.killed === "no" && !equivalentIds.has(each.id)).map((each) => each.id),
    lockOnly,
    unexplained,
    equivalents: EQUIVALENTS.filter((each) => results.some((result) => result.id === each.id)),
    wrongEquivalents: [
      ...results
        .filter((each) => each.killed === "case" && equivalentIds.has(each.id))
        .map((each) => `${each.id} is listed as equivalent, but ${each.by} sees it`),
      ...(complete
        ? EQUIVALENTS.filter((each) => !results.some((result) => result.id === each.id)).map(
            (each) => `${each.id} is listed as equivalent and is no mutant`,
          )
        : []),
    ],
  };
}

/** `drop from enum` and `rename in enum` are of one group. */
function groupOf(operator: string): string {
  const groups: [RegExp, string][] = [
    [/example/, "examples"],
    [/enum/, "enums"],
    [/minimum|maximum|m(?:in|ax)(?:Length|Items|Properties)|multipleOf|exclusive/i, "bounds"],
    [/required/, "required"],
    [/format|pattern/, "formats"],
    [/nullable|^type|type$|items|uniqueItems|branch|^drop schema/, "types"],
    [/default/, "defaults"],
    [/property|close object/, "properties"],
    [/status/, "statuses"],
    [/security|key|open operation/, "security"],
    [/path|method/, "paths and methods"],
  ];
  if (/media type/.test(operator)) return "media types";
  return groups.find(([pattern]) => pattern.test(operator))?.[1] ?? operator;
}

export interface Passed {
  readonly ok: boolean;
  readonly why: readonly string[];
}

export function judgeDocuments(score: DocumentScore): Passed {
  const { total, byCases, byLock } = score.all;
  const why: string[] = [];
  const seen = total === 0 ? 1 : (byCases + byLock) / total;
  if (seen < GATE.documents)
    why.push(`document mutants: ${percent(seen)} seen, the gate is ${percent(GATE.documents)}`);
  if (total > 0 && byCases / total < GATE.documentsByCases)
    why.push(`document mutants: ${percent(byCases / total)} by cases, the gate is ${percent(GATE.documentsByCases)}`);
  why.push(
    ...score.wrongEquivalents,
    ...score.unexplained.map((id) => `only the lock sees it, and no reason is listed: ${id}`),
  );
  return { ok: why.length === 0, why };
}

export function judgeFaults(results: readonly FaultResult[]): Passed {
  const found = results.filter((each) => each.found).length / Math.max(1, results.length);
  return found < GATE.faults
    ? { ok: false, why: [`provider faults: ${percent(found)} found, the gate is ${percent(GATE.faults)}`] }
    : { ok: true, why: [] };
}

/** Rounded down, so that 99.96 % is not told as 100 %. */
export function percent(share: number): string {
  return `${(Math.floor(share * 1000) / 10).toFixed(1)} %`;
}
