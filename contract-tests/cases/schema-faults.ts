/** What is wrong with a value, held against a schema of the document: as declared, then with undeclared fields refused. */
import type { ErrorObject } from "ajv";
import type { Json } from "../../openapi/document/types.js";
import type { Direction, DocumentSchemas } from "../../openapi/document/validation.js";

export interface SchemaFault {
  readonly check: "schema" | "undeclared field";
  readonly message: string;
  /** JSON pointer into the value. */
  readonly path: string;
  readonly keyword: string;
  /** Of a field that is required. */
  readonly missing?: string | undefined;
}

export function schemaFaults(
  schemas: DocumentSchemas,
  pointer: string,
  value: Json,
  direction: Direction,
): SchemaFault[] {
  for (const [variant, check] of [
    ["open", "schema"],
    ["closed", "undeclared field"],
  ] as const) {
    const validate = schemas.validator(pointer, variant, direction);
    if (validate(value)) continue;
    const faults = (validate.errors ?? []).map((error): SchemaFault => {
      const message = faultText(error);
      const missing = typeof error.params.missingProperty === "string" ? error.params.missingProperty : undefined;
      return { check, message, path: error.instancePath, keyword: error.keyword, missing };
    });
    return [...new Map(faults.map((fault) => [fault.message, fault])).values()];
  }
  return [];
}

export function faultText({ instancePath, message, keyword, params }: ErrorObject): string {
  const name: unknown = params.additionalProperty ?? params.unevaluatedProperty;
  const values = Array.isArray(params.allowedValues) ? `: ${params.allowedValues.join(", ")}` : "";
  const detail = typeof name === "string" ? `: "${name}"` : values;
  return `${instancePath === "" ? "the body" : instancePath} ${message ?? keyword}${detail}`;
}
