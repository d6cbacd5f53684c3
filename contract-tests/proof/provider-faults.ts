/** Plays the suite against a provider with one fault at a time: does it see the fault, and name it? */
import type { Contract } from "../contract.js";
import { playFlows } from "../flows/play.js";
import { playAndJudge, type Result } from "../run/run.js";
import { ProviderTarget } from "../targets/provider.js";
import { CONFORMING } from "./faults/conforming.js";
import type { Fault } from "./faults/fault.js";
import { type ProviderFault, startProvider } from "./provider/provider.js";

export interface FaultResult {
  readonly fault: Pick<Fault, "id" | "group" | "what">;
  readonly found: boolean;
  /** Id of the first case that saw it, and what it reported. */
  readonly by?: string | undefined;
  readonly said?: string | undefined;
}

/** Milliseconds for each exchange with a fault: short, since some faults are silence. */
const DEADLINE = 250;

/** The results against a provider, with a fault or without, as they come. */
export async function* playFault(contract: Contract, fault?: ProviderFault): AsyncGenerator<Result> {
  const { url, key, close } = await startProvider(contract.document, { fault });
  const limits = fault && !CONFORMING.includes(fault) ? { deadline: DEADLINE, bytes: 500_000 } : {};
  const target = new ProviderTarget({ url, key, allowPaid: 10_000, limits, patience: 0 });
  try {
    yield* await playFlows(contract, target);
    for (const one of target.arranged(contract.cases)) yield await playAndJudge(contract, one, target);
  } finally {
    await target.close();
    await close();
  }
}

/** Against every provider that conforms. */
export async function* playConforming(contract: Contract): AsyncGenerator<Result> {
  for (const provider of [undefined, ...CONFORMING])
    for await (const result of playFault(contract, provider)) yield { ...result, column: provider?.id ?? "correct" };
}

/** Until the first case that sees the fault by one of the checks that must. */
export async function proveFault(contract: Contract, fault: Fault): Promise<FaultResult> {
  const { id, group, what, shows } = fault;
  for await (const { case: one, violations } of playFault(contract, fault)) {
    const seen = violations.find(({ check }) => shows.includes(check));
    if (seen) return { fault: { id, group, what }, found: true, by: one.id, said: `${seen.check}: ${seen.message}` };
  }
  return { fault: { id, group, what }, found: false };
}
