/** The contract matrix: what the document declares, row by row, and the result of each column. Untested is a state of its own. */
import type { Case } from "../cases/case.js";
import { pathItemOf } from "../cases/draft.js";
import type { OperationModel } from "../cases/model.js";
import { ABOUT_RESPONSES } from "../checks/checks.js";
import type { Contract, Source } from "../contract.js";
import { grouped } from "../run/group.js";
import type { Result } from "../run/run.js";
import type { SuiteReport } from "../run/suite.js";
import { constraintsAt } from "./constraints.js";

/** Worst first: the order of rows. */
export const STATES = ["violates", "untested", "untestable", "known", "static", "conforms"] as const;
export type State = (typeof STATES)[number];

export interface Cell {
  readonly state: State;
  /** Cases that say so. */
  readonly cases: number;
  /** Violations or the reason, for people. */
  readonly details: readonly string[];
}

export interface Row {
  /** Empty for what belongs to no single operation. */
  readonly operation: string;
  /** Status, media type and example; or field and constraint. */
  readonly parts: readonly string[];
  readonly pointer: string;
  readonly source?: Source | undefined;
  readonly vendored: boolean;
  readonly cells: Readonly<Record<string, Cell>>;
}

export interface Matrix {
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
  /** Rows of the vendored document by the state of the first column. */
  readonly vendored: Readonly<Record<State, number>>;
  readonly ours: Readonly<Record<State, number>>;
}

/** A row, and which cases tell about it. */
interface Draft extends Pick<Row, "operation" | "parts" | "pointer"> {
  readonly tests: (one: Case) => boolean;
  /** About a response: as a whole, or about one keyword of its schema. */
  readonly response?: "whole" | "keyword";
}

export function matrixOf(contract: Contract, report: SuiteReport): Matrix {
  const columns = [...new Set(report.results.map((result) => result.column))];
  const byOperation = grouped(report.results, (result) => result.case.operation);
  const examples = new Map(report.examples.map((example) => [example.pointer, example]));
  const rows = draftsOf(contract, report).map((all): Row => {
    const { tests, response: _, ...draft } = all;
    const own = (byOperation.get(draft.operation) ?? []).flatMap((result) =>
      tests(result.case) ? (saying(all, result) ?? []) : [],
    );
    const example = examples.get(draft.pointer);
    const details = example?.violations.map((each) => each.message) ?? [];
    const cells = columns.map((column, index): [string, Cell] => {
      const results = own.filter((result) => result.column === column);
      // What the document states wrongly is wrong though a mock repeats it faithfully.
      if (example && index === 0 && details.length > 0)
        return [column, { state: example.state === "known" ? "known" : "violates", cases: results.length, details }];
      if (example?.state !== "static" || results.length > 0) return [column, cellOf(results)];
      return [column, { state: "static", cases: 0, details }];
    });
    const { pointer } = draft;
    const about = { source: contract.source(pointer), vendored: contract.isVendored(pointer) };
    return { ...draft, ...about, cells: Object.fromEntries(cells) };
  });
  const stateIn = (row: Row, column: string): State => row.cells[column]?.state ?? "untested";
  const [first = ""] = columns;
  // Anything broken or untested first, wherever it is; then by what the first column says, the provider's own word before ours.
  const rank = (row: Row): number => {
    const worst = Math.min(...columns.map((column) => STATES.indexOf(stateIn(row, column))));
    return (worst < 2 ? worst : STATES.indexOf(stateIn(row, first))) * 2 + (row.vendored ? 0 : 1);
  };
  const count = (own: readonly Row[]): Record<State, number> => {
    const counts = { violates: 0, untested: 0, untestable: 0, known: 0, static: 0, conforms: 0 };
    for (const row of own) counts[stateIn(row, first)]++;
    return counts;
  };
  return {
    columns,
    rows: rows.toSorted((a, b) => rank(a) - rank(b)),
    vendored: count(rows.filter((row) => row.vendored)),
    ours: count(rows.filter((row) => !row.vendored)),
  };
}

/** What a result says of a row: nothing, where something else went wrong before what the row is about could be seen. */
function saying({ pointer, response }: Draft, result: Result): Result | undefined {
  if (result.outcome !== "violates") return result;
  const asked = result.case.expect.is === "response";
  const own = result.violations.filter(({ check, about }) => {
    if (response === "keyword") return about?.includes(pointer) ?? false;
    return response === "whole" || !ABOUT_RESPONSES.has(check) || (asked && about === undefined);
  });
  if (own.length > 0) return { ...result, violations: own };
  const seen = response === undefined || result.violations.every(({ about }) => about !== undefined);
  return seen ? { ...result, outcome: "conforms", violations: [] } : undefined;
}

const NO_CASE = "no case is derived for it";

function cellOf(results: readonly Result[]): Cell {
  const [worst] = (["violates", "known", "conforms", "untestable"] as const).filter((outcome) =>
    results.some((result) => result.outcome === outcome),
  );
  if (worst === undefined) return { state: "untested", cases: 0, details: [NO_CASE] };
  const own = results.filter((result) => result.outcome === worst);
  const details = own.flatMap(({ case: one, violations, reason }) =>
    worst === "violates" ? violations.map((each) => `${one.id}: ${each.check}: ${each.message}`) : (reason ?? []),
  );
  return { state: worst, cases: worst === "known" ? results.length : own.length, details: [...new Set(details)] };
}

