/** Accounts for every example of the document: run over HTTP, or checked against its schema where no request can reach it. */
import { type Example, examplesOf } from "../cases/examples.js";
import type { Contract } from "../contract.js";
import type { KnownFinding } from "../known/known.js";
import { schemaViolations } from "../oracle/answer.js";
import type { Violation } from "../oracle/verdict.js";
import type { Result } from "./run.js";

export interface ExampleResult {
  readonly pointer: string;
  readonly example: Example;
  readonly vendored: boolean;
  readonly state: "run" | "static" | "known";
  /** Ids of the cases that played it. */
  readonly cases: readonly string[];
  /** What is wrong with it as it stands in the document. */
  readonly violations: readonly Violation[];
}

/** @param played results by the mock; without them (a provider cannot be told what to answer) every example is checked as it stands. */
export function accountForExamples(
  contract: Contract,
  played: readonly Result[],
  findings: readonly KnownFinding[],
): ExampleResult[] {
  const players = new Map<string, string[]>();
  for (const { case: one, outcome } of played) {
    if (outcome === "untestable") continue;
    for (const pointer of one.covers) players.set(pointer, [...(players.get(pointer) ?? []), one.id]);
  }
  return examplesOf(contract.document).map((example) => {
    const violations = example.schema === undefined ? [] : schemaViolations(contract, example.schema, example.value);
    const cases = players.get(example.pointer) ?? [];
    const known = findings.some(
      (finding) =>
        finding.pointer === example.pointer &&
        violations.length > 0 &&
        violations.every((each) => finding.checks.includes(each.check)),
    );
    return {
      pointer: example.pointer,
      example,
      vendored: contract.isVendored(example.pointer),
      state: known ? "known" : cases.length > 0 ? "run" : "static",
      cases,
      violations: known
        ? violations
        : violations.map((each) => ({ check: "example", message: `${each.check}: ${each.message}` })),
    };
  });
}

export interface ExampleCount {
  readonly named: number;
  readonly schema: number;
  readonly other: number;
  readonly total: number;
  readonly run: number;
  readonly static: number;
  readonly known: number;
}

/** Named response examples, schema-level ones, and the rest (of requests, parameters, headers). */
export function countExamples(examples: readonly ExampleResult[]): ExampleCount {
  const count = (test: (one: ExampleResult) => boolean): number => examples.filter(test).length;
  const named = count(({ example }) => example.of === "response" && example.form !== "schema");
  const schema = count(({ example }) => example.form === "schema");
  return {
    named,
    schema,
    other: examples.length - named - schema,
    total: examples.length,
    run: count((one) => one.state === "run"),
    static: count((one) => one.state === "static"),
    known: count((one) => one.state === "known"),
  };
}
