import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Contract } from "../contract.js";
import { upscaler } from "../only.js";
import type { Result } from "../run/run.js";
import { facadeColumn } from "./facade.js";
import { MockTarget } from "./mock.js";

const { vendored, overlays } = upscaler();
const contract = new Contract(vendored, overlays);
const wrong = (results: readonly Result[]): string[] =>
  results
    .filter((each) => each.outcome === "violates")
    .map((each) => `${each.case.id}: ${each.violations.map((one) => one.message).join("; ")}`);

describe("the facade, case by case", () => {
  let mock: MockTarget;
  let results: readonly Result[];
  beforeAll(async () => {
    mock = await MockTarget.start(contract.document);
    results = await facadeColumn(contract, mock);
  });
  afterAll(() => mock.close());

  it("puts on the wire what the case says, and makes of the answer what it is", () => {
    expect(wrong(results)).toEqual([]);
  });

  it("is asked every case that it can express", () => {
    const asked = results.filter((each) => each.outcome === "conforms").map((each) => each.case);
    const kinds = (kind: string): number => asked.filter((one) => one.kind === kind).length;
    expect(kinds("response example")).toBe(contract.cases.filter((one) => one.kind === "response example").length);
    expect(kinds("dynamic")).toBe(contract.cases.filter((one) => one.kind === "dynamic").length);
    // What a field can break, all but a data: URI, which the facade takes.
    const breakable = contract.cases.filter((one) => one.expect.is === "refused").length;
    expect(asked.filter((one) => one.expect.is === "refused")).toHaveLength(breakable - 1);
    expect(results.every((each) => each.outcome !== "untestable" || (each.reason ?? "") !== "")).toBe(true);
  });
});
