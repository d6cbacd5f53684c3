/** A whole run: lock, examples, cases, what is known; one report with counts that add up. */
import type { Contract } from "../contract.js";
import type { Violation } from "../oracle/verdict.js";
import type { Target } from "../targets/target.js";
import { accountForExamples, countExamples, type ExampleCount, type ExampleResult } from "./examples.js";
import { type Known, sortKnown } from "./known.js";
import { unvalidated } from "./preflight.js";
import { type Result, runCases } from "./run.js";

/** The suite could not run; that is no verdict about anybody. */
export class CannotRun extends Error {
  override readonly name = "CannotRun";
}

export interface SuiteOptions {
  readonly contract: Contract;
  readonly target: Target;
  readonly known: Known;
  /** Violations found before any exchange: the lock, overlays that no longer fit. */
  readonly before: readonly Violation[];
  /** Another document than ours is behind the mock: blindness is then its violation, not our inability. */
  readonly foreignDocument: boolean;
  /** Columns beside the target, each made after its run. */
  readonly columns?: readonly ((contract: Contract, target: Target) => Promise<readonly Result[]>)[];
}

export interface SuiteReport {
  readonly target: { readonly name: string; readonly ground: "mock" | "provider"; readonly url: string };
  readonly results: readonly Result[];
  readonly examples: readonly ExampleResult[];
  readonly counts: { readonly vendored: ExampleCount; readonly ours: ExampleCount };
  /** Violations that belong to no case: the lock, an example against its own schema, something known that vanished. */
  readonly violations: readonly Violation[];
  readonly notes: readonly string[];
  readonly milliseconds: number;
  readonly conforms: boolean;
}

/** @throws {CannotRun} when the ground is not there or cannot be trusted. */
export async function runSuite(options: SuiteOptions): Promise<SuiteReport> {
  const { contract, target, known } = options;
  const started = performance.now();
  const violations: Violation[] = [...options.before];
  if (target.ground === "mock") {
    for (const blind of await unvalidated(contract, target)) {
      const message = `The mock's validation of bodies is off: ${blind}.`;
      if (!options.foreignDocument) throw new CannotRun(message);
      violations.push({ check: "document", message });
    }
  }
  const played = await runCases(contract, contract.cases, target);
  const refused = played.filter((result) =>
    result.violations.some((each) => each.check === "transport" && each.message.startsWith("refused")),
  );
  if (
    target.ground === "provider" &&
    refused.length > 0 &&
    played.every((result) => result.outcome === "untestable" || refused.includes(result))
  ) {
    throw new CannotRun(`Nothing answers at ${target.url}: ${refused[0]?.violations[0]?.message}`);
  }
  const others: Result[] = [];
  for (const column of options.columns ?? []) others.push(...(await column(contract, target)));
  const all = accountForExamples(contract, target.ground === "mock" ? played : [], known.findings);
  const sorted = sortKnown(contract, [...played, ...others], all, known, target.ground === "mock");
  for (const example of all) {
    if (example.state === "known") continue;
    for (const each of example.violations) violations.push({ ...each, message: `${example.pointer}: ${each.message}` });
  }
  violations.push(...sorted.vanished.map((message): Violation => ({ check: "document", message })));
  return {
    target: { name: target.name, ground: target.ground, url: target.url },
    results: sorted.results,
    examples: all,
    counts: {
      vendored: countExamples(all.filter((one) => one.vendored)),
      ours: countExamples(all.filter((one) => !one.vendored)),
    },
    violations,
    notes: target.notes,
    milliseconds: Math.round(performance.now() - started),
    conforms: violations.length === 0 && sorted.results.every((result) => result.outcome !== "violates"),
  };
}
