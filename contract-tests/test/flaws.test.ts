import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseYaml } from "../../openapi/document/yaml.js";
import type { KnownFinding } from "../run/findings.js";
import { runSuite, type SuiteReport } from "../run/suite.js";
import { MOCK_DEFECTS } from "../targets/mock-defects.js";
import type { Target } from "../targets/target.js";
import { mockInProcess } from "./in-process.js";
import { contractOf, violationsOf } from "./shapes.js";

// Everything that can be stated is stated wrongly once.
const flawed = contractOf(
  parseYaml(
    `
openapi: 3.0.3
info: { title: Flawed, version: 1.0.0 }
paths:
  /flawed:
    post:
      operationId: flawed
      parameters:
        - { name: page, in: query, required: true, schema: { type: integer }, example: first }
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [size, kind, note]
              properties:
                size: { type: integer, maximum: 9, example: 10 }
                kind: { type: string, minLength: 2, enum: [a, bb] }
                note: { type: string, maxLength: 3, default: long }
            example: { size: many, kind: bb, note: abc }
      responses:
        "200":
          description: Done
          headers: { x-left: { schema: { type: integer }, example: few } }
          content:
            application/json:
              schema: { type: object, required: [n], properties: { n: { type: integer, example: none } } }
        "400":
          description: Not valid
          content:
            application/json:
              schema: { type: object, required: [message], properties: { message: { type: string } } }
              example: { text: flat }
`,
    "flawed.yaml",
  ),
);

describe("A wrong value that the document states", () => {
  let mock: Target;
  beforeAll(async () => {
    mock = await mockInProcess(flawed.document);
  });
  afterAll(() => mock.close());

  const run = (findings: readonly KnownFinding[]): Promise<SuiteReport> =>
    runSuite({
      contract: flawed,
      target: mock,
      known: { findings, defects: MOCK_DEFECTS },
      before: [],
      foreignDocument: false,
    });

  it("is one finding, whatever it is, and the base of no case; and what is wrong with the mock's response for it is not reported again", async () => {
    const report = await run([]);
    expect(violationsOf(report.results)).toEqual([]);
    const found = report.violations.map(({ check, message }) => `${check} ${message.split(":")[0]}`);
    const body = "/paths/~1flawed/post/requestBody/content/application~1json";
    const responses = "/paths/~1flawed/post/responses";
    expect(found.toSorted()).toEqual(
      [
        "/paths/~1flawed/post/parameters/0/example",
        `${body}/example`,
        `${body}/schema/properties/size/example`,
        `${body}/schema/properties/kind/enum/0`,
        `${body}/schema/properties/note/default`,
        `${responses}/200/headers/x-left/example`,
        `${responses}/200/content/application~1json/schema/properties/n/example`,
        `${responses}/400/content/application~1json/example`,
      ]
        .map((pointer) => `example ${pointer}`)
        .toSorted(),
    );
    const positive = report.results.filter(
      ({ case: one }) => one.kind === "positive" || one.kind === "request example",
    );
    expect(positive.length).toBeGreaterThan(5);
    for (const { outcome, case: one } of positive) expect(outcome, one.id).toBe("conforms");
  });
});
