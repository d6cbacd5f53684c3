import { isObject } from "../../../openapi/document/types.js";
import type { Base, Bases } from "../base.js";
import type { Case } from "../case.js";
import { flatten } from "../flat.js";
import { isSafe } from "../id.js";
import type { OperationModel } from "../model.js";
import { labelOf } from "../path.js";
import { variantsOf } from "../values.js";
import { bodyText, isForm, isJson, requestOf } from "../wire.js";
import { caseOf, type Own, refused, refusedBy } from "./input-case.js";
import { inText, textTypes } from "./text.js";

export function bodyCases(bases: Bases, operation: OperationModel): Case[] {
  return operation.request.flatMap((media) => {
    const base = bases.of(operation, "full", media.mediaType);
    return base.body
      ? [...fieldCases(bases, operation, base), ...wrappingCases(bases, operation, base, media.pointer)]
      : [];
  });
}

function* fieldCases(bases: Bases, operation: OperationModel, base: Base): Generator<Case> {
  const { body } = base;
  if (body?.schema === undefined) return;
  const flat = flatten(bases.document, [body.schema]);
  const validate = bases.schemas.validator(body.schema, "open");
  const root = operation.request.length > 1 ? `body ${body.mediaType}` : "body";
  for (const variant of variantsOf(bases.builder, flat, [], body.value)) {
    const spoken = isForm(body.mediaType) ? inText(bases, flat, variant, false) : variant;
    if (!spoken || (isForm(body.mediaType) && !isObject(spoken.value))) continue;
    const valid = validate(spoken.value);
    if (valid !== spoken.good) continue;
    const text = bodyText(body.mediaType, spoken.value);
    // An empty form is an absent one.
    if (text === undefined || text === "") continue;
    // Without a thing that the operation requires nothing can be started.
    const lacks = !valid && (spoken.path.length === 0 || (spoken.rule === "required" && spoken.path.length === 1));
    const own: Own = {
      kind: valid ? "positive" : "negative",
      label: labelOf(root, spoken.path),
      name: spoken.name,
      pointer: spoken.covers[0] ?? body.schema,
      covers: isForm(body.mediaType) ? [...spoken.covers, ...textTypes(bases, flat)] : spoken.covers,
      opaque: spoken.opaque,
      mockOnly: spoken.mockOnly,
      ...(lacks ? { mayStart: false } : {}),
    };
    const changed: Base = { ...base, body: { ...body, value: spoken.value, text } };
    // A body of null is no body to a mock, which says so instead of naming its type.
    const absent = !valid && spoken.path.length === 0 && spoken.value === null && operation.bodyRequired;
    yield caseOf(
      bases,
      operation,
      changed,
      own,
      valid
        ? { is: "success" }
        : absent
          ? refused([{ place: [], rule: "required" }])
          : refusedBy(validate.errors ?? [], ["body"]),
    );
  }
}

/** Labels that a body may wrongly carry. */
const OTHER_TYPES = [
  "application/x-contract-unknown",
  "application/vnd.contract+json",
  "application/xml",
  "text/plain",
  "application/x-www-form-urlencoded",
];

/** Faults of the body as a whole. */
function* wrappingCases(bases: Bases, operation: OperationModel, base: Base, pointer: string): Generator<Case> {
  const { body } = base;
  if (!body) return;
  const label = operation.request.length > 1 ? `body ${body.mediaType}` : "body";
  const make = (
    name: string,
    change: { text?: string; type?: string },
    expect: Case["expect"],
    mayStart: boolean,
  ): Case => {
    const request = requestOf(
      operation,
      base.values,
      change.text === undefined ? undefined : { mediaType: change.type ?? body.mediaType, text: change.text },
    );
    const own: Own = {
      kind: "negative",
      label,
      name,
      pointer,
      covers: [pointer],
      mayStart: mayStart && !isSafe(request),
    };
    return { ...caseOf(bases, operation, base, own, expect), request };
  };
  for (const type of OTHER_TYPES) {
    if (operation.request.some((media) => media.mediaType === type || media.mediaType.includes("*"))) continue;
    // Under a JSON label a form would be refused as malformed, whatever is declared.
    if (isJson(type) && !isJson(body.mediaType)) continue;
    yield make(`wrong media type ${type}`, { text: body.text, type }, { is: "wrong media type" }, true);
  }
  if (isJson(body.mediaType)) {
    yield make("malformed JSON", { text: `${body.text.slice(0, -1)},,}` }, { is: "malformed" }, true);
    yield make("truncated JSON", { text: body.text.slice(0, -2) }, { is: "malformed" }, true);
  }
  if (operation.bodyRequired && operation.request[0]?.mediaType === body.mediaType) {
    yield make("absent", {}, refused([{ place: [], rule: "required" }]), false);
  }
}
