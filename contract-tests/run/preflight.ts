/** Proves, before a run, that the mock validates bodies: one schema keyword that it cannot compile turns that off silently. */
import type { Case } from "../cases/case.js";
import { wasRefused } from "../checks/mock.js";
import type { Contract } from "../contract.js";
import type { Target } from "../targets/target.js";

/** The operations whose body the mock does not look at. */
export async function unvalidated(contract: Contract, target: Target): Promise<string[]> {
  const blind: string[] = [];
  for (const probe of probesOf(contract.cases)) {
    const played = await target.play(probe);
    if ("skipped" in played || "failure" in played.exchange || wasRefused(played.exchange)) continue;
    blind.push(`${probe.operation} (${probe.request.headers["content-type"] ?? "body"}): accepted "${probe.id}"`);
  }
  return blind;
}

/** For each request body with a schema, one case that breaks a rule inside it: an absent body is noticed without the schema. */
function probesOf(cases: readonly Case[]): Iterable<Case> {
  const found = new Map<string, Case>();
  for (const one of cases) {
    const inside = one.expect.is === "refused" && one.expect.causes.some((cause) => cause.place[0] === "body");
    const key = `${one.operation} ${one.request.headers["content-type"] ?? ""}`;
    if (inside && one.request.unfit === undefined && !found.has(key)) found.set(key, one);
  }
  return found.values();
}
