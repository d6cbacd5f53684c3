import type { Json } from "../../../openapi/document/types.js";
import type { Base, Bases } from "../base.js";
import type { Case } from "../case.js";
import { flatten } from "../flat.js";
import type { OperationModel, Parameter } from "../model.js";
import { labelOf } from "../path.js";
import { variantsOf } from "../values.js";
import { caseOf, type Own, refused, refusedBy } from "./input-case.js";
import { inText, textTypes } from "./text.js";

export function parameterCases(bases: Bases, operation: OperationModel): Case[] {
  return operation.parameters.flatMap((parameter) => [...oneParameter(bases, operation, parameter)]);
}

function* oneParameter(bases: Bases, operation: OperationModel, parameter: Parameter): Generator<Case> {
  const full = bases.of(operation, "full");
  const label = `${parameter.in}.${parameter.name}`;
  const withValue = (value: Json | undefined): Base => {
    const values = new Map(full.values);
    if (value === undefined) values.delete(parameter);
    else values.set(parameter, value);
    return { ...full, values };
  };
  // The mock knows parameters by their names in lower case.
  const place = [parameter.in, parameter.name.toLowerCase()];
  const flat = flatten(bases.document, [parameter.schema]);
  const textType = textTypes(bases, flat);
  for (const example of parameter.examples) {
    const own: Own = {
      kind: "positive",
      label,
      name: `example ${example.pointer.split("/").at(-1)}`,
      pointer: example.pointer,
      covers: [parameter.pointer, ...textType],
    };
    yield caseOf(bases, operation, withValue(example.value), own, { is: "success" });
  }
  if (parameter.in !== "path") {
    const own = {
      label,
      pointer: `${parameter.pointer}${parameter.required ? "/required" : ""}`,
      covers: [parameter.pointer],
    };
    yield parameter.required
      ? caseOf(
          bases,
          operation,
          withValue(undefined),
          { ...own, kind: "negative", name: "missing" },
          refused([{ place: [parameter.in], rule: "required" }]),
        )
      : caseOf(
          bases,
          operation,
          withValue(undefined),
          { ...own, kind: "positive", name: "left out" },
          { is: "success" },
        );
  }
  const validate = bases.schemas.validator(parameter.schema, "open");
  for (const variant of variantsOf(bases.builder, flat, [], bases.parameter(parameter))) {
    const spoken = inText(bases, flat, variant, parameter.in === "path");
    if (!spoken) continue;
    const valid = validate(spoken.value);
    if (valid !== spoken.good) continue;
    const base = withValue(spoken.value);
    const own: Own = {
      kind: valid ? "positive" : "negative",
      label: labelOf(label, spoken.path),
      name: spoken.name,
      pointer: spoken.covers[0] ?? parameter.schema,
      covers: [...spoken.covers, parameter.pointer, ...textType],
      opaque: parameter.in === "path" || spoken.opaque,
      mockOnly: spoken.mockOnly,
    };
    yield caseOf(bases, operation, base, own, valid ? { is: "success" } : refusedBy(validate.errors ?? [], place));
  }
}
