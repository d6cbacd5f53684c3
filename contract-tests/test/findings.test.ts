import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../openapi/document/types.js";
import { accountForExamples } from "../run/examples.js";
import { findingsIn } from "../run/findings.js";
import { sortKnown } from "../run/known.js";
import { contractOf } from "./shapes.js";

/** Two operations, each with an example of the same name; one of them contradicts its schema. */
const document: JsonObject = {
  openapi: "3.0.3",
  info: { title: "t", version: "1" },
  paths: Object.fromEntries(
    Object.entries({ "/flat": "text", "/right": 1 }).map(([path, n]) => {
      const schema = { type: "object", required: ["n"], properties: { n: { type: "integer" } } };
      const content = { "application/json": { schema, examples: { one: { value: { n } } } } };
      return [path, { get: { responses: { "200": { description: "OK", content } } } }];
    }),
  ),
};
const contract = contractOf(document);
const flaw = { checks: ["schema"], reason: "Every page has it." };
const EXAMPLE = "get/responses/200/content/application~1json/examples";
const pattern = { ...flaw, pointer: `/paths/*/${EXAMPLE}/one` };

describe("A known finding with a pattern", () => {
  const findings = findingsIn(contract.document, [pattern]);

  it("stands for each example that it matches, and for no other", () => {
    const [flat, right] = ["~1flat", "~1right"].map((path) => `/paths/${path}/${EXAMPLE}/one`);
    expect(findings.map(({ pointer }) => pointer)).toEqual([flat, right]);
    for (const other of ["/paths/*/get", "/*", `/paths/*/${EXAMPLE}/two`])
      expect(findingsIn(document, [{ ...flaw, pointer: other }])).toEqual([]);
    const single = { ...flaw, pointer: "/paths/~1gone/get" };
    expect(findingsIn(document, [single])).toEqual([single]);
  });

  it("makes a wrong example known, and need not show in a document whose example is right", () => {
    const examples = accountForExamples(contract, [], findings);
    expect(examples.map(({ state }) => state)).toEqual(["known", "static"]);
    const vanished = (each: typeof findings) =>
      sortKnown(contract, [], examples, { findings: each, defects: [] }).vanished;
    expect(vanished(findings)).toEqual([]);
    expect(vanished(findings.map(({ general, ...one }) => one))).toEqual([
      expect.stringContaining("/paths/~1right/get"),
    ]);
  });
});
