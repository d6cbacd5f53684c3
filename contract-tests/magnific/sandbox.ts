/** The sandbox as a column: the same cases, as a provider. */
import { startSandbox } from "../../src/sandbox/index.js";
import type { Contract } from "../contract.js";
import { playFlows } from "../flows/play.js";
import { type Result, runCases } from "../run/run.js";
import { ProviderTarget } from "../targets/provider.js";
import { CALLS, callKey } from "./facade.js";

export async function sandboxColumn(contract: Contract): Promise<readonly Result[]> {
  // Its images are not looked at here; `echo` needs no image library.
  const sandbox = await startSandbox({ upscaler: "echo" });
  const { url, key } = sandbox;
  const target = new ProviderTarget({ name: "sandbox", url, key, allowPaid: contract.cases.length });
  try {
    const served = contract.cases.filter((one) => callKey(contract, one) in CALLS);
    const others = contract.cases.filter((one) => !served.includes(one));
    const reason = "the sandbox does not serve this operation";
    return [
      ...(await runCases(contract, served, target)),
      ...(await playFlows(contract, target)),
      ...others.map((one): Result => ({ case: one, column: "sandbox", outcome: "untestable", violations: [], reason })),
    ];
  } finally {
    await target.close();
    await sandbox.close();
  }
}
