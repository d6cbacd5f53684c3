/** Plays cases on a target and judges them. */
import type { Case } from "../cases/case.js";
import type { Outcome, Violation } from "../checks/check.js";
import { judge } from "../checks/checks.js";
import type { Contract } from "../contract.js";
import type { Exchange } from "../targets/exchange.js";
import type { Sent, Target } from "../targets/target.js";

export interface Result {
  readonly case: Case;
  readonly column: string;
  readonly outcome: Outcome;
  readonly violations: readonly Violation[];
  /** Why it could not be tested, or why what is wrong is known. */
  readonly reason?: string | undefined;
  /** Of the response, where one came. */
  readonly status?: number | undefined;
  /** What the case was sent with, to replay it by hand. */
  readonly sent?: Sent | undefined;
  readonly exchange?: Exchange | undefined;
  /** When it began, in milliseconds since the epoch. */
  readonly started?: number;
  readonly milliseconds?: number;
}

export async function playAndJudge(contract: Contract, one: Case, target: Target): Promise<Result> {
  const base = { case: one, column: target.name };
  const unfit = one.request.unfit ?? (target.ground === "mock" ? one.providerOnly : undefined);
  if (unfit !== undefined) return { ...base, outcome: "untestable", violations: [], reason: unfit };
  const [started, begun] = [Date.now(), performance.now()];
  const played = await target.play(one);
  const milliseconds = Math.round(performance.now() - begun);
  if ("skipped" in played) return { ...base, outcome: "untestable", violations: [], reason: played.skipped };
  const { violations, untestable } = judge(contract, one, { ...played, mock: target.ground === "mock" });
  const outcome = untestable !== undefined ? "untestable" : violations.length === 0 ? "conforms" : "violates";
  const status = "failure" in played.exchange ? undefined : played.exchange.status;
  return { ...base, outcome, violations, reason: untestable, status, ...played, started, milliseconds };
}

/** Results in the order of the cases. Exchanges that nobody asks for are dropped: a large document has as many as cases. */
export async function runCases(
  contract: Contract,
  cases: readonly Case[],
  target: Target,
  exchanges = false,
): Promise<Result[]> {
  const results = new Map<Case, Result>();
  // One iterator for all workers: each takes the next case that nobody has taken.
  const queue = target.arranged(cases).values();
  const worker = async (): Promise<void> => {
    for (const one of queue) {
      const result = await playAndJudge(contract, one, target);
      results.set(one, exchanges ? result : { ...result, exchange: undefined });
    }
  };
  await Promise.all(Array.from({ length: target.ground === "mock" ? 8 : 1 }, worker));
  return cases.flatMap((one) => results.get(one) ?? []);
}
