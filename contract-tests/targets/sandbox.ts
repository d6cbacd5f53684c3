/** The sandbox as a column beside the mock: the same cases, as a provider. */
import { startSandbox } from "../../src/sandbox/index.js";
import type { Case } from "../cases/case.js";
import type { Contract } from "../contract.js";
import { type Result, runCases } from "../run/run.js";
import { ProviderTarget } from "./provider.js";

/** What the sandbox stands in for; other pages may be vendored beside it. */
const SERVED: ReadonlySet<string> = new Set([
  "postAiImageUpscalerPrecision",
  "getAiImageUpscalerPrecisionTask",
  "getAiImageUpscalerPrecisionTasks",
]);

/** The cases that the sandbox is there for. */
export function casesOfSandbox(contract: Contract): readonly Case[] {
  return contract.cases.filter((one) => SERVED.has(one.operation));
}

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
    const results = await runCases(contract, casesOfSandbox(contract), target);
    const others = contract.cases.filter((one) => !SERVED.has(one.operation));
    const reason = "the sandbox does not stand in for this operation";
    return [
      ...results,
      ...others.map(
        (one): Result => ({ case: one, column: target.name, outcome: "untestable", violations: [], reason }),
      ),
    ];
  } finally {
    await target.close();
    await sandbox.close();
  }
}
