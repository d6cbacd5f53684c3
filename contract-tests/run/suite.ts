/** A whole run: cases, other columns, examples, what is known; one report with counts that add up. */
import type { Violation } from "../checks/check.js";
import type { Contract } from "../contract.js";
import { playFlows } from "../flows/play.js";
import type { Target } from "../targets/target.js";
import { accountForExamples, countExamples, type ExampleCount, type ExampleResult } from "./examples.js";
import { commonPointer, findingsIn } from "./findings.js";
import { grouped } from "./group.js";
import { type Known, sortKnown } from "./known.js";
import { unvalidated } from "./preflight.js";
import { type Result, runCases } from "./run.js";
import { setAside, type Undeclared } from "./undeclared.js";
import { blocked, inconclusive } from "./verdict.js";

/** The suite could not run; that is not a verdict about anybody. */
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
  /** What to do with fields of responses that the document does not declare. Default: `fail`. */
  readonly undeclared?: "report" | "fail";
  /** How much of what can be sent to a provider must have been tested, in percent. Default: 0. */
  readonly require?: number;
  /** Whether results keep what was received, for an archive. Default: no. */
  readonly exchanges?: boolean;
  /** The cases to play, by column and id. Default: all. */
  readonly only?: ((column: string, id: string) => boolean) | undefined;
  /** More columns, each made after the run on the target. */
  readonly columns?: readonly ((contract: Contract, target: Target) => Promise<readonly Result[]>)[];
}

export interface SuiteReport {
  readonly target: { readonly name: string; readonly ground: "mock" | "provider"; readonly url: string };
  readonly results: readonly Result[];
  readonly examples: readonly ExampleResult[];
  readonly counts: { readonly vendored: ExampleCount; readonly ours: ExampleCount };
  /** Violations that belong to no case: the lock, an example against its own schema, something known that vanished. */
  readonly violations: readonly Violation[];
  /** Fields that the document does not declare, where they are no violations. */
  readonly undeclared: readonly Undeclared[];
  readonly notes: readonly string[];
  /** In milliseconds since the epoch. */
  readonly started: number;
  readonly milliseconds: number;
  /** Why the run gives no verdict, where it gives none. */
  readonly inconclusive?: string | undefined;
  readonly conforms: boolean;
}

/** @throws {CannotRun} when the ground is not there or cannot be trusted. */
export async function runSuite(options: SuiteOptions): Promise<SuiteReport> {
  const { contract, target, known } = options;
  const [started, begun] = [Date.now(), performance.now()];
  const violations: Violation[] = [...options.before];
  if (target.ground === "mock") {
    for (const blind of await unvalidated(contract, target)) {
      const message = `The mock's validation of bodies is off: ${blind}.`;
      if (!options.foreignDocument) throw new CannotRun(message);
      violations.push({ check: "document", message });
    }
  }
  const { only = () => true } = options;
  const chosen = contract.cases.filter(({ id }) => only(target.name, id));
  const all = await runCases(contract, chosen, target, options.exchanges);
  const aside = options.undeclared === "report" ? setAside(all) : { results: all, undeclared: [] };
  const played = blocked(aside.results);
  requireResponses(target, played);
  // After all else, with what is left of the budget.
  const others = await playFlows(contract, target, (id) => only(target.name, id));
  for (const column of options.columns ?? []) others.push(...(await column(contract, target)));
  const wanted = others.filter((each) => only(each.column, each.case.id));
  const mock = target.ground === "mock";
  const findings = findingsIn(contract.document, known.findings);
  const examples = accountForExamples(contract, mock ? played : [], findings);
  const { results, vanished } = sortKnown(contract, [...played, ...wanted], examples, {
    findings,
    defects: mock ? known.defects : [],
  });
  violations.push(...exampleViolations(examples));
  violations.push(...vanished.map((message): Violation => ({ check: "document", message })));
  const unsaid = mock ? undefined : inconclusive(played, options.require ?? 0, options.only !== undefined);
  return {
    target: { name: target.name, ground: target.ground, url: target.url },
    results,
    examples,
    counts: {
      vendored: countExamples(examples.filter((one) => one.vendored)),
      ours: countExamples(examples.filter((one) => !one.vendored)),
    },
    violations,
    undeclared: aside.undeclared,
    notes: target.notes,
    started,
    milliseconds: Math.round(performance.now() - begun),
    inconclusive: unsaid,
    conforms:
      unsaid === undefined && violations.length === 0 && results.every((result) => result.outcome !== "violates"),
  };
}

/** A wrong example once, wherever it is copied to. */
function exampleViolations(examples: readonly ExampleResult[]): Violation[] {
  const wrong = examples.filter(({ state, violations }) => state !== "known" && violations.length > 0);
  const textOf = ({ violations }: ExampleResult): string =>
    violations.map(({ check, message }) => `${check}: ${message}`).join("; ");
  return [...grouped(wrong, (each) => JSON.stringify([each.value, textOf(each)])).values()].flatMap((all) => {
    const [first] = all;
    if (!first) return [];
    const pointer = commonPointer(all.map((each) => each.pointer));
    const others = all.length === 1 ? "" : ` (and the same at ${all.length - 1} other places)`;
    return {
      check: "example",
      message: `${first.pointer}: ${textOf(first)}${others}`,
      remedy: `npm run contract -- --accept-finding '${pointer}' --reason "<why it may stay>"`,
    };
  });
}

/** @throws {CannotRun} when nothing was there to respond to any case. */
function requireResponses(target: Target, played: readonly Result[]): void {
  const tested = played.filter(({ outcome }) => outcome !== "untestable");
  const refusal = ({ violations: [first] }: Result): string | undefined =>
    first?.check === "transport" && first.message.startsWith("refused") ? first.message : undefined;
  if (target.ground === "provider" && tested.length > 0 && tested.every((result) => refusal(result) !== undefined))
    throw new CannotRun(`Nothing responds at ${target.url}: ${tested.map(refusal)[0]}`);
}
