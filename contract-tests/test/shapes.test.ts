import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sliceOf } from "../../openapi/document/slice.js";
import { objectOf } from "../../openapi/document/types.js";
import type { Case } from "../cases/case.js";
import type { Contract } from "../contract.js";
import { startProvider } from "../proof/provider/provider.js";
import { matrixOf } from "../report/matrix.js";
import { grouped } from "../run/group.js";
import { runSuite, type SuiteReport } from "../run/suite.js";
import { MockTarget } from "../targets/mock.js";
import { MOCK_DEFECTS } from "../targets/mock-defects.js";
import { ProviderTarget } from "../targets/provider.js";
import type { Target } from "../targets/target.js";
import { contractOf, shapes, wrongIn } from "./shapes.js";

const run = (target: Target, contract: Contract = shapes): Promise<SuiteReport> =>
  runSuite({ contract, target, known: { findings: [], defects: MOCK_DEFECTS }, before: [], foreignDocument: false });

// Thousands of exchanges, which a busy machine takes its time for.
describe("A document with every shape", { timeout: 300_000 }, () => {
  let mock: Target;
  beforeAll(async () => {
    mock = await MockTarget.start(shapes.document);
    // What reads alike in many operations is played in one of them, and where the mock is at fault; the rest is for the long form.
    const play = mock.play.bind(mock);
    const alike = grouped(shapes.cases, (one) => one.id.slice(one.operation.length));
    const plain = (one: Case): boolean => !MOCK_DEFECTS.some(({ meets, rare }) => !rare && meets(one, shapes.document));
    const long = new Set([...alike.values()].flatMap((cases) => cases.slice(1).filter(plain)));
    if (!process.env.LONG_TESTS)
      mock.play = (one) => (long.has(one) ? Promise.resolve({ skipped: "only in the long form" }) : play(one));
  });
  afterAll(() => mock.close());

  it.each([
    ["path parameters", "readSlot · path.shelf · negative · pattern broken"],
    ["query parameters", "listThings · query.limit · negative · above the maximum, 51"],
    ["exclusive bounds", "listThings · query.ratio · negative · below the minimum, 0"],
    ["arrays in a query", "listThings · query.tags · negative · one item too many"],
    ["header parameters", "traced · header.X-Trace-Id · negative · missing"],
    ["forms", "login · body.pin · negative · below the minimum, 999"],
    ["multipart forms", "upload · body.title · negative · one too short, 1"],
    ["objects in objects in a query", "deepQuery · query.filters.size.least · negative · above the maximum, 10"],
    ["arrays in forms", "tagged · body.tags · negative · one item too many"],
    ["forms with a file", "attached · body.file · negative · missing"],
    ["null or one of several", "maybe · body.either.id · negative · below the minimum, 2 (oneOf 1)"],
    ["oneOf", "oneOfShapes · body.side · negative · below the minimum, -1 (oneOf 2)"],
    ["anyOf", "anyOfShapes · body.value · positive · anyOf 2, smallest"],
    ["allOf", "allOfShapes · body.a · negative · not in the enum"],
    ["arrays of objects", "nestedShapes · body.rows.0.cells · negative · missing"],
    ["unique items", "nestedShapes · body.rows.0.cells · negative · an item twice"],
    ["maps", "nestedShapes · body.map.key1 · negative · above the maximum, 4"],
    ["nullable", "nestedShapes · body.rows.0.label · positive · null"],
    ["closed objects", "closedShape · body · negative · undeclared field"],
    ["patterns", "closedShape · body.code · negative · pattern broken"],
    ["enums of numbers", "closedShape · body.level · negative · not in the enum"],
    ["lengths", "login · body.user · negative · one too long, 13"],
    ["multiples", "either · body application/json.n · negative · not a multiple, 12.5"],
    ["several keys", "bothKeys · security · bearer, missing"],
    ["cookies", "labelled · cookie.session · negative · one too short, 2"],
    ["bounds beyond 2^53", "ledger · body.balance · negative · far above the maximum, 36893488147419103000"],
    ["bounds just below 2^53", "ledger · body.safe · negative · above the maximum, 9007199254740991"],
    ["patterns with lookaheads", "patterned · body.password · negative · pattern broken"],
    ["patterns with classes of Unicode", "patterned · body.word · positive · pattern, longer"],
    ["forms in which nothing is required", "noted · application/x-www-form-urlencoded · positive · smallest"],
    ["options alone", "createThing · body.size · positive · alone"],
    ["JSON that is none", "createThing · body · negative · JSON5: single quotes"],
    ["JSON in other words", "createThing · body · positive · escapes"],
    ["numbers that wrap around", "listThings · query.limit · negative · far above the maximum, 2147483648"],
    ["values in a list", "createThing · body.size · negative · in an array"],
    ["names in another case", "createThing · body.name · negative · name in another case"],
    ["other keys", "eitherKey · security · bearer instead"],
  ])("has a case for %s", (_, id) => {
    const near = shapes.cases.filter((one) => one.operation === id.split(" ")[0]).map((one) => one.id);
    expect(near).toContain(id);
  });

  it("has valid requests for every operation, and refusals of missing keys where it needs one", () => {
    for (const operation of shapes.operations) {
      const own = new Set(shapes.cases.filter((one) => one.operation === operation.id).map((one) => one.kind));
      expect(own, operation.id).toContain("positive");
      if (operation.security.some((alternative) => alternative.length > 0)) expect(own).toContain("security");
    }
    expect(new Set(shapes.cases.map((one) => one.id)).size).toBe(shapes.cases.length);
    // A default is sent, though another case may send the same request.
    const pointer = "/paths/~1things/get/parameters/2/schema/default";
    expect(shapes.cases.some((one) => one.covers.includes(pointer))).toBe(true);
  });

  it("conforms on the mock, and only what no request can test stays untested", async () => {
    const report = await run(mock);
    expect(wrongIn(report)).toEqual([]);
    expect(report.conforms).toBe(true);
    const untested = matrixOf(shapes, report).rows.filter((row) => row.cells.mock?.state === "untested");
    // What int64 cannot hold no reader of JSON holds exactly. And where no text was found for a pattern, nothing is sent.
    expect(new Set(untested.map((row) => `${row.operation} ${row.parts.join(" ").trim()}`))).toEqual(
      new Set(["ledger body.balance format int64"]),
    );
    const unfit = report.results.filter(({ reason }) => reason?.startsWith("no value was found for body"));
    expect(new Set(unfit.map((each) => each.case.operation))).toEqual(new Set(["unmatched"]));
  });

  it("conforms on a mock of several slices where no response to a refused request is declared", async () => {
    const paths = ["/tagged", "/attached", "/maybe"];
    const document = structuredClone(sliceOf(shapes.document, paths));
    for (const item of Object.values(objectOf(document.paths)))
      for (const operation of Object.values(objectOf(item))) {
        const responses = objectOf(objectOf(operation).responses);
        for (const status of Object.keys(responses)) if (/^4/.test(status)) delete responses[status];
      }
    const bare = contractOf(document);
    const target = await MockTarget.start(bare.document, { paths: 2 });
    const order = target.arranged(bare.cases);
    expect(new Set(order)).toEqual(new Set(bare.cases));
    expect(target.slices).toHaveLength(2);
    const report = await run(target, bare).finally(() => target.close());
    expect(wrongIn(report)).toEqual([]);
    const kinds = new Set(
      report.results.filter(({ outcome }) => outcome === "conforms").map(({ case: one }) => one.kind),
    );
    for (const kind of ["positive", "negative", "security", "routing"]) expect(kinds).toContain(kind);
  });

  it("conforms on its own provider, which is sent every case that is not only for a mock", async () => {
    const { url, key, close } = await startProvider(shapes.document);
    const target = new ProviderTarget({ url, key, allowPaid: 10_000 });
    const report = await run(target);
    await target.close();
    await close();
    expect(wrongIn(report)).toEqual([]);
    const sendable = shapes.cases.filter((one) => one.mockOnly === undefined && one.request.unfit === undefined);
    const played = report.results.filter((each) => each.outcome === "conforms" && each.case.kind !== "flow");
    expect(new Set(played.map((each) => each.case))).toEqual(new Set(sendable));
  });
});
