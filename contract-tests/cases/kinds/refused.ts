/** What a refusal of invalid input is expected for. */
import type { ErrorObject } from "ajv";
import { stepsOf } from "../../../openapi/document/pointer.js";
import type { Case, Cause } from "../case.js";

const BRANCHING: ReadonlySet<string> = new Set(["oneOf", "anyOf", "not", "if", "contains"]);

export function refused(causes: readonly Cause[], within = false): Case["expect"] {
  return { is: "refused", causes, within };
}

/** @param root place of the validated value in the request. */
export function refusedBy(errors: readonly ErrorObject[], root: readonly string[]): Case["expect"] {
  const causes = errors.map(
    ({ instancePath, keyword }): Cause => ({ place: [...root, ...stepsOf(instancePath)], rule: keyword }),
  );
  return refused(
    [...new Map(causes.map((cause) => [JSON.stringify(cause), cause])).values()],
    errors.some((error) => BRANCHING.has(error.keyword) || /\/(?:oneOf|anyOf)\//.test(error.schemaPath)),
  );
}
