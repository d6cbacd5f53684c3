import { afterEach, describe, expect, it } from "vitest";
import { nodesOf } from "../../cases/walk.js";
import { runCases } from "../../run/run.js";
import { CannotRun, runSuite } from "../../run/suite.js";
import { things } from "../../test/shapes.js";
import { MockTarget } from "../mock.js";
import { MOCK_DEFECTS } from "../mock-defects.js";
import { mockDocument } from "../prism-document.js";
import { MockError, PrismProcess } from "../prism-process.js";

const cases = things.cases.filter((one) => one.kind === "response example");

let target: MockTarget | undefined;
afterEach(() => target?.close());

const kill = (pid: number | undefined): void => {
  if (pid !== undefined) process.kill(pid, "SIGKILL");
};

describe("The mock as a target", () => {
  it("is restarted once when it dies during a run, which the report notes, and is abandoned the second time", async () => {
    target = await MockTarget.start(things.document);
    const first = target.pid;
    await runCases(things, cases.slice(0, 1), target);
    kill(first);
    const results = await runCases(things, cases, target);
    expect(results.flatMap(({ violations }) => violations)).toEqual([]);
    expect(target.pid).not.toBe(first);
    expect(target.notes).toEqual([expect.stringMatching(/died during the run .*SIGKILL.* was restarted/)]);
    kill(target.pid);
    await expect(runCases(things, cases, target)).rejects.toThrow(MockError);
  });

  it("does not start for a document without operations", async () => {
    const empty = { openapi: "3.0.0", info: { title: "none", version: "1" }, paths: {} };
    await expect(PrismProcess.start(empty)).rejects.toThrow(/Prism did not start/);
  });

  it("cannot be trusted when one keyword turns its validation of bodies off, which the suite notices before it runs", async () => {
    const document = structuredClone(things.document);
    for (const { kind, pointer, value } of nodesOf(document))
      if (kind === "schema" && pointer.endsWith("/newThing/properties/name")) value.pattern = "[";
    target = await MockTarget.start(document);
    const options = { contract: things, target, known: { findings: [], defects: MOCK_DEFECTS }, before: [] };
    await expect(runSuite({ ...options, foreignDocument: false })).rejects.toThrow(CannotRun);
    const { violations } = await runSuite({ ...options, foreignDocument: true });
    expect(violations.map(({ message }) => message)).toContainEqual(
      expect.stringContaining("The mock's validation of bodies is off: createThing"),
    );
  });

  it("is given a document without callbacks, since it would call them", () => {
    const operation = { callbacks: { done: {} }, responses: {} };
    const document = { paths: { "/a": { post: operation } }, components: { callbacks: { done: {} } } };
    expect(JSON.stringify(mockDocument(document))).not.toContain('"callbacks"');
  });
});
