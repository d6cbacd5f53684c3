/** Plays the suite against a provider with one fault at a time: does it see the fault, and say what it is? */
import type { JsonObject } from "../../openapi/document/types.js";
import type { Contract } from "../contract.js";
import { startProvider } from "../provider/provider.js";
import { type Result, runCases } from "../run/run.js";
import { ProviderTarget } from "../targets/provider.js";
import type { Fault } from "./faults.js";

export interface FaultResult {
  readonly fault: Pick<Fault, "id" | "group" | "what">;
  readonly found: boolean;
  /** Id of the first case that saw it, and what it said. */
  readonly by?: string;
  readonly said?: string;
}

/** @param deadline for each exchange, in milliseconds: short, since some faults are silence. */
export async function playFault(
  contract: Contract,
  document: JsonObject,
  fault: Fault | undefined,
  deadline = 250,
): Promise<readonly Result[]> {
  const provider = await startProvider(document, fault ? { fault } : {});
  const target = new ProviderTarget({
    url: provider.url,
    key: provider.key,
    allowPaid: 10_000,
    limits: { deadline, bytes: 500_000 },
    patience: 0,
  });
  try {
    return await runCases(contract, contract.cases, target);
  } finally {
    await target.close();
    await provider.close();
  }
}

export async function proveFaults(contract: Contract, faults: readonly Fault[]): Promise<FaultResult[]> {
  const results: FaultResult[] = [];
  for (const fault of faults) {
    const { id, group, what } = fault;
    const played = await playFault(contract, contract.document, fault);
    const seen = played.find((result) => result.violations.some((violation) => fault.shows.includes(violation.check)));
    const said = seen?.violations.find((violation) => fault.shows.includes(violation.check));
    results.push({
      fault: { id, group, what },
      found: seen !== undefined,
      ...(seen && said ? { by: seen.case.id, said: `${said.check}: ${said.message}` } : {}),
    });
  }
  return results;
}
