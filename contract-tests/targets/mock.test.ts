import { afterEach, describe, expect, it } from "vitest";
import { Contract } from "../contract.js";
import { upscaler } from "../only.js";
import { runCases } from "../run/run.js";
import { MockTarget } from "./mock.js";
import { mockDocument } from "./prism-document.js";
import { MockError, PrismProcess } from "./prism-process.js";

const { vendored, overlays } = upscaler();
const contract = new Contract(vendored, overlays);
const cases = contract.cases.filter((one) => one.kind === "response example");

let target: MockTarget | undefined;
afterEach(() => target?.close());

const kill = (pid: number | undefined): void => {
  if (pid !== undefined) process.kill(pid, "SIGKILL");
};

describe("the mock as a target", () => {
  it("is started again once when it dies in the middle, and the run says so", async () => {
    target = await MockTarget.start(contract.document);
    const first = target.pid;
    const [one, ...rest] = cases;
    if (!one) throw new Error("There are no cases.");
    await target.play(one);
    kill(first);
    const results = await runCases(contract, rest, target);
    expect(
      results.flatMap((result) => result.violations).filter((violation) => violation.check === "transport"),
    ).toEqual([]);
    expect(target.pid).not.toBe(first);
    expect(target.notes).toEqual([expect.stringMatching(/died in the middle of the run .*SIGKILL.* started again/)]);
    kill(target.pid);
    await expect(runCases(contract, rest, target)).rejects.toThrow(MockError);
  });

  it("does not come up on a document without operations", async () => {
    await expect(
      PrismProcess.start({ openapi: "3.0.0", info: { title: "none", version: "1" }, paths: {} }),
    ).rejects.toThrow(/Prism did not start/);
  });

  it("is given no callbacks, since it would call them", () => {
    expect(JSON.stringify(contract.document)).toContain('"callbacks"');
    expect(JSON.stringify(mockDocument(contract.document))).not.toContain('"callbacks"');
  });
});
