/** From what one kind of case says to a whole case; and the ids of all, unique within a document. */
import type { Bases } from "./base.js";
import type { Case, WireRequest } from "./case.js";
import type { OperationModel } from "./model.js";

/** An operation and what requests to it are made with. */
export interface Site {
  readonly bases: Bases;
  readonly operation: OperationModel;
}

export interface Draft extends Omit<Case, "id" | "operation" | "covers" | "mayStart"> {
  /** The parts of the id after the operation. */
  readonly label: readonly string[];
  readonly covers?: Iterable<string>;
}

export function caseOf(operation: OperationModel, { label, covers = [], ...draft }: Draft): Case {
  return {
    ...draft,
    id: [operation.id, ...label].join(" · "),
    operation: operation.id,
    covers: [...new Set([draft.pointer, ...covers])],
    mayStart: draft.kind !== "routing" && !SAFE.has(draft.request.method),
  };
}

const SAFE: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE"]);

export function requestWith(request: WireRequest, headers: Readonly<Record<string, string>>): WireRequest {
  return { ...request, headers: { ...request.headers, ...headers } };
}

/** The pointer of the path item that an operation stands in. */
export function pathItemOf({ pointer }: OperationModel): string {
  return pointer.slice(0, pointer.lastIndexOf("/"));
}

/** Gives the second and later cases of one id a number. */
export function withUniqueIds(cases: readonly Case[]): Case[] {
  const seen = new Map<string, number>();
  return cases.map((one) => {
    const count = (seen.get(one.id) ?? 0) + 1;
    seen.set(one.id, count);
    return count === 1 ? one : { ...one, id: `${one.id} · ${count}` };
  });
}

/** One case per request and expectation: bounds often meet, and the same exchange twice proves nothing more. */
export function withoutRepeats(cases: readonly Case[]): Case[] {
  const known = new Map<string, Case>();
  for (const one of cases) {
    const key = JSON.stringify([one.request, one.prefer, one.expect]);
    const first = known.get(key);
    known.set(key, first ? { ...first, covers: [...new Set([...first.covers, ...one.covers])] } : one);
  }
  return [...known.values()];
}