function draftsOf(contract: Contract, report: SuiteReport): Draft[] {
  const rows = contract.operations.flatMap((operation) => [
    ...responseRows(contract, report, operation),
    ...fieldRows(contract, report, operation),
    ...accessRows(contract, operation),
  ]);
  const reached = new Set(rows.map((row) => row.pointer));
  // What stands in nested schemas, callbacks and shared components belongs to no single operation.
  const others = report.examples
    .filter((example) => !reached.has(example.pointer))
    .map(({ pointer }) => ({ operation: "", parts: ["out of reach", "", pointer], pointer, tests: () => false }));
  return [...rows, ...others];
}

function row(operation: OperationModel, parts: readonly string[], pointer: string, tests?: Draft["tests"]): Draft {
  const about = (one: Case): boolean => one.covers.includes(pointer) || one.pointer === pointer;
  return { operation: operation.id, parts, pointer, tests: tests ?? about };
}

function* responseRows(contract: Contract, report: SuiteReport, operation: OperationModel): Generator<Draft> {
  const own = contract.cases.filter((one) => one.operation === operation.id);
  for (const { status, content, pointer } of operation.responses) {
    if (content.length === 0) yield row(operation, [status, "no content", ""], pointer);
    for (const { mediaType, pointer, schema } of content) {
      const about = ({ expect }: Case): boolean =>
        expect.is === "response" && expect.status === status && expect.mediaType === mediaType;
      const success = ({ expect, mockOnly }: Case): boolean =>
        expect.is === "success" && /^2/.test(status) && mockOnly === undefined;
      const any = (one: Case): boolean => about(one) || success(one);
      yield { ...row(operation, [status, mediaType, "any response"], pointer, any), response: "whole" };
      const played = new Set(own.filter(about).map((one) => one.id));
      for (const example of report.examples.filter(({ cases }) => cases.some((id) => played.has(id)))) {
        const name = example.of === "schema" ? "the schema's own example" : (example.pointer.split("/").at(-1) ?? "");
        const tests = (one: Case): boolean => about(one) && one.covers.includes(example.pointer);
        yield row(operation, [status, mediaType, name], example.pointer, tests);
      }
      for (const each of schema === undefined ? [] : constraintsAt(contract.document, schema, "response")) {
        const tests = (one: Case): boolean =>
          success(one) || ((about(one) || one.expect.is === "success") && one.covers.includes(each.pointer));
        const parts = [`${status} ${each.field}`, each.constraint, ""];
        yield { ...row(operation, parts, each.pointer, tests), response: "keyword" };
      }
    }
  }
}

function* fieldRows(contract: Contract, report: SuiteReport, operation: OperationModel): Generator<Draft> {
  const constraints = function* (schema: string | undefined, field: string): Generator<Draft> {
    for (const each of schema === undefined ? [] : constraintsAt(contract.document, schema, field))
      yield row(operation, [each.field, each.constraint, ""], each.pointer);
  };
  for (const parameter of operation.parameters) {
    const field = `${parameter.in}.${parameter.name}`;
    if (parameter.required && parameter.in !== "path")
      yield row(operation, [field, "required", ""], `${parameter.pointer}/required`);
    yield* constraints(parameter.schema, field);
  }
  for (const { mediaType, pointer } of operation.request) yield row(operation, ["body", mediaType, ""], pointer);
  for (const { of, pointer } of report.examples) {
    if ((of !== "request" && of !== "parameter") || !pointer.startsWith(`${operation.pointer}/`)) continue;
    if (pointer.includes("/callbacks/")) continue;
    const parts = [of === "request" ? "body" : "parameter", `example ${pointer.split("/").at(-1)}`, ""];
    yield row(operation, parts, pointer);
  }
  for (const { schema } of operation.request) yield* constraints(schema, "body");
}

function* accessRows(contract: Contract, operation: OperationModel): Generator<Draft> {
  const { method, path, pointer, responses, security, securityPointer } = operation;
  const names = security.flat().map((each) => each.scheme);
  yield row(
    operation,
    ["security", names.join(", ") || "none", ""],
    securityPointer,
    (one) => one.kind === "security" || one.covers.includes(securityPointer),
  );
  yield row(operation, ["method and path", `${method.toUpperCase()} ${path}`, ""], pointer);
  const routing = (one: Case): boolean => one.kind === "routing";
  // Once for all operations of a path.
  if (contract.cases.some((one) => routing(one) && one.operation === operation.id))
    yield row(operation, ["other methods and paths", path, ""], pathItemOf(operation), routing);
  // Where there is a default, no status is undeclared.
  if (!responses.some((response) => response.status === "default"))
    yield row(operation, ["other statuses", path, ""], `${pointer}/responses`, (one) => one.kind === "undocumented");
}
