import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSandbox } from "../../../src/sandbox/index.js";
import { Contract } from "../../contract.js";
import { caseViolations, lockedCases, lockViolations } from "../../lock/lock.js";
import { curlOf } from "../../run/curl.js";
import { accountForExamples, countExamples } from "../../run/examples.js";
import { findingsIn } from "../../run/findings.js";
import { sortKnown } from "../../run/known.js";
import { unvalidated } from "../../run/preflight.js";
import { playAndJudge, type Result, runCases } from "../../run/run.js";
import { MockTarget } from "../../targets/mock.js";
import { MOCK_DEFECTS } from "../../targets/mock-defects.js";
import { ProviderTarget } from "../../targets/provider.js";
import { violationsOf } from "../../test/shapes.js";
import { facadeColumn } from "../facade.js";
import { KNOWN_FINDINGS } from "../known-findings.js";
import { contract, vendored } from "./page.js";

const known = { findings: findingsIn(contract.document, KNOWN_FINDINGS), defects: MOCK_DEFECTS };

describe("The contract, case by case, on the mock", () => {
  let mock: MockTarget;
  const results: Result[] = [];
  beforeAll(async () => {
    mock = await MockTarget.start(contract.document);
  });
  afterAll(() => mock.close());

  it("The mock validates bodies", async () => {
    expect(await unvalidated(contract, mock)).toEqual([]);
  });

  for (const one of contract.cases) {
    it(one.id, async () => {
      const result = await playAndJudge(contract, one, mock);
      results.push(result);
      const [sorted] = sortKnown(contract, [result], [], known).results;
      const wrong = sorted?.outcome === "violates" ? sorted.violations : [];
      expect(wrong, result.sent && curlOf(one, result.sent)).toEqual([]);
    });
  }

  it("Everything that is known to be wrong still shows, and every example is accounted for", () => {
    const examples = accountForExamples(contract, results, known.findings);
    expect(sortKnown(contract, results, examples, known).vanished).toEqual([]);
    expect(examples.filter((example) => example.state !== "known" && example.violations.length > 0)).toEqual([]);
    const count = countExamples(examples);
    expect(count.run + count.static + count.known).toBe(count.total);
    expect(count.inResponses + count.inSchemas + count.elsewhere).toBe(count.total);
  });

  it("The facade sends what each case says, and makes of the response what it is", async () => {
    const facade = await facadeColumn(contract, mock);
    expect(violationsOf(facade)).toEqual([]);
    for (const { case: one, outcome, reason } of facade) {
      const { kind, expect: expected } = one;
      const asked = kind === "response example" || kind === "dynamic" || expected.is === "refused";
      // What a field can break is refused by the facade, all but a data: URI, which it takes.
      if (asked && !reason?.includes("data: URI")) expect(outcome, one.id).toBe("conforms");
      if (outcome === "untestable") expect(reason, one.id).toMatch(/^the facade /);
    }
  });
});

describe("The sandbox, played like a provider", () => {
  it.each([
    ["the whole contract", contract, true],
    ["the provider's own document", new Contract(vendored, []), false],
  ] as const)("conforms to %s, and counts as paid what the suite counts", async (_, own, wholeDocument) => {
    const sandbox = await startSandbox({ upscaler: "echo" });
    const target = new ProviderTarget({ url: sandbox.url, key: sandbox.key, allowPaid: 1000, wholeDocument });
    const results = await runCases(own, own.cases, target);
    const { paid } = sandbox.counts;
    await target.close();
    await sandbox.close();
    expect(violationsOf(results)).toEqual([]);
    const mine = own.cases.filter((one) => one.mockOnly === undefined && (wholeDocument || one.kind !== "routing"));
    expect(results.filter((each) => each.outcome === "conforms").map((each) => each.case)).toEqual(mine);
    expect(target.budget.spent).toBe(paid);
  });
});

// Of the other documents, `npm run contract` checks it.
describe("The lock", () => {
  it("says what the vendored document says", () => {
    expect(lockViolations(vendored)).toEqual([]);
  });

  it("lists the cases that follow from the document (npm run contract -- --accept writes it)", () => {
    const operations = new Set(contract.operations.map(({ id }) => id));
    const own = lockedCases().filter((id) => operations.has(id.split(" · ")[0] ?? ""));
    expect(contract.cases.map(({ id }) => id)).toEqual(own);
    expect(caseViolations(contract.cases.slice(1))).toMatchObject([{ check: "lock" }]);
  });
});
