/** Plays cases on a target and judges them. */
import type { Case } from "../cases/case.js";
import type { Contract } from "../contract.js";
import { judgeMock } from "../oracle/mock.js";
import { judgeProvider } from "../oracle/provider.js";
import type { Outcome, Violation } from "../oracle/verdict.js";
import type { Target } from "../targets/target.js";

export interface Result {
  readonly case: Case;
  readonly column: string;
  readonly outcome: Outcome;
  readonly violations: readonly Violation[];
  /** Why it could not be tested, or why what is wrong is known. */
  readonly reason?: string;
}

export async function playAndJudge(contract: Contract, one: Case, target: Target): Promise<Result> {
  const played = await target.play(one);
  const base = { case: one, column: target.name };
  if ("skipped" in played) return { ...base, outcome: "untestable", violations: [], reason: played.skipped };
  const { exchange, guessed } = played;
  const { violations, untestable } =
    target.ground === "mock" ? judgeMock(contract, one, exchange) : judgeProvider(contract, one, exchange, guessed);
  if (untestable !== undefined) return { ...base, outcome: "untestable", violations: [], reason: untestable };
  return { ...base, outcome: violations.length === 0 ? "conforms" : "violates", violations };
}

/** Results in the order of the cases. */
export async function runCases(
  contract: Contract,
  cases: readonly Case[],
  target: Target,
  atOnce: number = target.ground === "mock" ? 8 : 1,
): Promise<Result[]> {
  const results = new Map<Case, Result>();
  const queue = target.arranged(cases).values();
  // One iterator for all workers: each takes the next case that nobody has taken.
  const worker = async (): Promise<void> => {
    for (const one of queue) results.set(one, await playAndJudge(contract, one, target));
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return cases.flatMap((one) => results.get(one) ?? []);
}
