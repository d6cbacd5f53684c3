/** Words and counts that several forms of the report share. */
import type { Contract, Source } from "../contract.js";
import type { ExampleCount } from "../run/examples.js";
import type { Result } from "../run/run.js";
import { STATES, type State } from "./matrix.js";

export const MARKS: Readonly<Record<State, string>> = {
  violates: "✗",
  untested: "○",
  untestable: "–",
  known: "!",
  static: "·",
  conforms: "✓",
};
export const WORDS: Readonly<Record<State, string>> = {
  violates: "violates",
  untested: "untested",
  untestable: "cannot be tested here",
  known: "known, with a reason",
  static: "checked statically",
  conforms: "conforms",
};

export function stateText(counts: Readonly<Record<State, number>>): string {
  const total = STATES.reduce((sum, state) => sum + counts[state], 0);
  return `${total} rows = ${STATES.map((state) => `${counts[state]} ${WORDS[state]}`)
    .toReversed()
    .join(" + ")}`;
}

export function countText(count: ExampleCount): string {
  return `${count.total} (${count.inResponses} in responses, ${count.inSchemas} in schemas, ${count.elsewhere} elsewhere) = ${count.run} run + ${count.static} checked statically + ${count.known} known findings`;
}

export function outcomeText(results: readonly Result[]): string {
  const count = (outcome: Result["outcome"]): number => results.filter((each) => each.outcome === outcome).length;
  return `${results.length} = ${count("conforms")} conform + ${count("known")} known + ${count("untestable")} cannot be tested here + ${count("violates")} violate`;
}

export function sourceText(source: Source | undefined): string {
  if (!source) return "";
  return source.line === undefined ? source.file : `${source.file}:${source.line}`;
}

/** Where a fact is written, in brackets. */
export function place(contract: Contract, pointer: string): string {
  const text = sourceText(contract.source(pointer));
  return text === "" ? "" : ` (${text})`;
}
