/** Proves, before a run, that the mock validates bodies: one schema keyword it cannot compile turns that off without a word. */
import type { Case } from "../cases/case.js";
import type { Contract } from "../contract.js";
import { wasRefused } from "../oracle/mock.js";
import type { Target } from "../targets/target.js";

/** For each request body with a schema, one case that breaks it. */
export function probes(contract: Contract): Case[] {
  const found = new Map<string, Case>();
  for (const one of contract.cases) {
    if (one.kind !== "negative" || one.expect.is !== "refused") continue;
    // A rule inside the body: an absent one is noticed without looking at the schema.
    if (!one.expect.causes.some((cause) => cause.place[0] === "body")) continue;
    const key = `${one.operation} ${one.request.headers["content-type"] ?? ""}`;
    if (!found.has(key)) found.set(key, one);
  }
  return [...found.values()];
}

/** The operations whose body the mock does not look at. */
export async function unvalidated(contract: Contract, target: Target): Promise<string[]> {
  const blind: string[] = [];
  for (const probe of probes(contract)) {
    const played = await target.play(probe);
    if ("skipped" in played || !played.exchange.answered) continue;
    if (!wasRefused(played.exchange))
      blind.push(`${probe.operation} (${probe.request.headers["content-type"] ?? "body"}): accepted "${probe.id}"`);
  }
  return blind;
}
