/** Cases about parameters: valid at every edge, and invalid in exactly one point. */
import type { Json } from "../../../openapi/document/types.js";
import type { Case } from "../case.js";
import { caseOf, type Draft, type Site } from "../draft.js";
import { flatten } from "../flat.js";
import type { Parameter } from "../model.js";
import { variantsOf } from "../variants.js";
import { refused, refusedBy } from "./refused.js";
import { saysInText, textTypes } from "./text.js";

export function* parameterCases(site: Site): Generator<Case> {
  for (const parameter of site.operation.parameters) yield* oneParameter(site, parameter);
}

function* oneParameter({ bases, operation }: Site, parameter: Parameter): Generator<Case> {
  const full = bases.of(operation, "full");
  // The mock knows parameters by their names in lower case.
  const place = [parameter.in, parameter.name.toLowerCase()];
  const flat = flatten(bases.document, [parameter.schema]);
  const types = textTypes(bases.document, flat);
  type Own = Pick<Draft, "kind" | "pointer" | "expect"> & Partial<Draft>;
  const make = (value: Json | undefined, name: string, { covers = [], ...own }: Own, path: Iterable<unknown> = []) => {
    const values = new Map(full.values);
    if (value === undefined) values.delete(parameter);
    else values.set(parameter, value);
    return caseOf(operation, {
      place: [...place, ...Array.from(path, String)],
      ...own,
      label: [[parameter.in, parameter.name, ...path].join("."), own.kind, name],
      covers: [...covers, parameter.pointer],
      request: bases.request(operation, { ...full, values }),
    });
  };
  for (const { pointer, value } of parameter.examples) {
    if (!bases.fits(parameter.schema, value)) continue;
    const name = `example ${pointer.split("/").at(-1)}`;
    yield make(value, name, { kind: "positive", pointer, covers: types, expect: { is: "success" } });
  }
  if (parameter.required && parameter.in !== "path") {
    const pointer = `${parameter.pointer}/required`;
    const expect = refused([{ place: [parameter.in], rule: "required" }]);
    yield make(undefined, "missing", { kind: "negative", pointer, rule: "required", expect });
  } else if (parameter.in !== "path") {
    yield make(undefined, "left out", { kind: "positive", pointer: parameter.pointer, expect: { is: "success" } });
  }
  const validate = bases.schemas.validator(parameter.schema, "open", "request");
  for (const variant of variantsOf(bases.builder, flat, [], bases.parameter(parameter))) {
    const { value, good, rule, mockOnly, lenient } = variant;
    if (!saysInText(bases.document, flat, variant, parameter.in === "path") || validate(value) !== good) continue;
    const own = {
      kind: good ? ("positive" as const) : ("negative" as const),
      pointer: variant.covers[0] ?? parameter.schema,
      covers: [...variant.covers, ...types],
      rule,
      expect: good ? ({ is: "success" } as const) : refusedBy(validate.errors ?? [], place),
      opaque: parameter.in === "path" || variant.opaque,
      mockOnly,
      lenient,
    };
    yield make(value, variant.name, own, variant.path);
  }
}
