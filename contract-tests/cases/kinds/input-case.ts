/** A case about an input: what all of them have, and what a refusal is expected for. */
import type { ErrorObject } from "ajv";
import { stepsOf } from "../../../openapi/document/pointer.js";
import type { Base, Bases } from "../base.js";
import type { Case, CaseKind, Cause } from "../case.js";
import { idOf, isSafe } from "../id.js";
import type { OperationModel } from "../model.js";

/** Cases about inputs: parameters and bodies, valid at every edge and invalid in exactly one point. */

export interface Own {
  readonly kind: CaseKind;
  readonly label: string;
  readonly name: string;
  readonly pointer: string;
  readonly covers: readonly string[];
  readonly opaque?: boolean | undefined;
  readonly mockOnly?: string | undefined;
  readonly mayStart?: boolean;
}

export function caseOf(bases: Bases, operation: OperationModel, base: Base, own: Own, expect: Case["expect"]): Case {
  const request = bases.request(operation, base);
  return {
    id: idOf(operation, own.label, own.kind, own.name),
    kind: own.kind,
    operation: operation.id,
    pointer: own.pointer,
    covers: [...new Set([own.pointer, ...own.covers])],
    request,
    expect,
    ...(own.opaque ? { opaque: true } : {}),
    ...(own.mockOnly === undefined ? {} : { mockOnly: own.mockOnly }),
    mayStart: own.mayStart ?? !isSafe(request),
  };
}

export function refused(causes: readonly Cause[], within = false): Case["expect"] {
  return { is: "refused", causes, within };
}

const BRANCHING = new Set(["oneOf", "anyOf", "not", "if", "contains"]);

export function refusedBy(errors: readonly ErrorObject[], root: readonly string[]): Case["expect"] {
  const causes = new Map<string, Cause>();
  for (const { instancePath, keyword } of errors) {
    const cause = { place: [...root, ...stepsOf(instancePath)], rule: keyword };
    causes.set(JSON.stringify(cause), cause);
  }
  return refused(
    [...causes.values()],
    errors.some((error) => BRANCHING.has(error.keyword) || /\/(?:oneOf|anyOf)\//.test(error.schemaPath)),
  );
}
