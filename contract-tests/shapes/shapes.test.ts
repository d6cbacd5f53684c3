import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sliceOf } from "../../openapi/document/slice.js";
import { objectOf } from "../../openapi/document/types.js";
import { parseYaml } from "../../openapi/document/yaml.js";
import { Contract } from "../contract.js";
import { MOCK_DEFECTS } from "../known/known.js";
import { startProvider } from "../provider/provider.js";
import { matrixOf } from "../report/matrix.js";
import { runSuite, type SuiteReport } from "../run/suite.js";
import { MockTarget } from "../targets/mock.js";
import { ProviderTarget } from "../targets/provider.js";
import type { Target } from "../targets/target.js";

const text = readFileSync(new URL("./shapes.yaml", import.meta.url), "utf8");
const contract = new Contract([{ name: "shapes.yaml", text, document: parseYaml(text, "shapes.yaml") }], []);

const run = (target: Target, own: Contract = contract): Promise<SuiteReport> =>
  runSuite({
    contract: own,
    target,
    known: { findings: [], defects: MOCK_DEFECTS },
    before: [],
    foreignDocument: false,
  });

const wrong = (report: SuiteReport): string[] => [
  ...report.violations.map((each) => each.message),
  ...report.results
    .filter((each) => each.outcome === "violates")
    .map((each) => `${each.case.id}: ${each.violations.map((one) => one.message).join("; ")}`),
];

describe("a document of every shape", () => {
  let mock: MockTarget;
  beforeAll(async () => {
    mock = await MockTarget.start(contract.document);
  });
  afterAll(() => mock.close());

  it("has at least twenty operations, and cases of every kind but request examples for all of them", () => {
    expect(contract.operations.length).toBeGreaterThanOrEqual(20);
    const kinds = new Set(contract.cases.map((one) => one.kind));
    expect(kinds.size).toBe(8);
    for (const operation of contract.operations) {
      const own = new Set(contract.cases.filter((one) => one.operation === operation.id).map((one) => one.kind));
      expect(own.has("positive"), operation.id).toBe(true);
      const closed = operation.security.length > 0 && operation.security.every((alternative) => alternative.length > 0);
      if (closed) expect(own.has("security"), operation.id).toBe(true);
    }
    expect(new Set(contract.cases.map((one) => one.id)).size).toBe(contract.cases.length);
  });

  it.each([
    ["path parameters", "readSlot · path.shelf · negative · pattern broken"],
    ["query parameters", "listThings · query.limit · negative · above the most, 51"],
    ["exclusive bounds", "listThings · query.ratio · negative · below the least, 0"],
    ["arrays in a query", "listThings · query.tags · negative · one item too many"],
    ["header parameters", "traced · header.X-Trace-Id · negative · missing"],
    ["forms", "login · body.pin · negative · below the least, 999"],
    ["multipart forms", "upload · body.title · negative · one too short, 1"],
    ["objects in objects in a query", "deepQuery · query.filters.size.least · negative · above the most, 10"],
    ["arrays in forms", "tagged · body.tags · negative · one item too many"],
    ["forms with a file", "attached · body.file · negative · missing"],
    ["null or one of several", "maybe · body.either.id · negative · below the least, 2 (oneOf 1)"],
    ["oneOf", "oneOfShapes · body.side · negative · below the least, -1 (oneOf 2)"],
    ["anyOf", "anyOfShapes · body.value · positive · anyOf 2, smallest"],
    ["allOf", "allOfShapes · body.a · negative · not in the enum"],
    ["arrays of objects", "nestedShapes · body.rows.0.cells · negative · missing"],
    ["unique items", "nestedShapes · body.rows.0.cells · negative · an item twice"],
    ["maps", "nestedShapes · body.map.key1 · negative · above the most, 4"],
    ["nullable", "nestedShapes · body.rows.0.label · positive · null"],
    ["closed objects", "closedShape · body · negative · undeclared field"],
    ["patterns", "closedShape · body.code · negative · pattern broken"],
    ["enums of numbers", "closedShape · body.level · negative · not in the enum"],
    ["lengths", "login · body.user · negative · one too long, 13"],
    ["multiples", "either · body application/json.n · negative · not a multiple, 12.5"],
    ["several keys", "bothKeys · security · bearer, missing"],
    ["other keys", "eitherKey · security · bearer instead"],
  ])("has cases for %s", (_, id) => {
    const near = contract.cases.filter((one) => one.operation === id.split(" ")[0]).map((one) => one.id);
    expect(near).toContain(id);
  });

  it("sends each default, though another case may send the same request", () => {
    expect(contract.cases.some((one) => one.covers.includes("/paths/~1things/get/parameters/2/schema/default"))).toBe(
      true,
    );
  });

  it("is played green on the mock", async () => {
    const report = await run(mock);
    expect(wrong(report)).toEqual([]);
    expect(report.conforms).toBe(true);
    // Without its one field a form is empty, and an empty form is no form: the one thing that no request can test.
    const untested = matrixOf(contract, report).rows.filter((row) => row.cells.mock?.state === "untested");
    expect(untested.map((row) => `${row.operation} ${row.parts.join(" ").trim()}`)).toEqual(["either body.n required"]);
  });

  it("is played green on the mock where no answer to a refused request is declared", async () => {
    const document = structuredClone(
      sliceOf(contract.document, ["/tagged", "/attached", "/counted", "/deep", "/maybe"]),
    );
    for (const item of Object.values(objectOf(document.paths)))
      for (const operation of Object.values(objectOf(item)))
        for (const status of Object.keys(objectOf(objectOf(operation).responses)))
          if (/^4/.test(status)) delete objectOf(objectOf(operation).responses)[status];
    const bare = new Contract([{ name: "bare.yaml", text: JSON.stringify(document), document }], []);
    const target = await MockTarget.start(bare.document);
    try {
      const report = await run(target, bare);
      expect(wrong(report)).toEqual([]);
      const kinds = new Set(
        report.results.filter(({ outcome }) => outcome === "conforms").map((each) => each.case.kind),
      );
      for (const kind of ["positive", "negative", "security"]) expect(kinds).toContain(kind);
    } finally {
      await target.close();
    }
  });

  it("is played green on its own provider, to which it sends every case that is not for a mock alone", async () => {
    const provider = await startProvider(contract.document);
    const target = new ProviderTarget({ url: provider.url, key: provider.key, allowPaid: 10_000 });
    const report = await run(target);
    await target.close();
    await provider.close();
    expect(wrong(report)).toEqual([]);
    expect(report.results.filter((each) => each.outcome === "conforms")).toHaveLength(
      contract.cases.filter((one) => one.mockOnly === undefined).length,
    );
  });
});
