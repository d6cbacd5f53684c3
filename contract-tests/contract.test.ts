import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadOverlays, loadVendored } from "../openapi/document/load.js";
import { Contract } from "./contract.js";
import { KNOWN_FINDINGS, MOCK_DEFECTS } from "./known/known.js";
import { lockedCases, lockViolations } from "./lock/lock.js";
import { upscaler } from "./only.js";
import { curlOf } from "./run/curl.js";
import { accountForExamples, countExamples } from "./run/examples.js";
import { sortKnown } from "./run/known.js";
import { unvalidated } from "./run/preflight.js";
import { playAndJudge, type Result } from "./run/run.js";
import { MockTarget } from "./targets/mock.js";

const vendored = loadVendored();
const contract = new Contract(vendored, loadOverlays());
const known = { findings: KNOWN_FINDINGS, defects: MOCK_DEFECTS };

describe("the contract, case by case, against the mock", () => {
  let target: MockTarget;
  const results: Result[] = [];
  beforeAll(async () => {
    target = await MockTarget.start(contract.document);
  });
  afterAll(() => target.close());

  it("plays on a mock that validates bodies", async () => {
    expect(await unvalidated(contract, target)).toEqual([]);
  });

  for (const one of contract.cases) {
    it(one.id, async () => {
      const result = await playAndJudge(contract, one, target);
      results.push(result);
      const [sorted] = sortKnown(contract, [result], [], known, true).results;
      expect(sorted?.outcome === "violates" ? sorted.violations : [], curlOf(target.url, one, true)).toEqual([]);
    });
  }

  it("shows everything that is known, and accounts for every example", () => {
    const examples = accountForExamples(contract, results, KNOWN_FINDINGS);
    expect(sortKnown(contract, results, examples, known, true).vanished).toEqual([]);
    expect(examples.filter((example) => example.state !== "known" && example.violations.length > 0)).toEqual([]);
    const page = upscaler();
    const alone = new Contract(page.vendored, page.overlays);
    const count = countExamples(examples.filter((example) => alone.isVendored(example.pointer)));
    // The upscaler's page has 7 named response examples and 11 in its schemas, 7 of these out of every request's reach.
    expect(count).toEqual({ named: 7, schema: 11, other: 0, total: 18, run: 10, static: 7, known: 1 });
  });
});

describe("what is committed", () => {
  it("says what the vendored documents say", () => {
    expect(lockViolations(vendored)).toEqual([]);
  });

  it("lists the cases that follow from the documents (npm run contract -- --accept writes it)", () => {
    expect(contract.cases.map((one) => one.id)).toEqual(lockedCases());
  });
});
