/** The contract matrix: what the document declares, row by row, and what each column says of it. Untested is a state of its own. */
import type { Case } from "../cases/case.js";
import type { OperationModel } from "../cases/model.js";
import type { Contract, Source } from "../contract.js";
import type { Result } from "../run/run.js";
import type { SuiteReport } from "../run/suite.js";
import { constraintsAt } from "./constraints.js";

export type State = "violates" | "untested" | "untestable" | "known" | "static" | "conforms";

export interface Cell {
  readonly state: State;
  /** Cases that say so. */
  readonly cases: number;
  /** Violations or the reason, for people. */
  readonly details: readonly string[];
}

export interface Row {
  readonly section: "answers" | "fields" | "access";
  readonly operation: string;
  /** Status, media type and example; or field and constraint. */
  readonly parts: readonly string[];
  readonly pointer: string;
  readonly source?: Source;
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

/** Worst first: the order of rows, and which of a cell's verdicts counts. */
export const STATES: readonly State[] = ["violates", "untested", "untestable", "known", "static", "conforms"];

interface Draft {
  readonly section: Row["section"];
  readonly operation: string;
  readonly parts: readonly string[];
  readonly pointer: string;
  readonly tests: (one: Case) => boolean;
}

export function matrixOf(contract: Contract, report: SuiteReport): Matrix {
  const columns = [...new Set(report.results.map((result) => result.column))];
  const byOperation = new Map<string, Result[]>();
  for (const result of report.results)
    byOperation.set(result.case.operation, [...(byOperation.get(result.case.operation) ?? []), result]);
  const stateless = new Map(
    report.examples.filter((example) => example.state === "static").map((example) => [example.pointer, example]),
  );
  const rows = drafts(contract, report).map((draft): Row => {
    const own = (byOperation.get(draft.operation) ?? []).filter((result) => draft.tests(result.case));
    const unreached = stateless.get(draft.pointer);
    const cells = Object.fromEntries(
      columns.map((column): [string, Cell] => {
        const results = own.filter((result) => result.column === column);
        if (unreached && results.length === 0) {
          const wrong = unreached.violations.map((each) => each.message);
          return [column, { state: wrong.length > 0 ? "violates" : "static", cases: 0, details: wrong }];
        }
        return [column, cellOf(results)];
      }),
    );
    const source = contract.source(draft.pointer);
    return {
      section: draft.section,
      operation: draft.operation,
      parts: draft.parts,
      pointer: draft.pointer,
      vendored: contract.isVendored(draft.pointer),
      cells,
      ...(source ? { source } : {}),
    };
  });
  const [first = ""] = columns;
  // Anything broken or untested first, wherever it is; then by what the first column says, the provider's own word before ours.
  const rank = (row: Row): number => {
    const all = columns.map((column) => STATES.indexOf(row.cells[column]?.state ?? "untested"));
    const worst = Math.min(...all);
    return (worst < 2 ? worst : (all[0] ?? 0)) * 2 + (row.vendored ? 0 : 1);
  };
  const sorted = rows
    .map((row, index) => ({ row, index }))
    .sort((a, b) => rank(a.row) - rank(b.row) || a.index - b.index)
    .map(({ row }) => row);
  const count = (test: (row: Row) => boolean): Record<State, number> => {
    const counts: Record<State, number> = { violates: 0, untested: 0, untestable: 0, known: 0, static: 0, conforms: 0 };
    for (const row of rows) if (test(row)) counts[row.cells[first]?.state ?? "untested"]++;
    return counts;
  };
  return { columns, rows: sorted, vendored: count((row) => row.vendored), ours: count((row) => !row.vendored) };
}

function cellOf(results: readonly Result[]): Cell {
  if (results.length === 0) return { state: "untested", cases: 0, details: [] };
  const has = (outcome: Result["outcome"]): readonly Result[] => results.filter((result) => result.outcome === outcome);
  const violating = has("violates");
  if (violating.length > 0) {
    return {
      state: "violates",
      cases: violating.length,
      details: violating.flatMap((result) =>
        result.violations.map((each) => `${result.case.id}: ${each.check}: ${each.message}`),
      ),
    };
  }
  const known = has("known");
  if (known.length > 0)
    return { state: "known", cases: results.length, details: [...new Set(known.map((result) => result.reason ?? ""))] };
  const good = has("conforms");
  if (good.length > 0) return { state: "conforms", cases: good.length, details: [] };
  return {
    state: "untestable",
    cases: results.length,
    details: [...new Set(results.map((result) => result.reason ?? ""))],
  };
}

function drafts(contract: Contract, report: SuiteReport): Draft[] {
  const reached = new Set<string>();
  const rows = contract.operations.flatMap((operation) => {
    const own = [
      ...answerRows(contract, report, operation),
      ...fieldRows(contract, report, operation),
      ...accessRows(contract, operation),
    ];
    for (const row of own) reached.add(row.pointer);
    return own;
  });
  const [first] = contract.operations;
  // What stands in nested schemas, callbacks and shared components belongs to no single operation.
  const others = report.examples
    .filter((example) => !reached.has(example.pointer))
    .map(
      (example): Draft => ({
        section: "answers",
        operation: "",
        parts: ["out of reach", "", example.pointer],
        pointer: example.pointer,
        tests: (one) => one.covers.includes(example.pointer),
      }),
    );
  return first ? [...rows, ...others] : rows;
}

function answerRows(contract: Contract, report: SuiteReport, operation: OperationModel): Draft[] {
  return operation.responses.flatMap((response) => {
    if (response.content.length === 0)
      return [row(operation, "answers", [response.status, "no content", ""], response.pointer)];
    return response.content.flatMap((media) => {
      const about = (one: Case): boolean =>
        one.expect.is === "answer" && one.expect.status === response.status && one.expect.mediaType === media.mediaType;
      const examples = report.examples.filter(({ cases }) =>
        cases.some((id) => contract.cases.some((one) => one.id === id && one.operation === operation.id && about(one))),
      );
      const parts = (last: string): string[] => [response.status, media.mediaType, last];
      const generated = media.schema === undefined ? [] : constraintsAt(contract.document, media.schema, "answer");
      return [
        { ...row(operation, "answers", parts("any answer"), media.pointer), tests: about },
        ...examples.map((example) => ({
          ...row(
            operation,
            "answers",
            parts(
              example.example.form === "schema"
                ? "the schema's own example"
                : (example.pointer.split("/").at(-1) ?? ""),
            ),
            example.pointer,
          ),
          tests: (one: Case) => about(one) && one.covers.includes(example.pointer),
        })),
        ...generated.map((each) => ({
          ...row(operation, "fields", [`${response.status} ${each.field}`, each.constraint, ""], each.pointer),
          tests: (one: Case) =>
            (about(one) || one.expect.is === "success") &&
            (one.covers.includes(each.pointer) ||
              (one.expect.is === "success" && /^2/.test(response.status) && one.mockOnly === undefined)),
        })),
      ];
    });
  });
}

function fieldRows(contract: Contract, report: SuiteReport, operation: OperationModel): Draft[] {
  const bodies = operation.request.flatMap((media) =>
    media.schema === undefined ? [] : constraintsAt(contract.document, media.schema, "body"),
  );
  const parameters = operation.parameters.flatMap((parameter) => {
    const label = `${parameter.in}.${parameter.name}`;
    const required = parameter.required
      ? [{ field: label, constraint: "required", pointer: `${parameter.pointer}/required` }]
      : [];
    return [...(parameter.in === "path" ? [] : required), ...constraintsAt(contract.document, parameter.schema, label)];
  });
  const whole = operation.request.map((media) => ({
    field: "body",
    constraint: media.mediaType,
    pointer: media.pointer,
  }));
  const examples = report.examples
    .filter(
      ({ example, pointer }) =>
        (example.of === "request" || example.of === "parameter") &&
        pointer.startsWith(`${operation.pointer}/`) &&
        !pointer.includes("/callbacks/"),
    )
    .map(({ pointer, example }) => ({
      field: example.of === "request" ? "body" : "parameter",
      constraint: `example ${pointer.split("/").at(-1)}`,
      pointer,
    }));
  return [...parameters, ...whole, ...examples, ...bodies].map((each) =>
    row(operation, "fields", [each.field, each.constraint, ""], each.pointer),
  );
}

function accessRows(contract: Contract, operation: OperationModel): Draft[] {
  const item = operation.pointer.slice(0, operation.pointer.lastIndexOf("/"));
  return [
    {
      ...row(
        operation,
        "access",
        [
          "security",
          operation.security
            .flat()
            .map((each) => each.scheme)
            .join(", ") || "none",
          "",
        ],
        operation.securityPointer,
      ),
      tests: (one) => one.kind === "security" || one.covers.includes(operation.securityPointer),
    },
    {
      ...row(
        operation,
        "access",
        ["method and path", `${operation.method.toUpperCase()} ${operation.path}`, ""],
        operation.pointer,
      ),
    },
    // Once for all operations of a path.
    ...(contract.cases.some((one) => one.kind === "routing" && one.operation === operation.id)
      ? [
          {
            ...row(operation, "access", ["beside the path", operation.path, ""], item),
            tests: (one: Case) => one.kind === "routing",
          },
        ]
      : []),
    // Where there is a default, no status is undeclared.
    ...(operation.responses.some((response) => response.status === "default")
      ? []
      : [
          {
            ...row(operation, "access", ["other statuses", operation.path, ""], `${operation.pointer}/responses`),
            tests: (one: Case) => one.kind === "undocumented",
          },
        ]),
  ];
}

function row(operation: OperationModel, section: Row["section"], parts: readonly string[], pointer: string): Draft {
  return {
    section,
    operation: operation.id,
    parts,
    pointer,
    tests: (one) => one.covers.includes(pointer) || one.pointer === pointer,
  };
}
