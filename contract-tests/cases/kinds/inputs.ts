/** Cases about inputs: parameters and bodies, valid at every edge and invalid in exactly one point. */
import type { ErrorObject } from "ajv";
import { at, stepsOf } from "../../../scripts/document/pointer.js";
import { isObject, type Json } from "../../../scripts/document/types.js";
import type { Base, Bases } from "../base.js";
import type { Case, CaseKind, Cause } from "../case.js";
import { type Flat, flatten, itemsOf, propertyOf } from "../flat.js";
import { idOf, isSafe } from "../id.js";
import { examplesAt, type OperationModel, type Parameter } from "../model.js";
import { labelOf, type Path, type Variant, variantsOf } from "../values.js";
import { bodyText, isForm, isJson, requestOf } from "../wire.js";

interface Own {
  readonly kind: CaseKind;
  readonly label: string;
  readonly name: string;
  readonly pointer: string;
  readonly covers: readonly string[];
  readonly opaque?: boolean | undefined;
  readonly mockOnly?: string | undefined;
  readonly mayStart?: boolean;
}

function caseOf(bases: Bases, operation: OperationModel, base: Base, own: Own, expect: Case["expect"]): Case {
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

/** The valid requests as a whole. */
export function wholeCases(bases: Bases, operation: OperationModel): Case[] {
  const covers = [operation.pointer, operation.pointer.slice(0, operation.pointer.lastIndexOf("/"))];
  const success: Case["expect"] = { is: "success" };
  const result: Case[] = [];
  const types = operation.request.length === 0 ? [undefined] : operation.request.map((media) => media.mediaType);
  for (const mediaType of types) {
    const label = mediaType ?? "request";
    for (const size of ["smallest", "full"] as const) {
      const base = bases.of(operation, size, mediaType);
      if (mediaType !== undefined && !base.body) continue;
      const parameterExamples = [...base.values.keys()].flatMap((parameter) => [
        parameter.pointer,
        ...parameter.examples.slice(0, 1).map((one) => one.pointer),
      ]);
      const own = {
        kind: "positive" as const,
        label,
        name: size,
        pointer: operation.pointer,
        covers: [...covers, ...parameterExamples],
      };
      result.push(caseOf(bases, operation, base, own, success));
    }
    if (mediaType !== undefined) result.push(...exampleCases(bases, operation, mediaType));
  }
  result.push(...variations(bases, operation));
  return result;
}

function exampleCases(bases: Bases, operation: OperationModel, mediaType: string): Case[] {
  const media = operation.request.find((one) => one.mediaType === mediaType);
  if (!media) return [];
  const own = examplesAt(bases.document, media.pointer);
  const root = media.schema === undefined ? undefined : bases.rootExample(media.schema);
  return [...own, ...(root ? [{ ...root, name: "default" }] : [])].flatMap(({ name, pointer, value }) => {
    const text = bodyText(mediaType, value);
    if (text === undefined) return [];
    const smallest = bases.of(operation, "smallest");
    const label = name === "default" ? "its own example" : `example ${name}`;
    const whole: Own = { kind: "request example", label: mediaType, name: label, pointer, covers: [media.pointer] };
    return [
      caseOf(bases, operation, { values: smallest.values, body: { mediaType, value, text } }, whole, { is: "success" }),
    ];
  });
}

/** The same request said in other words: charset, case, `Accept`. */
function variations(bases: Bases, operation: OperationModel): Case[] {
  const base = bases.of(operation, "smallest");
  const request = bases.request(operation, base);
  const make = (name: string, headers: Readonly<Record<string, string>>, pointer: string): Case => ({
    ...caseOf(
      bases,
      operation,
      base,
      { kind: "positive", label: "headers", name, pointer, covers: [] },
      { is: "success" },
    ),
    request: { ...request, headers: { ...request.headers, ...headers } },
  });
  const result: Case[] = [];
  if (base.body && isJson(base.body.mediaType) && operation.request[0]) {
    const { pointer } = operation.request[0];
    result.push(make("charset", { "content-type": `${base.body.mediaType}; charset=utf-8` }, pointer));
    result.push(make("media type in upper case", { "content-type": base.body.mediaType.toUpperCase() }, pointer));
  }
  const success = operation.responses.find((response) => /^2/.test(response.status));
  const [media] = success?.content ?? [];
  if (success && media) {
    result.push(make("Accept anything", { accept: "*/*" }, success.pointer));
    result.push(make("Accept by type", { accept: `${media.mediaType.split("/")[0]}/*` }, media.pointer));
    result.push(
      make("Accept with quality", { accept: `text/x-contract;q=0.9, ${media.mediaType};q=0.5` }, media.pointer),
    );
  }
  return result;
}

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
    const spoken = inText(flat, variant, parameter.in === "path");
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

/**
 * A variant as text can say it. On the wire every parameter and form field is text: a number as string is the number,
 * a text is never of the wrong type, and emptiness is absence. Wrong types are said by a word instead.
 */
function inText(flat: Flat, variant: Variant, path: boolean): Variant | undefined {
  const value = variant.path.length === 0 ? variant.value : leafOf(variant.value, variant.path);
  if (variant.rule === "required" || variant.name.startsWith("left out")) return path ? undefined : variant;
  if (value === null || value === "") return undefined;
  if (path && typeof value === "string" && /[/\\]|^\.+$/.test(value)) return undefined;
  if (Array.isArray(value) && value.length === 0) return undefined;
  if (variant.rule === "type") {
    if (variant.name === "fraction") return variant;
    // "contract" for a number or a boolean is the one wrong type that text can have.
    return typeof value === "string" && value === "contract" && isTextual(flat, variant.path) ? variant : undefined;
  }
  return variant;
}

/** Everything here is text on the wire, so whatever is accepted puts these types to the test. */
function textTypes(bases: Bases, flat: Flat): string[] {
  const below = [
    itemsOf(bases.document, flat),
    ...Object.keys(flat.properties).map((name) => propertyOf(bases.document, flat, name)),
  ];
  return [flat, ...below].flatMap((one) =>
    one?.said.type !== undefined && one.types.some((type) => /string|array|object/.test(type)) ? [one.said.type] : [],
  );
}

/** Whether the place is in reach of text: a leaf, or a leaf of a flat array or object. */
function isTextual(flat: Flat, path: Path): boolean {
  return path.length > 0 || !(flat.types.includes("array") || flat.types.includes("object"));
}

function leafOf(value: Json, path: Path): Json {
  let node: Json | undefined = value;
  for (const step of path)
    node = at({ here: node ?? null }, `/here/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`);
  return node ?? null;
}

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
    const spoken = isForm(body.mediaType) ? inText(flat, variant, false) : variant;
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

function refused(causes: readonly Cause[], within = false): Case["expect"] {
  return { is: "refused", causes, within };
}

const BRANCHING = new Set(["oneOf", "anyOf", "not", "if", "contains"]);

function refusedBy(errors: readonly ErrorObject[], root: readonly string[]): Case["expect"] {
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
