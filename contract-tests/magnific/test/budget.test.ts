import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CONFORMING } from "../../proof/faults/conforming.js";
import { combined, type Fault } from "../../proof/faults/fault.js";
import { faultsFor } from "../../proof/faults/faults.js";
import { type ProviderFault, startProvider } from "../../proof/provider/provider.js";
import { type Result, runCases } from "../../run/run.js";
import { ProviderTarget } from "../../targets/provider.js";
import { FIELDS } from "../fields.js";
import { contract } from "./page.js";

const FAULTS = faultsFor(FIELDS);
const LONG = Boolean(process.env.LONG_TESTS);
const TIMEOUT = LONG ? 3_600_000 : 60_000;
/** Reads cost nothing. */
const CASES = contract.cases.filter((one) => one.request.method !== "GET");

interface Ended {
  readonly started: number;
  readonly spent: number;
  readonly results: readonly Result[];
}

/** How many tasks a provider with these faults starts. */
async function play(faults: readonly ProviderFault[], allowPaid: number): Promise<Ended> {
  let started = 0;
  const counting: ProviderFault = {
    id: "counts",
    what: "counts the tasks that it starts",
    change: ({ success }) => ({
      success: (call) => {
        if (call.operation.method === "post") started++;
        return success(call);
      },
    }),
  };
  const { url, key, close } = await startProvider(contract.document, { fault: combined([...faults, counting]) });
  // Silence is cut short, while a busy machine takes its time.
  const limits = faults.some(({ write }) => write) ? { deadline: 100, bytes: 100_000 } : {};
  const target = new ProviderTarget({ url, key, allowPaid, patience: 0, limits });
  const results = await runCases(contract, CASES, target);
  await target.close();
  await close();
  return { started, spent: target.budget.spent, results };
}

async function expectWithin(faults: readonly ProviderFault[], allowPaid: number): Promise<void> {
  const { started, spent } = await play(faults, allowPaid);
  const what = faults.map(({ id }) => id).join(" + ");
  expect(started, what).toBeLessThanOrEqual(spent);
  expect(spent, what).toBeLessThanOrEqual(allowPaid);
}

const named = (...ids: readonly string[]): Fault[] => FAULTS.filter(({ id }) => ids.includes(id));
const CARELESS = named(
  ...[
    "takes a key in the query",
    "takes a bearer",
    "takes any key",
    "accepts above the maximum",
    "accepts below the minimum",
  ],
  ...["accepts wrong types", "accepts a missing field", "accepts no body", "accepts malformed JSON"],
);

describe("The budget against a provider that counts what it starts", () => {
  it("holds for one that takes the key anywhere and any body, though without a budget it takes much", async () => {
    expect(CARELESS).toHaveLength(9);
    expect((await play(CARELESS, 0)).started).toBe(0);
    expect((await play(CARELESS, 3)).started).toBe(3);
    expect((await play(CARELESS, 1000)).started).toBeGreaterThan(40);
  });

  it("holds for every fault of the proof", { timeout: TIMEOUT }, async () => {
    const faults = LONG ? FAULTS : FAULTS.filter((_, index) => index % 24 === 0);
    for (const fault of faults) for (const allowed of [0, 2]) await expectWithin([fault], allowed);
  });

  it("holds for random combinations of them", { timeout: TIMEOUT }, async () => {
    const some = fc.uniqueArray(fc.constantFrom(...FAULTS), { minLength: 2, maxLength: 6, selector: ({ id }) => id });
    await fc.assert(
      fc.asyncProperty(some, fc.integer({ min: 0, max: 3 }), (faults, allowed) => expectWithin(faults, allowed)),
      { numRuns: LONG ? 200 : 8, seed: 2024 },
    );
  });

  it("still finds, with nothing left, that no key is asked for, and reports what was not sent", async () => {
    const open = named("ignores the key", "accepts any media type", "accepts malformed JSON");
    const { started, results } = await play(open, 0);
    const wrong = results.filter(({ outcome }) => outcome === "violates");
    expect(new Set(wrong.map(({ case: one }) => one.expect.is))).toEqual(new Set(["unauthorized"]));
    expect(started).toBe(wrong.length);
    const patient = CONFORMING.filter(({ id }) => id === "body before key");
    const late = (await play(patient, 0)).results;
    expect(late.filter(({ outcome }) => outcome === "violates")).toEqual([]);
    expect(late.filter(({ reason }) => reason?.startsWith("sent with a body that nobody")).length).toBe(2);
    const correct = (await play([], 0)).results;
    const security = correct.filter(({ case: one }) => one.kind === "security");
    expect(security.map(({ outcome }) => outcome)).toContain("conforms");
    expect(correct.filter(({ outcome }) => outcome === "violates")).toEqual([]);
    expect(correct.filter(({ reason }) => reason?.startsWith("not sent: ")).length).toBeGreaterThan(80);
  });
});
