/** The sandbox as a column beside the mock: the same cases, as a provider. */
import { startSandbox } from "../../src/sandbox/index.js";
import type { Contract } from "../contract.js";
import { type Result, runCases } from "../run/run.js";
import { ProviderTarget } from "./provider.js";

export async function sandboxColumn(contract: Contract): Promise<readonly Result[]> {
  // Its images are not looked at here; `echo` needs no image library.
  const sandbox = await startSandbox({ upscaler: "echo" });
  const target = new ProviderTarget({
    name: "sandbox",
    url: sandbox.url,
    key: sandbox.key,
    allowPaid: contract.cases.length,
  });
  try {
    return await runCases(contract, contract.cases, target);
  } finally {
    await target.close();
    await sandbox.close();
  }
}
