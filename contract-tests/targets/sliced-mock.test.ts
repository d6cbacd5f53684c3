import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseYaml } from "../../openapi/document/yaml.js";
import { Contract } from "../contract.js";
import { upscaler } from "../only.js";
import { runCases } from "../run/run.js";
import { facadeColumn } from "./facade.js";
import { MockTarget } from "./mock.js";
import { SlicedMock, startMock } from "./sliced-mock.js";

const { vendored, overlays } = upscaler();
const upscaling = new Contract(vendored, overlays);
const shapesText = readFileSync(new URL("../shapes/shapes.yaml", import.meta.url), "utf8");
const shapes = new Contract(
  [{ name: "shapes.yaml", text: shapesText, document: parseYaml(shapesText, "shapes.yaml") }],
  [],
);

describe("the mock in slices", { timeout: 120_000 }, () => {
  it("gives every case the verdict that the whole gives, routing among them, and starts them one after the other", async () => {
    // What the mock makes up depends on what it made up before.
    const some = shapes.cases.filter((one, index) => one.kind !== "dynamic" && index % 29 === 0);
    expect(new Set(some.map((one) => one.kind)).size).toBeGreaterThan(5);
    const verdicts = async (target: MockTarget | SlicedMock) => {
      try {
        return (await runCases(shapes, some, target)).map((each) => [each.case.id, each.outcome, each.violations]);
      } finally {
        await target.close();
      }
    };
    const sliced = await SlicedMock.start(shapes.document, 16);
    expect(sliced.slices).toBeGreaterThanOrEqual(2);
    const order = sliced.arranged(some);
    expect(new Set(order)).toEqual(new Set(some));
    expect(await verdicts(sliced)).toEqual(await verdicts(await MockTarget.start(shapes.document)));
  });

  it("serves the facade, whose operations may stand in different slices", async () => {
    const target = await SlicedMock.start(upscaling.document, 1);
    try {
      expect(target.slices).toBe(2);
      const results = await facadeColumn(upscaling, target);
      expect(results.filter((each) => each.outcome === "violates").map((each) => each.case.id)).toEqual([]);
      expect(results.some((each) => each.outcome === "conforms")).toBe(true);
    } finally {
      await target.close();
    }
  });

  it("is not used for a document that is small", async () => {
    const target = await startMock(upscaling.document);
    await target.close();
    expect(target).toBeInstanceOf(MockTarget);
  });
});
