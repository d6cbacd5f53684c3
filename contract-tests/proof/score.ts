/** Counts what the proof found, by group, and judges it against the gate. */
import { grouped } from "../run/group.js";
import type { MutantResult } from "./document-mutants.js";
import type { FaultResult } from "./provider-faults.js";

/** A mutant that means the same as the document it was made from. */
export interface Equivalent {
  readonly id: string;
  readonly reason: string;
}

/** Mutants that no exchange can show, and why: only the lock does. */
export interface LockOnly {
  readonly operator: RegExp;
  readonly pointer: RegExp;
  readonly reason: string;
}

export interface KnownMutants {
  readonly equivalents: readonly Equivalent[];
  readonly lockOnly: readonly LockOnly[];
}

/** Least shares, from 0 to 1. */
export const GATE = { documents: 1, documentsByCases: 0.8, faults: 1 } as const;

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
  /** Neither a case nor the lock sees them, and they are not listed as equivalent. */
  readonly survivors: readonly string[];
  /** Seen by the lock alone, by the reason why. */
  readonly lockOnly: ReadonlyMap<string, readonly string[]>;
  /** Seen by the lock alone, for no listed reason. */
  readonly unexplained: readonly string[];
  readonly equivalents: readonly Equivalent[];
  /** Listed as equivalent, and either seen by a case or not a mutant at all. */
  readonly wrongEquivalents: readonly string[];
}

/** @param complete whether every mutant was played. */
export function scoreDocuments(
  results: readonly MutantResult[],
  known: KnownMutants,
  complete: boolean,
): DocumentScore {
  const equivalent = new Set(known.equivalents.map((each) => each.id));
  const score = (group: string, own: readonly MutantResult[]): Score => {
    const real = own.filter((each) => !equivalent.has(each.id));
    const killed = (by: MutantResult["killed"]): number => real.filter((each) => each.killed === by).length;
    const counts = { byCases: killed("case"), byLock: killed("lock"), equivalent: own.length - real.length };
    return { group, total: real.length, ...counts };
  };
  const real = results.filter((each) => !equivalent.has(each.id));
  const reasonOf = ({ operator, pointer }: MutantResult): string =>
    known.lockOnly.find((each) => each.operator.test(operator) && each.pointer.test(pointer))?.reason ?? "";
  const { "": unexplained = [], ...lockOnly } = Object.fromEntries(
    [
      ...grouped(
        real.filter((each) => each.killed === "lock"),
        reasonOf,
      ),
    ].map(([reason, own]) => [reason, own.map((each) => each.id)]),
  );
  const played = new Set(results.map((each) => each.id));
  return {
    groups: [...grouped(results, (each) => groupOf(each.operator))].map(([group, own]) => score(group, own)),
    all: score("all", results),
    survivors: real.filter((each) => each.killed === "no").map((each) => each.id),
    lockOnly: new Map(Object.entries(lockOnly)),
    unexplained,
    equivalents: known.equivalents.filter((each) => played.has(each.id)),
    wrongEquivalents: [
      ...results
        .filter((each) => each.killed === "case" && equivalent.has(each.id))
        .map((each) => `${each.id} is listed as equivalent, but ${each.by} sees it`),
      ...[...equivalent]
        .filter((id) => complete && !played.has(id))
        .map((id) => `${id} is listed as equivalent and is not a mutant`),
    ],
  };
}

const GROUPS: readonly (readonly [RegExp, string])[] = [
  [/media type/, "media types"],
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

/** `drop from enum` and `rename in enum` are of one group. */
function groupOf(operator: string): string {
  return GROUPS.find(([pattern]) => pattern.test(operator))?.[1] ?? operator;
}

/** Why the proof fails; empty when it passes. */
export function judgeDocuments(score: DocumentScore): string[] {
  const { total, byCases, byLock } = score.all;
  const share = (count: number): number => (total === 0 ? 1 : count / total);
  return [
    ...below("document mutants", "seen", share(byCases + byLock), GATE.documents),
    ...below("document mutants", "by cases", share(byCases), GATE.documentsByCases),
    ...score.wrongEquivalents,
    ...score.unexplained.map((id) => `only the lock sees it, and no reason is listed: ${id}`),
  ];
}

export function judgeFaults(results: readonly FaultResult[]): string[] {
  const found = results.filter((each) => each.found).length / Math.max(1, results.length);
  return below("provider faults", "found", found, GATE.faults);
}

function below(what: string, how: string, share: number, gate: number): string[] {
  return share < gate ? [`${what}: ${percent(share)} ${how}, the gate is ${percent(gate)}`] : [];
}

/** Rounded down, so that 99.96 % is not reported as 100 %. */
export function percent(share: number): string {
  return `${(Math.floor(share * 1000) / 10).toFixed(1)} %`;
}
