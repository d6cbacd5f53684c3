/** Accounts for every example of the document: run over HTTP, or checked against its schema where no request can reach it. */
import { type DocumentExample, examplesOf } from "../cases/examples.js";
import type { Violation } from "../checks/check.js";
import type { Contract } from "../contract.js";
import type { KnownFinding } from "./findings.js";
import { grouped } from "./group.js";
import type { Result } from "./run.js";

export interface ExampleResult extends DocumentExample {
  readonly vendored: boolean;
  readonly state: "run" | "static" | "known";
  /** Ids of the cases that played it. */
  readonly cases: readonly string[];
  /** What is wrong with it as it stands in the document. */
  readonly violations: readonly Violation[];
}

/** @param played results by the mock; without them (a provider cannot be asked for a certain response) every example is checked as it stands. */
export function accountForExamples(
  contract: Contract,
  played: readonly Result[],
  findings: readonly KnownFinding[],
): ExampleResult[] {
  const tested = played.filter(({ outcome }) => outcome !== "untestable");
  const covering = grouped(
    tested.flatMap(({ case: { id, covers } }) => covers.map((pointer) => ({ id, pointer }))),
    ({ pointer }) => pointer,
  );
  const { flaws } = contract;
  const stated = flaws.all.filter(({ pointer }) => /\/(?:default|enum\/\d+)$/.test(pointer));
  return [...examplesOf(contract.document), ...stated].map((example) => {
    const { pointer } = example;
    const violations = flaws.at(pointer)?.faults ?? [];
    const cases = (covering.get(pointer) ?? []).map(({ id }) => id);
    const finding = findings.find((each) => each.pointer === pointer);
    const known = violations.length > 0 && violations.every(({ check }) => finding?.checks.includes(check));
    return {
      ...example,
      vendored: contract.isVendored(pointer),
      state: known ? "known" : cases.length > 0 ? "run" : "static",
      cases,
      violations,
    };
  });
}

export interface ExampleCount {
  readonly inResponses: number;
  readonly inSchemas: number;
  readonly elsewhere: number;
  readonly total: number;
  readonly run: number;
  readonly static: number;
  readonly known: number;
}

export function countExamples(examples: readonly ExampleResult[]): ExampleCount {
  const count = (test: (one: ExampleResult) => boolean): number => examples.filter(test).length;
  return {
    inResponses: count((one) => one.of === "response"),
    inSchemas: count((one) => one.of === "schema"),
    elsewhere: count((one) => one.of !== "response" && one.of !== "schema"),
    total: examples.length,
    run: count((one) => one.state === "run"),
    static: count((one) => one.state === "static"),
    known: count((one) => one.state === "known"),
  };
}
