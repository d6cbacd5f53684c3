import { describe, expect, it } from "vitest";
import { startSandbox } from "../../../src/sandbox/index.js";
import { playFlows } from "../../flows/play.js";
import { CONFORMING } from "../../proof/faults/conforming.js";
import { FLOW_FAULTS } from "../../proof/faults/flows.js";
import { type ProviderFault, startProvider } from "../../proof/provider/provider.js";
import { ProviderTarget } from "../../targets/provider.js";
import { mockInProcess } from "../../test/in-process.js";
import { things, violationsOf } from "../../test/shapes.js";
import { contract as page } from "./page.js";

async function flowsAgainst(contract: typeof page, fault?: ProviderFault, allowPaid = 10) {
  const { url, key, close } = await startProvider(contract.document, { fault });
  const target = new ProviderTarget({ url, key, allowPaid });
  const results = await playFlows(contract, target);
  await target.close();
  await close();
  return { results, spent: target.budget.spent };
}

const seen: Readonly<Record<string, readonly string[]>> = {
  "another's id": ["is read under its own id"],
  "any id is known": ["an id that nobody made is refused"],
  "one id for all": ["two calls make two ids"],
  "lost from the list": ["is in the list"],
  "shown to any key": ["is not shown to a wrong key"],
};

describe.each([
  ["the page", page],
  ["another document", things],
])("The flows of %s", (_, contract) => {
  it.each([undefined, ...CONFORMING])("all hold for a provider that conforms: %o", async (provider) => {
    const { results } = await flowsAgainst(contract, provider);
    expect(results.map(({ outcome, reason }) => reason ?? outcome)).toEqual(results.map(() => "conforms"));
    expect(results).toHaveLength(5);
  });

  it.each(FLOW_FAULTS)("see, by the one step that is about it, that a provider $what", async (fault) => {
    const { results } = await flowsAgainst(contract, fault);
    const wrong = results.filter(({ outcome }) => outcome === "violates");
    expect(wrong.map(({ case: one }) => one.id.split(" · ").at(-1))).toEqual(seen[fault.id]);
  });
});

it("Flows make two things at most, and are not tested without the budget for them", async () => {
  expect((await flowsAgainst(page)).spent).toBe(2);
  for (const [allowed, tested] of [
    [0, 1],
    [1, 4],
  ] as const) {
    const { results, spent } = await flowsAgainst(page, undefined, allowed);
    expect(spent).toBe(allowed);
    expect(results.filter(({ outcome }) => outcome === "conforms")).toHaveLength(tested);
    const untested = results.filter(({ outcome }) => outcome === "untestable");
    for (const { reason } of untested) expect(reason).toMatch(/^nothing could be made: not sent: .*--allow-paid/);
  }
});

it("The sandbox passes its flows, and a mock is not asked", async () => {
  const sandbox = await startSandbox({ upscaler: "echo" });
  const target = new ProviderTarget({ url: sandbox.url, key: sandbox.key, allowPaid: 2 });
  const results = await playFlows(page, target);
  await target.close();
  await sandbox.close();
  expect(violationsOf(results)).toEqual([]);
  expect(results.map(({ outcome }) => outcome)).toEqual(Array(5).fill("conforms"));
  const mock = await mockInProcess(page.document);
  const mocked = await playFlows(page, mock);
  await mock.close();
  expect(mocked.map(({ reason }) => reason)).toEqual(Array(5).fill(expect.stringMatching(/^the mock keeps nothing/)));
});
