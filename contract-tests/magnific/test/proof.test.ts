import { describe, expect, it } from "vitest";
import { MutantRun } from "../../proof/document-mutants.js";
import { CONFORMING } from "../../proof/faults/conforming.js";
import { faultsFor } from "../../proof/faults/faults.js";
import { mutantsOf } from "../../proof/mutants.js";
import { playFault, proveFault } from "../../proof/provider-faults.js";
import { MOCK_DEFECTS } from "../../targets/mock-defects.js";
import { FIELDS } from "../fields.js";
import { KNOWN_FINDINGS } from "../known-findings.js";
import { EQUIVALENTS } from "../mutants.js";
import { contract, overlays, vendored } from "./page.js";

// The whole is `npm run contract:proof`; here are a few mutants of each fate, and one fault of ten.
describe("Mutants of the page", () => {
  const mutants = vendored.flatMap(({ name, document }) => mutantsOf(document).map((mutant) => ({ name, mutant })));
  const run = new MutantRun(vendored, overlays, { findings: KNOWN_FINDINGS, defects: MOCK_DEFECTS });

  it.each([
    ["maximum + 1", "case"],
    ["drop from enum", "case"],
    ["key to bearer", "case"],
    ["change default", "lock"],
  ] as const)("An operator such as '%s' is seen by the %s", async (operator, by) => {
    const found = mutants.find((each) => each.mutant.operator === operator);
    if (!found) throw new Error(`There is no mutant of the operator "${operator}".`);
    expect((await run.play(found.mutant, found.name)).killed).toBe(by);
  });

  it("include all that are listed as equivalent", () => {
    const ids = mutants.map(({ mutant }) => mutant.id);
    for (const { id } of EQUIVALENTS) expect(ids).toContain(id);
  });
});

describe("A provider of the page", () => {
  for (const provider of [undefined, ...CONFORMING])
    it(`conforms when it ${provider?.what ?? "has no fault"}`, async () => {
      for await (const { case: one, violations } of playFault(contract, provider))
        expect(violations, one.id).toEqual([]);
    });

  const faults = faultsFor(FIELDS);
  it("has faults with a name of their own each", () => {
    expect(new Set(faults.map((fault) => fault.id)).size).toBe(faults.length);
  });

  for (const fault of faults.filter((_, index) => index % 10 === 0))
    it(`is found out when it ${fault.what}`, async () => {
      expect(await proveFault(contract, fault)).toMatchObject({ found: true, by: expect.any(String) });
    });
});
