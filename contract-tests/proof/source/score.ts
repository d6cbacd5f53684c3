/** Counts what became of the source's mutants, by group, and judges it against the gate. */
import { GATE, type Passed, percent } from "../score.js";
import { SOURCE_EQUIVALENTS, type SourceEquivalent } from "./equivalents.js";
import { groupOf } from "./groups.js";
import type { Fate, SourceMutant } from "./mutants.js";

export interface GroupScore {
  readonly group: string;
  readonly files: number;
  /** Without those of the same meaning and those not judged. */
  readonly total: number;
  readonly seen: number;
  /** Of these: a test did not end, or the run broke. */
  readonly byTimeout: number;
  readonly equivalent: number;
}

export interface SourceScore {
  readonly groups: readonly GroupScore[];
  readonly all: GroupScore;
  readonly survivors: readonly SourceMutant[];
  readonly equivalents: readonly SourceEquivalent[];
  /** Listed as meaning the same, and seen by a test or no mutant at all. */
  readonly wrongEquivalents: readonly string[];
  /** How many were not judged, by the reason. */
  readonly skipped: ReadonlyMap<string, number>;
  /** One mutant in so many was taken. */
  readonly every: number;
}

const SEEN: readonly Fate[] = ["killed", "timeout", "broken"];

export function scoreSource(
  mutants: readonly SourceMutant[],
  equivalents: readonly SourceEquivalent[] = SOURCE_EQUIVALENTS,
  every = 1,
): SourceScore {
  const listed = new Map(equivalents.map((each) => [nameOf(each), each]));
  const judged = mutants.filter(({ fate }) => fate !== "skipped");
  const isSeen = ({ fate }: SourceMutant): boolean => SEEN.includes(fate);
  // Two places in a file can read the same; what is seen in one of them counts. A test that did not end says nothing
  // here: what only costs time can cost too much of it on a busy machine.
  const isListed = (mutant: SourceMutant): boolean => listed.has(nameOf(mutant)) && mutant.fate !== "killed";
  const score = (group: string, own: readonly SourceMutant[]): GroupScore => {
    const real = own.filter((each) => !isListed(each));
    return {
      group,
      files: new Set(own.map(({ file }) => file)).size,
      total: real.length,
      seen: real.filter(isSeen).length,
      byTimeout: real.filter(({ fate }) => fate === "timeout" || fate === "broken").length,
      equivalent: own.length - real.length,
    };
  };
  const groups = new Map<string, SourceMutant[]>();
  for (const each of judged) {
    const name = groupOf(each.file)?.name ?? "others";
    groups.set(name, [...(groups.get(name) ?? []), each]);
  }
  const measured = new Set(mutants.map(({ file }) => file));
  const names = new Set(judged.map(nameOf));
  const unseen = new Set(judged.filter(({ fate }) => fate !== "killed").map(nameOf));
  const skipped = new Map<string, number>();
  for (const { fate, reason = "not judged" } of mutants)
    if (fate === "skipped") skipped.set(reason, (skipped.get(reason) ?? 0) + 1);
  return {
    groups: [...groups].map(([group, own]) => score(group, own)),
    all: score("all", judged),
    survivors: judged.filter((each) => !isSeen(each) && !isListed(each)),
    equivalents: equivalents.filter((each) => unseen.has(nameOf(each))),
    // In a sample, what is listed may be left out, and its like elsewhere be taken.
    wrongEquivalents:
      every > 1
        ? []
        : [
            ...equivalents
              .filter((each) => names.has(nameOf(each)) && !unseen.has(nameOf(each)))
              .map((each) => `${nameOf(each)} is listed as of the same meaning, but a test sees it`),
            ...equivalents
              .filter((each) => measured.has(each.file) && !names.has(nameOf(each)))
              .map((each) => `${nameOf(each)} is listed as of the same meaning and is no mutant`),
          ],
    skipped,
    every,
  };
}

/** Where the share of all mutants lies with 95 % confidence, by what was taken of them. */
export function rangeOf({ total, seen }: GroupScore, every: number): readonly [from: number, to: number] {
  if (total === 0) return [0, 1];
  const share = seen / total;
  const margin = 1.96 * Math.sqrt(((share * (1 - share)) / total) * (1 - 1 / every));
  return [Math.max(0, share - margin), Math.min(1, share + margin)];
}

function nameOf({ file, text, from, to }: Pick<SourceMutant, "file" | "text" | "from" | "to">): string {
  return `${file}: ${from} → ${to} in: ${text}`;
}

export function judgeSource({ all: { total, seen }, wrongEquivalents }: SourceScore): Passed {
  const share = total === 0 ? 1 : seen / total;
  const why = share < GATE.source ? [`source: ${percent(share)} seen, the gate is ${percent(GATE.source)}`] : [];
  why.push(...wrongEquivalents);
  return { ok: why.length === 0, why };
}
